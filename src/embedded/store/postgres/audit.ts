import { CompiledQuery, sql } from 'kysely';
import type { Timestamp } from '../../../services/timestamp.js';
import type {
  Audit,
  Batches,
  DescribedImage,
  DescriptorForm,
  NeededBytes,
  UrlRow,
  WrongCount,
} from '../audit.js';
import type { KeyPair } from '../store.js';
import * as queries from './audit-queries.js';
import { runTransaction } from './failures.js';
import { halvesOf, hashBytes, urlHash } from './hashes.js';
import {
  addMissingKeys,
  correctUrlHash,
  insertNamelessCollection,
  insertOwnUrl,
  removeRowsThatNeed,
  removeUrl,
} from './repairs.js';
import type { Db } from './tables.js';

const BATCH = 500;

export class PostgresAudit implements Audit {
  readonly database = 'PostgreSQL';
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async integrityProblems(): Promise<readonly string[]> {
    const indexes = await this.#all<{ name: string }>(queries.INVALID_INDEXES);
    const constraints = await this.#all<{ name: string }>(queries.UNCHECKED_CONSTRAINTS);
    return [
      ...indexes.map(({ name }) => `the index ${name} is not valid`),
      ...constraints.map(({ name }) => `the constraint ${name} has not been checked for all rows`),
    ];
  }

  async rebuildIndexes(): Promise<void> {
    for (const { name } of await this.#all<{ name: string }>(queries.INVALID_INDEXES))
      await sql`reindex index ${sql.raw(name)}`.execute(this.#db);
  }

  missingCollections(): Batches<{ collectionId: string }> {
    return this.#batches<{ collectionId: string }>(queries.MISSING_COLLECTIONS, 'collectionId', '');
  }

  collectionsWithoutKeys(): Batches<{ collectionId: string }> {
    return this.#batches<{ collectionId: string }>(queries.COLLECTIONS_WITHOUT_KEYS, 'collectionId', '');
  }

  insertNamelessCollection(collectionId: string, createdAt: Timestamp): Promise<void> {
    return insertNamelessCollection(this.#db, collectionId, createdAt);
  }

  addMissingKeys(collectionId: string, keys: KeyPair, createdAt: Timestamp): Promise<void> {
    return addMissingKeys(this.#db, collectionId, keys, createdAt);
  }

  urlsWithoutEntry(): Batches<UrlRow> {
    return this.#ofEachPart<UrlRow>(queries.urlsWithoutEntry);
  }

  async *urlsWithWrongHash(): Batches<UrlRow> {
    type Row = UrlRow & { url_hash: Buffer };
    for await (const rows of this.#ofEachPart<Row>(queries.allUrls))
      yield rows
        .filter((row) => !row.url_hash.equals(urlHash(row.url)))
        .map(({ seq, content_hash, url }) => ({ seq, content_hash, url }));
  }

  entriesWithoutUrl(): Batches<UrlRow> {
    return this.#ofEachPart<UrlRow>(queries.entriesWithoutUrl);
  }

  removeUrl(seq: number): Promise<void> {
    return removeUrl(this.#db, seq);
  }

  correctUrlHash(row: UrlRow): Promise<void> {
    return correctUrlHash(this.#db, row);
  }

  insertOwnUrl(entrySeq: number): Promise<void> {
    return insertOwnUrl(this.#db, entrySeq);
  }

  /** A note of a change says that a row came or went, and the row itself says which. */
  async *wrongDeletions(): Batches<never> {}

  async deleteDeletion(): Promise<void> {}

  neededBytes(): Batches<NeededBytes> {
    return this.#batches<NeededBytes>(queries.NEEDED_BYTES, 'contentHash', '');
  }

  async countNeededBytes(): Promise<number> {
    const [row] = await this.#all<{ total: number }>(queries.COUNT_NEEDED_BYTES);
    return row!.total;
  }

  async findNeededBytes(contentHash: string): Promise<NeededBytes | null> {
    const [row] = await this.#all<{ size: number | null; rows: number }>(
      queries.NEEDED_BYTES_OF_ONE,
      hashBytes(contentHash),
    );
    return row!.rows > 0 ? { contentHash, size: row!.size } : null;
  }

  removeRowsThatNeed(contentHash: string, place: string | null): Promise<void> {
    return removeRowsThatNeed(this.#db, contentHash, place);
  }

  async correctSize(contentHash: string, size: number): Promise<void> {
    // Kysely knows the column as one that is never set again.
    const hash = hashBytes(contentHash);
    const update = sql`update all_entries set file_size_bytes = ${size} where content_hash = ${hash}`;
    await runTransaction(() => update.execute(this.#db));
  }

  wrongCounts(): Batches<WrongCount> {
    return this.#batches<WrongCount>(queries.WRONG_COUNTS, 'contentHash', '');
  }

  /** Counts once more: others write meanwhile, but the count of no bytes whose row is locked. */
  async correctCount(contentHash: string): Promise<void> {
    const hash = hashBytes(contentHash);
    await runTransaction(() =>
      this.#db.transaction().execute(async (transaction) => {
        await sql`select from blobs where content_hash = ${hash} for update`.execute(transaction);
        await sql`
          with needed as (
            select (select count(*) from all_entries where content_hash = ${hash})
                 + (select count(*) from images where content_hash = ${hash}) as refs)
          update blobs set refs = needed.refs,
            released_at = case when needed.refs = 0 then coalesce(released_at, clock_timestamp()) end
          from needed where content_hash = ${hash}`.execute(transaction);
      }),
    );
  }

  async knownPlaces(
    objects: readonly { contentHash: string; place: string }[],
  ): Promise<ReadonlySet<string>> {
    const rows = await this.#all<{ place: string }>(
      queries.KNOWN_PLACES,
      objects.map(({ contentHash }) => hashBytes(contentHash)),
      objects.map(({ place }) => place),
    );
    return new Set(rows.map(({ place }) => place));
  }

  brokenHashes(): Batches<{ seq: number; contentHash: string }> {
    return this.#ofEachPart<{ seq: number; contentHash: string }>(queries.brokenHashes);
  }

  async correctHash(entrySeq: number, perceptualHash: string | null): Promise<void> {
    const [high, low] = halvesOf(perceptualHash);
    await runTransaction(() =>
      sql`
        with corrected as (
          update all_entries set hash_high = ${high}::integer, hash_low = ${low}::integer
          where seq = ${entrySeq} and (hash_high is null) <> (hash_low is null)
          returning seq)
        insert into changes (seq) select seq from corrected`.execute(this.#db),
    );
  }

  brokenDescriptors(form: DescriptorForm): Batches<DescribedImage> {
    return this.#batches<DescribedImage>(queries.brokenDescriptors(form), 'seq', 0);
  }

  async #all<Row>(query: string, ...parameters: unknown[]): Promise<Row[]> {
    const { rows } = await runTransaction(() =>
      this.#db.executeQuery<Row>(CompiledQuery.raw(query, parameters)),
    );
    return rows;
  }

  /** The rows of a query on the tables of the default bucket, then those on the tables of all others; each by seq. */
  async *#ofEachPart<Row extends { seq: number }>(query: (part: queries.Part) => string): Batches<Row> {
    for (const part of queries.PARTS) yield* this.#batches<Row>(query(part), 'seq', 0);
  }

  /**
   * The rows of a query, in the order of one of their columns, which no two of them share.
   *
   * @param query takes a value of the column, to begin behind, and how many rows; it orders by the column
   * @param first comes before all values of the column
   */
  async *#batches<Row>(
    query: string,
    column: keyof Row & string,
    first: string | number,
  ): AsyncGenerator<readonly Row[]> {
    let after: unknown = first;
    for (;;) {
      const rows = await this.#all<Row>(query, after, BATCH);
      if (rows.length > 0) yield rows;
      if (rows.length < BATCH) return;
      after = rows.at(-1)![column];
    }
  }
}
