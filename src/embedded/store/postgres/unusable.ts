import pg from 'pg';
import type { PostgresAddress } from './address.js';
import { codeOf, isTimeout, NoConnectionError, UnusableDatabaseError } from './errors.js';

/** Says in one line why a database cannot be opened, where that is why; what the server says holds no password. */
export function explainUnusable(error: unknown, address: PostgresAddress): unknown {
  if (error instanceof UnusableDatabaseError) return error;
  if (codeOf(error) === undefined && !(error instanceof NoConnectionError) && !isTimeout(error)) return error;
  const failure = error instanceof NoConnectionError ? error.cause : error;
  const problem =
    error instanceof NoConnectionError
      ? (ofConnection(failure, address) ?? ofServer(failure))
      : ofServer(failure);
  return new UnusableDatabaseError(problem, { cause: failure });
}

/** Null for what the server says by itself. */
function ofConnection(error: unknown, { host, port, user, database }: PostgresAddress): string | null {
  const code = codeOf(error);
  const place = host.startsWith('/') ? `the socket in ${host}` : `${host}:${port}`;
  const name = user === undefined ? 'the user' : `the user ${JSON.stringify(user)}`;
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `no server listens at ${place} (${code}).`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no address is found for the host ${host} (${code}).`;
    case '28P01':
      return `the password is not that of ${name} (${code}).`;
    case '28000':
      return `the server does not let ${name} in${inBrackets(error)}.`;
    case '3D000':
      return `the server has no database ${JSON.stringify(database)} (${code}).`;
    case undefined:
      break;
    default:
      return error instanceof pg.DatabaseError ? null : `${place} cannot be reached${inBrackets(error)}.`;
  }
  const message = error instanceof Error ? error.message : '';
  if (/timeout|timed out/i.test(message)) return `no database responds at ${place}.`;
  if (/password must be a string/.test(message))
    return `the server asks for a password, and there is none for ${name}.`;
  if (/does not support SSL/.test(message))
    return `the server at ${place} has no TLS, which sslmode asks for.`;
  return `what responds at ${place} is not PostgreSQL.`;
}

function ofServer(error: unknown): string {
  if (isTimeout(error))
    return `the database took too long to be opened${inBrackets(error)}: another gateway may be migrating it.`;
  switch (codeOf(error)) {
    case '25006':
      return 'the database can only be read (25006); the primary is needed, and one that may be written.';
    case '42501':
      return `the user may not make what lookalike needs: tables, and the extension pg_trgm${inBrackets(error)}.`;
  }
  return `the database cannot be used${inBrackets(error)}.`;
}

function inBrackets(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) return '';
  // Where a name has several addresses, the error for all of them has no message of its own.
  return error.message === '' ? ` (${code})` : ` (${code}: ${plain(error.message)})`;
}

/** One line of bounded length. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 300);
}
