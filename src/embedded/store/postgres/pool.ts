import { createHash } from 'node:crypto';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import type { OnSql } from '../sql-report.js';
import type { PostgresAddress } from './address.js';
import { isBroken, NoConnectionError, UnusableDatabaseError } from './errors.js';
import { valueTypes } from './values.js';

/** How long a connection may take to be made, or to come free in the pool. */
const CONNECT_TIMEOUT_MS = 4000;
/** How long a statement may take. With the time to connect it is less than an outage may keep a request waiting. */
const STATEMENT_TIMEOUT_MS = 8000;
const KEEP_ALIVE_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
const OLDEST_VERSION = 140_000;

export interface PoolOptions {
  /** @default what the address says */
  maxConnections?: number | undefined;
  /** @default 8 s; 0 for none */
  statementTimeoutMs?: number | undefined;
  onSql?: OnSql | undefined;
}

export interface PoolFigures {
  total: number;
  idle: number;
  waiting: number;
}

/**
 * The connections of one process or thread. No session keeps anything: a bouncer may give each transaction another one.
 * A connection that failed, or that turned out to lead to a standby, is closed and not used again.
 */
export class Pool implements PostgresPool {
  readonly #pool: pg.Pool;
  readonly #prepares: boolean;
  readonly #onSql: OnSql | undefined;

  constructor(address: PostgresAddress, { maxConnections, statementTimeoutMs, onSql }: PoolOptions = {}) {
    this.#pool = new pg.Pool({
      host: address.host,
      port: address.port,
      database: address.database,
      user: address.user,
      password: address.password,
      ssl: address.ssl,
      application_name: address.applicationName,
      max: maxConnections ?? address.maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      types: valueTypes,
      onConnect: requirePrimary,
      Client: ClosingClient,
    });
    // An idle connection that the server ends is taken out of the pool; without a listener the process would end.
    this.#pool.on('error', () => {});
    this.#prepares = address.prepares;
    this.#onSql = onSql;
  }

  /** @throws UnusableDatabaseError, NoConnectionError */
  async connect(): Promise<PostgresPoolClient> {
    try {
      return new PooledClient(await this.#pool.connect(), this.#prepares, this.#onSql);
    } catch (error) {
      throw error instanceof UnusableDatabaseError ? error : new NoConnectionError(error);
    }
  }

  figures(): PoolFigures {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { total: totalCount, idle: idleCount, waiting: waitingCount };
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

/** `pg` leaves a connection open where it has no password to give to the server. */
class ClosingClient extends pg.Client {
  override connect(): Promise<pg.Client>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): unknown {
    if (!callback) return super.connect();
    return super.connect((error: Error) => {
      if (error) void this.end();
      callback(error);
    });
  }
}

class PooledClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #prepares: boolean;
  readonly #onSql: OnSql | undefined;
  #broken = false;

  constructor(client: pg.PoolClient, prepares: boolean, onSql: OnSql | undefined) {
    this.#client = client;
    this.#prepares = prepares;
    this.#onSql = onSql;
    client.on('error', this.#markBroken);
  }

  readonly #markBroken = () => {
    this.#broken = true;
  };

  // Kysely's type has an overload for cursors too, which this dialect is not given.
  query = this.#execute as unknown as PostgresPoolClient['query'];

  async #execute(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> {
    // The server rolls back the transaction of a lost connection; the first error says why.
    if (text === 'rollback' && this.#broken) return NOTHING;
    const startedAt = performance.now();
    try {
      const result = await this.#client.query({ text, values: [...parameters], ...this.#named(text) });
      return { command: result.command as 'SELECT', rowCount: result.rowCount ?? 0, rows: result.rows };
    } catch (error) {
      if (isBroken(error)) this.#broken = true;
      throw error;
    } finally {
      this.#onSql?.({
        kind: WRITES.test(text) ? 'WRITE' : 'READ',
        durationMs: performance.now() - startedAt,
      });
    }
  }

  #named(text: string): { name?: string } {
    const name = this.#prepares ? statementName(text) : undefined;
    return name === undefined ? {} : { name };
  }

  release(): void {
    this.#client.off('error', this.#markBroken);
    this.#client.release(this.#broken);
  }
}

const NOTHING: PostgresQueryResult<never> = { command: 'SELECT', rowCount: 0, rows: [] };
const WRITES = /\b(insert into|delete from|update \w+ set|commit)\b/;

const names = new Map<string, string>();

/** Each session keeps the statements that have a name: those of lists by a filter are too many. */
const MAX_NAMES = 200;

/** Of each text one name; none once there are too many. */
function statementName(text: string): string | undefined {
  let name = names.get(text);
  if (!name && names.size < MAX_NAMES) {
    name = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    names.set(text, name);
  }
  return name;
}

/** A standby takes no writes, and its snapshots do not list what is running: followers of changes would lose rows. */
async function requirePrimary(client: pg.ClientBase): Promise<void> {
  // The types lack a time limit of one statement, which this one needs where there is none for all.
  const query: pg.QueryConfig & { query_timeout: number } = {
    text: `select pg_is_in_recovery() as standby, current_setting('server_version_num')::int as version,
       current_setting('DateStyle') as dates`,
    query_timeout: CONNECT_TIMEOUT_MS,
  };
  const { rows } = await client.query<{ standby: boolean; version: number; dates: string }>(query);
  const { standby, version, dates } = rows[0]!;
  if (standby)
    throw new UnusableDatabaseError('it leads to a standby, which only reads; the primary is needed.');
  if (version < OLDEST_VERSION)
    throw new UnusableDatabaseError(
      `PostgreSQL ${Math.floor(version / 10_000)} is too old; 14 or newer is needed.`,
    );
  if (!dates.startsWith('ISO'))
    throw new UnusableDatabaseError(
      `the setting DateStyle is ${dates}; ISO is needed (alter role … set DateStyle).`,
    );
}
