/** Thrown when the database that was reached is not one to work with. The message is one line. */
export class UnusableDatabaseError extends Error {
  override readonly name = 'UnusableDatabaseError';

  constructor(problem: string, options?: ErrorOptions) {
    super(`DATABASE_URL: ${problem}`, options);
  }
}

/** No connection was made, or none came free: nothing was asked of the database. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';
  /** That of the cause. */
  readonly code: string | undefined;

  constructor(cause: unknown) {
    super('There is no connection to the database.', { cause });
    this.code = codeOf(cause);
  }
}

/** The SQLSTATE of an error, or the code of one of the network; undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The constraint that an error names. */
export function constraintOf(error: unknown): string | undefined {
  return error instanceof Error && 'constraint' in error ? String(error.constraint) : undefined;
}

const READ_ONLY = '25006';
/** 57P01 to 57P05: the server ends, ended, or has not begun; or it closed the session. */
const SERVER_ENDS = /^57P0[1-5]$/;
/** Of the protocol between connection and server, and of a bouncer. */
const CONNECTION = /^08/;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
  'ENOENT',
]);
/** Messages of `pg` for errors without a code. */
const CONNECTION_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|The server does not support SSL)/;
const TIMEOUT_MESSAGE = /^Query read timeout/;
/** By statement_timeout or lock_timeout of the role, or by somebody who cancelled. */
const TIMEOUTS = new Set(['57014', '55P03', '25P03']);

/** Whether a statement took longer than it may. */
export function isTimeout(error: unknown): boolean {
  if (error instanceof NoConnectionError) return false;
  const code = codeOf(error);
  return code === undefined ? hasMessage(error, TIMEOUT_MESSAGE) : TIMEOUTS.has(code);
}

/** Whether the connection was lost, or never made. */
export function isLostConnection(error: unknown): boolean {
  if (error instanceof NoConnectionError) return true;
  const code = codeOf(error);
  if (code === undefined) return hasMessage(error, CONNECTION_MESSAGES);
  return NETWORK.has(code) || CONNECTION.test(code) || SERVER_ENDS.test(code);
}

/** Whether the connection is good for nothing any more. */
export function isBroken(error: unknown): boolean {
  return isLostConnection(error) || codeOf(error) === READ_ONLY || hasMessage(error, TIMEOUT_MESSAGE);
}

/** 53: no memory, no disk, no connections. 58: of the system. XX: of PostgreSQL itself. */
const UNAVAILABLE = /^(53|58|XX)/;

/** Whether the database cannot do anything now. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return (
    error instanceof UnusableDatabaseError ||
    isLostConnection(error) ||
    code === READ_ONLY ||
    UNAVAILABLE.test(code) ||
    TRANSIENT.has(code)
  );
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const FOREIGN_KEY = '23503';
const UNIQUE = '23505';
const TRANSIENT: ReadonlySet<string> = new Set([SERIALIZATION_FAILURE, DEADLOCK]);
const RACES: ReadonlySet<string> = new Set([...TRANSIENT, FOREIGN_KEY, UNIQUE]);

/** Whether an error says something of the database itself, and not of two transactions that met each other. */
export function isOutage(error: unknown): boolean {
  return isTimeout(error) || (isUnavailable(error) && !TRANSIENT.has(codeOf(error) ?? ''));
}

/** Whether the same transaction may succeed when it is run again: it met another one, or a server that ends. */
export function mayRunAgain(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return RACES.has(code) || code === READ_ONLY || isLostConnection(error);
}

/** Whether it is not known what became of the transaction. */
export function isUnknownOutcome(error: unknown): boolean {
  return isLostConnection(error) && !(error instanceof NoConnectionError);
}

function hasMessage(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && pattern.test(error.message);
}
