import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

/** How a database is reached and used, as DATABASE_URL says it. */
export interface PostgresAddress {
  /** A name, an IP address, or the folder of a Unix socket. */
  host: string;
  port: number;
  database: string;
  user: string | undefined;
  password: string | undefined;
  applicationName: string;
  /** How many connections one process opens at most. */
  maxConnections: number;
  /** False for a connection without TLS. */
  ssl: false | ConnectionOptions;
  /** Whether statements are prepared by name, which a bouncer that shares connections cannot have. */
  prepares: boolean;
}

/** Thrown when DATABASE_URL is not one to use. The message is one line, and holds no password. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';

  constructor(problem: string) {
    super(`DATABASE_URL: ${problem}`);
  }
}

const SSL_MODES = ['disable', 'no-verify', 'require', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

const PARAMETERS: ReadonlySet<string> = new Set([
  'application_name',
  'host',
  'max',
  'prepare',
  'sslmode',
  'sslrootcert',
]);

const DEFAULT_MAX_CONNECTIONS = 10;
const MAX_CONNECTIONS = 1000;
const DEFAULT_PORT = 5432;

/**
 * Reads `postgres://user:password@host:port/database` with these parameters:
 * - `max`: connections of one process, 1 to 1000, 10 without it
 * - `sslmode`: `disable` (without it), `require` and `verify-full` (TLS with a certificate that is checked), `no-verify`
 * - `sslrootcert`: the file of the authority that signed the certificate
 * - `prepare`: `1` to prepare statements by name, which a bouncer in transaction mode cannot have
 * - `application_name`: the name in the database's list of connections
 * - `host`: the folder of a Unix socket
 *
 * @throws DatabaseUrlError
 */
export function parsePostgresUrl(text: string): PostgresAddress {
  const url = parseUrl(text);
  const parameters = readParameters(url);
  const database = decoded(url.pathname.slice(1), 'database');
  if (database === '')
    throw new DatabaseUrlError('the name of the database is missing (postgres://host/name).');
  if (database.includes('/')) throw new DatabaseUrlError('the name of a database has no "/".');
  const socket = parameters.get('host');
  if (socket !== undefined && !socket.startsWith('/'))
    throw new DatabaseUrlError(
      'the parameter host is for the folder of a Unix socket, which begins with "/".',
    );
  const host = socket ?? url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') throw new DatabaseUrlError('the host is missing (postgres://host/name).');
  return {
    host: decoded(host, 'host'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
    user: decoded(url.username, 'user') || undefined,
    password: decoded(url.password, 'password') || undefined,
    applicationName: parameters.get('application_name') ?? 'lookalike',
    maxConnections: readCount(parameters.get('max')),
    ssl: readSsl(parameters.get('sslmode'), parameters.get('sslrootcert')),
    prepares: readSwitch(parameters.get('prepare')),
  };
}

function parseUrl(text: string): URL {
  if (!/^postgres(ql)?:\/\//.test(text)) throw new DatabaseUrlError('it must begin with "postgres://".');
  const [, authority = ''] = /^[^/]*\/\/([^/?#]*)/.exec(text) ?? [];
  if (authority.slice(authority.lastIndexOf('@') + 1).includes(','))
    throw new DatabaseUrlError(
      'several hosts are not supported. Give one name that leads to the primary (DNS, a virtual address, a bouncer).',
    );
  if (!URL.canParse(text))
    throw new DatabaseUrlError(
      'it is not a URL. Characters like "@", "/" and "#" in a password are percent-encoded.',
    );
  const url = new URL(text);
  if (url.hash !== '') throw new DatabaseUrlError('a "#" is percent-encoded as %23.');
  return url;
}

function readParameters(url: URL): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (!PARAMETERS.has(name))
      throw new DatabaseUrlError(
        `the parameter ${JSON.stringify(name)} is unknown; known are ${[...PARAMETERS].join(', ')}.`,
      );
    if (parameters.has(name)) throw new DatabaseUrlError(`the parameter ${name} is given twice.`);
    parameters.set(name, value);
  }
  return parameters;
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError(`the ${part} is not percent-encoded rightly.`);
  }
}

function readCount(text = String(DEFAULT_MAX_CONNECTIONS)): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MAX_CONNECTIONS)
    throw new DatabaseUrlError(`max must be a whole number from 1 to ${MAX_CONNECTIONS}.`);
  return count;
}

function readSwitch(text = '0'): boolean {
  if (text !== '0' && text !== '1') throw new DatabaseUrlError('prepare must be 0 or 1.');
  return text === '1';
}

/** Read here, because what `pg` makes of these modes changes with its versions. */
function readSsl(mode = 'disable', rootCertificate?: string): false | ConnectionOptions {
  if (!SSL_MODES.includes(mode as SslMode))
    throw new DatabaseUrlError(`sslmode must be one of ${SSL_MODES.join(', ')}.`);
  const verifies = mode === 'require' || mode === 'verify-full';
  if (rootCertificate !== undefined && !verifies)
    throw new DatabaseUrlError('sslrootcert needs sslmode=verify-full.');
  if (mode === 'disable') return false;
  return {
    rejectUnauthorized: verifies,
    ...(rootCertificate !== undefined && { ca: readCertificate(rootCertificate) }),
  };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DatabaseUrlError(`sslrootcert cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
