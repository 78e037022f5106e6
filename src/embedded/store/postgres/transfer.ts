import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import {
  type BytesRow,
  type ImportState,
  KINDS,
  type Kind,
  OtherRowsError,
  type RowKey,
  type RowsOfKind,
  type Transfer,
} from '../transfer.js';
import { runTransaction } from './failures.js';
import { FIRST_ROWS_LOCK, findImport } from './imports.js';
import { MAPPINGS } from './row-mappings.js';
import type { Db } from './tables.js';

/** The tables with a sequence of numbers, and those of all rows that it numbers. */
const NUMBERED = [
  ['entries', 'all_entries'],
  ['entry_urls', 'all_entry_urls'],
  ['images', 'images'],
] as const;

/** All rows of a database. */
export class PostgresTransfer implements Transfer {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async count(kind: Kind): Promise<number> {
    const [row] = await this.#all<{ count: number }>(`select count(*) as count from ${MAPPINGS[kind].from}`);
    return row!.count;
  }

  async read<K extends Kind>(kind: K, after: RowKey | null, limit: number): Promise<RowsOfKind[K][]> {
    const { from, key, keyFrom, columns, toRow } = MAPPINGS[kind];
    const behind = after === null ? '' : `and ${key} > ${keyFrom}`;
    const query = `select ${columns} from ${from} ${behind} order by ${key} limit ${limit}`;
    return (await this.#all<never>(query, ...(after === null ? [] : [after]))).map(toRow);
  }

  async lastKey(kind: Kind): Promise<RowKey | null> {
    const { from, key, keyText } = MAPPINGS[kind];
    const [row] = await this.#all<{ key: RowKey }>(
      `select ${keyText} as key from ${from} order by ${key} desc limit 1`,
    );
    return row?.key ?? null;
  }

  async write<K extends Exclude<Kind, 'bytes'>>(kind: K, rows: readonly RowsOfKind[K][]): Promise<void> {
    const { from, written, toValues } = MAPPINGS[kind];
    const [table] = from.split(' ');
    const into = `${table} (${Object.keys(written).join(', ')})`;
    const numbered = 'seq' in written ? 'overriding system value' : '';
    await this.#all(
      `insert into ${into} ${numbered} select * from ${unnested(Object.values(written))} on conflict do nothing`,
      ...columnsOf(rows.map(toValues), Object.keys(written).length),
    );
  }

  /** The places are no garbage from then on. */
  async writeBytes(rows: readonly (BytesRow & { place: string })[]): Promise<void> {
    const values = rows.map((row) => [...MAPPINGS.bytes.toValues(row), row.place]);
    await this.#all(
      `with given as materialized (
         select * from ${unnested([...Object.values(MAPPINGS.bytes.written), 'text'])}
           as given (content_hash, refs, blake3, place)),
       granted as (delete from blob_garbage using given where blob_garbage.place = given.place),
       added as (insert into blobs (content_hash, refs, blake3, place) select * from given on conflict do nothing)
       select 1`,
      ...columnsOf(values, 4),
    );
  }

  async importState(): Promise<ImportState | null> {
    return runTransaction(() => findImport(this.#db));
  }

  /** Under the lock that a gateway makes its first collection under: a gateway comes before it, or finds it begun. */
  async beginImport(source: string): Promise<ImportState> {
    return runTransaction(() =>
      this.#db.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${FIRST_ROWS_LOCK})`.execute(transaction);
        const begun = await findImport(transaction);
        if (begun && begun.source !== source) throw new OtherRowsError();
        if (begun) return begun;
        const { rows } = await sql<{ any: boolean }>`select ${ANY_ROWS} as any`.execute(transaction);
        if (rows[0]!.any) throw new OtherRowsError();
        await transaction.insertInto('imports').values({ source, finished_at: null }).execute();
        return { source, finished: false };
      }),
    );
  }

  async finishImport(): Promise<void> {
    await runTransaction(() =>
      this.#db.transaction().execute(async (transaction) => {
        for (const [table, from] of NUMBERED)
          await sql`
            select setval(pg_get_serial_sequence(${table}, 'seq'), max(seq)) from ${sql.table(from)}
            having max(seq) is not null`.execute(transaction);
        await sql`update imports set finished_at = clock_timestamp()`.execute(transaction);
      }),
    );
  }

  async #all<Row>(query: string, ...parameters: unknown[]): Promise<Row[]> {
    const { rows } = await runTransaction(() =>
      this.#db.executeQuery<Row>(CompiledQuery.raw(query, parameters)),
    );
    return rows;
  }
}

/** A released row, too: it is one of another installation. */
const ANY_ROWS: RawBuilder<unknown> = sql.raw(
  ['blobs', ...KINDS.map((kind) => MAPPINGS[kind].from.split(' ')[0]!)]
    .map((table) => `exists (select from ${table})`)
    .join(' or '),
);

function unnested(types: readonly string[]): string {
  return `unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})`;
}

/** An array for each column: one statement for any number of rows. */
function columnsOf(rows: readonly unknown[][], columns: number): unknown[][] {
  return Array.from({ length: columns }, (_, column) => rows.map((row) => row[column]));
}
