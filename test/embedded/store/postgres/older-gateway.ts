import { randomBytes } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { MIGRATIONS, type Migration, migrate } from '#src/embedded/store/postgres/migrate.js';
import type { Tables } from '#src/embedded/store/postgres/tables.js';

/*
 * A gateway of the version before buckets, as far as it writes entries: its statements, as they were.
 */

/** The number of migrations that it knows. */
export const OLDER_VERSION = 6;

export interface OlderEntry {
  contentHash: string;
  url: string;
  /** In two halves; null for none. */
  hash?: readonly [number, number] | null;
}

export class OlderGateway {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 2 });
    // Of a connection that is terminated between two statements.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    this.#pool.on('error', () => {});
  }

  /**
   * Makes the tables of its version, or finds those that it can work with.
   * @throws TablesVersionError
   */
  async start(migrations: readonly Migration[] = MIGRATIONS.slice(0, OLDER_VERSION)): Promise<void> {
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.#pool }) });
    await migrate(db, migrations);
  }

  /** @returns whether it made an entry; else there was one, and has the URL */
  async store({ contentHash, url, hash = null }: OlderEntry): Promise<boolean> {
    const bytes = Buffer.from(contentHash, 'hex');
    const place = `aa/bb/${contentHash}-${randomBytes(8).toString('hex')}`;
    await this.query('insert into blob_garbage (place, content_hash) values ($1, $2)', [place, bytes]);
    const created = await this.query(CREATE_ENTRY, [place, bytes, url, ...(hash ?? [null, null])]);
    if (created[0]!.seq !== null) return true;
    await this.query(ADD_URL, [bytes, url]);
    return false;
  }

  async delete(contentHash: string): Promise<boolean> {
    return (await this.query(DELETE_ENTRY, [Buffer.from(contentHash, 'hex')])).length > 0;
  }

  async find(contentHash: string): Promise<Record<string, unknown>[]> {
    return this.query('select * from entries where content_hash = $1', [Buffer.from(contentHash, 'hex')]);
  }

  async query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.#pool.query<Record<string, unknown>>(text, values)).rows;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

const CREATE_ENTRY = `
  with granted as (delete from blob_garbage where place = $1 and claimed is null returning place),
  clock as materialized (select coalesce(null::timestamptz, clock_timestamp()) as now),
  added as (
    insert into entries (content_hash, url, content_type, file_size_bytes, original_filename, width, height,
      hash_high, hash_low, client_name, lookup_time, created_at)
    select $2, $3, 'image/png', 1, null, 1, 1, $4::integer, $5::integer, 'older', coalesce(null::timestamptz, now), now
    from granted, clock
    on conflict (content_hash) do nothing
    returning *),
  counted as (
    insert into blobs (content_hash, place, refs) select $2, $1, 1 from added
    on conflict (content_hash) do update set refs = blobs.refs + 1, released_at = null
    returning place),
  given_back as (
    insert into blob_garbage (place, content_hash)
    select $1, $2 from granted where not exists (select from counted where place = $1)),
  named as (
    insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
    select content_hash, url, substring(sha256(url::bytea) for 16), client_name, lookup_time, created_at from added),
  noted as (insert into changes (seq) select seq from added where hash_high is not null)
  select entries.seq from (select) as one left join added as entries on true`;

const ADD_URL = `
  with known as materialized (select * from entries where content_hash = $1 for key share),
  clock as materialized (select coalesce(null::timestamptz, clock_timestamp()) as now),
  named as (
    insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
    select content_hash, $2, substring(sha256($2::text::bytea) for 16), 'older', now, now
    from known, clock
    on conflict (content_hash, url_hash) do nothing
    returning seq)
  select entries.seq from known as entries`;

const DELETE_ENTRY = `
  with removed as (delete from entries where content_hash = $1 returning seq, content_hash, hash_high),
  released as (
    update blobs set refs = refs - 1, released_at = case when refs = 1 then clock_timestamp() end
    from removed where blobs.content_hash = removed.content_hash),
  noted as (insert into changes (seq) select seq from removed where hash_high is not null)
  select seq from removed`;
