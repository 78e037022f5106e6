import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

/*
 * A real PostgreSQL for tests, in a folder of its own, which goes with it. The server refuses to run as root, so it then
 * runs as the user that its package made.
 */

const VERSIONS = '/usr/lib/postgresql';
const USER = 'lookalike';
const BOUNCER = '/usr/sbin/pgbouncer';

/** The programs of the newest version that is installed; null where there is none. */
const binaries = findBinaries();
/** Who runs the server. */
const owner = findOwner();

/** Why tests with PostgreSQL are skipped; null where they run. */
export const postgresMissing: string | null =
  binaries && owner ? null : 'skipped: no PostgreSQL here; apt-get install postgresql';
/** The same of those through a bouncer. */
export const bouncerMissing: string | null =
  postgresMissing ?? (existsSync(BOUNCER) ? null : 'skipped: no pgbouncer here; apt-get install pgbouncer');

function findBinaries(): string | null {
  if (!existsSync(VERSIONS)) return null;
  const [newest] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
  const folder = newest === undefined ? null : join(VERSIONS, newest, 'bin');
  return folder && existsSync(join(folder, 'initdb')) ? folder : null;
}

function findOwner(): { uid?: number; gid?: number } | null {
  if (process.getuid!() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('postgres:'));
  if (!line) return null;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** A server as those see it that only make databases on it. */
export interface DatabaseServer {
  port: number;
  /** The names of those that were made by this test file. */
  databases: string[];
  stop(): Promise<void>;
}

export interface TestServer extends DatabaseServer {
  folder: string;
  /** Ends the server at once, as a loss of power does, but for what the system still holds. */
  kill(): Promise<void>;
  /** Starts it again in the same folder. */
  start(): Promise<void>;
  /** Starts a copy that follows it and can only be read. */
  startStandby(): Promise<TestServer & { promote(): Promise<void> }>;
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Whether commits are waited for until they are on the disk. */
  durable?: boolean;
  /** More lines of postgresql.conf. */
  settings?: string;
  /** Files of the server's certificate and key. */
  tls?: { certificate: string; key: string };
}

/** Starts a server; where there is none to start, tests are to be skipped. */
export async function startPostgres({
  durable = false,
  settings = '',
  tls,
}: TestServerOptions = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-postgres-'));
  give(folder);
  const data = join(folder, 'data');
  const port = await freePort();
  const initdb = ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  await promisify(execFile)(join(binaries!, 'initdb'), initdb, { ...owner, cwd: folder });
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '${folder}'\nmax_connections = 400
${durable ? '' : 'fsync = off\nfull_page_writes = off\n'}${settings}\n`,
  );
  if (tls) useTls(data, tls);
  return serve(folder, port);
}

/** The server refuses a key that others may read. */
function useTls(data: string, { certificate, key }: { certificate: string; key: string }): void {
  copyFileSync(certificate, join(data, 'server.crt'));
  copyFileSync(key, join(data, 'server.key'));
  chmodSync(join(data, 'server.key'), 0o600);
  give(join(data, 'server.crt'));
  give(join(data, 'server.key'));
  appendFileSync(join(data, 'postgresql.auto.conf'), 'ssl = on\n');
}

async function serve(folder: string, port: number): Promise<TestServer> {
  const data = join(folder, 'data');
  let server = await run(data, port);
  return {
    port,
    folder,
    databases: [],
    kill: () => end(server, 'SIGQUIT'),
    async start() {
      server = await run(data, port);
    },
    startStandby: () => startStandby(port),
    async stop() {
      await end(server, 'SIGQUIT');
      rmSync(folder, { recursive: true });
    },
  };
}

async function startStandby(primary: number): Promise<TestServer & { promote(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-standby-'));
  give(folder);
  const data = join(folder, 'data');
  const port = await freePort();
  const from = [
    '-h',
    '127.0.0.1',
    '-p',
    String(primary),
    '-U',
    USER,
    '-D',
    data,
    '-R',
    '-c',
    'fast',
    '-X',
    'stream',
  ];
  await promisify(execFile)(join(binaries!, 'pg_basebackup'), from, { ...owner, cwd: folder });
  appendFileSync(
    join(data, 'postgresql.auto.conf'),
    `port = ${port}\nunix_socket_directories = '${folder}'\n`,
  );
  return {
    ...(await serve(folder, port)),
    async promote() {
      const client = new pg.Client(adminUrl(port));
      await client.connect();
      await client.query('select pg_promote()');
      await client.end();
    },
  };
}

async function run(data: string, port: number): Promise<ChildProcess> {
  const server = spawn(join(binaries!, 'postgres'), ['-D', data], {
    ...owner,
    cwd: data,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  endWithThisProcess(server);
  await untilReady(server, adminUrl(port));
  return server;
}

/** Waits until connections are taken. */
async function untilReady(server: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`It ended with ${server.exitCode}.`);
    const client = new pg.Client(url);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(50);
    }
  }
}

function endWithThisProcess(server: ChildProcess): void {
  const kill = () => server.kill('SIGKILL');
  // Before others remove the folder that it lies in.
  process.prependOnceListener('exit', kill);
  server.once('exit', () => process.off('exit', kill));
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill(signal);
  await ended;
}

function adminUrl(port: number): string {
  return `postgres://${USER}@127.0.0.1:${port}/postgres`;
}

/**
 * Makes a database.
 * @param template the URL of a database that nobody is connected to: the new one is its copy, else it is empty
 * @returns its URL
 */
export async function createDatabase(
  { port, databases }: Pick<DatabaseServer, 'port' | 'databases'>,
  template?: string,
): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const copied = template === undefined ? '' : ` template ${new URL(template).pathname.slice(1)}`;
  await administer(port, [`create database ${name}${copied}`]);
  databases.push(name);
  return `postgres://${USER}@127.0.0.1:${port}/${name}`;
}

/** Drops databases, whoever is still connected to them. */
export function dropDatabases(port: number, names: readonly string[]): Promise<void> {
  return administer(
    port,
    names.map((name) => `drop database ${name} with (force)`),
  );
}

async function administer(port: number, statements: readonly string[]): Promise<void> {
  const client = new pg.Client(adminUrl(port));
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestBouncer {
  /** The URL of a database by way of the bouncer. */
  through(url: string): string;
  stop(): Promise<void>;
}

/** Starts pgbouncer before a server: each transaction may get another of a few connections. */
export async function startBouncer(server: Pick<DatabaseServer, 'port'>): Promise<TestBouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-bouncer-'));
  const port = await freePort();
  writeFileSync(join(folder, 'users.txt'), `"${USER}" ""\n`);
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]
* = host=127.0.0.1 port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
unix_socket_dir =
`,
  );
  for (const path of [folder, join(folder, 'users.txt'), join(folder, 'pgbouncer.ini')]) give(path);
  const bouncer = spawn(BOUNCER, ['-q', join(folder, 'pgbouncer.ini')], { ...owner, stdio: 'ignore' });
  endWithThisProcess(bouncer);
  await untilReady(bouncer, adminUrl(port));
  return {
    through: (url) => url.replace(`:${server.port}/`, `:${port}/`),
    async stop() {
      await end(bouncer, 'SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}

function give(path: string): void {
  if (owner?.uid !== undefined) chownSync(path, owner.uid, owner.gid!);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
