import { sql } from 'kysely';
import type Database from 'libsql';
import { hashChunks } from '../../../services/hamming-distance.js';
import { now, type Timestamp } from '../../../services/timestamp.js';
import type {
  Audit,
  Batches,
  DeletableKind,
  DescribedImage,
  DescriptorForm,
  NeededBytes,
  RemovedRows,
  UrlRow,
  WrongCount,
} from '../audit.js';
import type { KeyPair } from '../store.js';
import * as queries from './audit-queries.js';
import { insertCollectionRow } from './collections.js';
import { urlHash } from './entries.js';
import { deleteImage } from './images.js';
import { deleteEntry } from './store-entry.js';
import type { Db } from './tables.js';

const BATCH = 500;
const DELETIONS = { entry: 'deleted_entries', image: 'deleted_images' } as const;
const NO_HASH = [null, null, null, null] as const;

export class SqliteAudit implements Audit {
  readonly database = 'SQLite';
  readonly #db: Db;
  readonly #connection: Database.Database;

  constructor(db: Db, connection: Database.Database) {
    this.#db = db;
    this.#connection = connection;
  }

  async integrityProblems(quick: boolean): Promise<readonly string[]> {
    const pragma = quick ? 'quick_check' : 'integrity_check';
    try {
      const rows = this.#connection.prepare(`pragma ${pragma}`).raw().all() as [string][];
      const lines = rows.map(([line]) => line).filter((line) => line !== 'ok');
      // It looks at the index of trigrams alone, and does not compare it with its table.
      return quick || lines.length > 0 ? lines : await this.#urlsNotIndexed();
    } catch (error) {
      if (isDamaged(error)) return [error.message];
      throw error;
    }
  }

  /** Left-overs in the index are no problem: a seq is never given twice. */
  async #urlsNotIndexed(): Promise<string[]> {
    for await (const rows of this.#batches<{ seq: number }>(queries.URLS_NOT_INDEXED, 'seq', 0))
      return rows.map(({ seq }) => `row ${seq} missing from index url_trigrams`);
    return [];
  }

  async rebuildIndexes(): Promise<void> {
    const rebuildTrigrams = sql`insert into url_trigrams (url_trigrams) values ('rebuild')`;
    for (const rebuild of [sql`reindex`, rebuildTrigrams])
      await rebuild.execute(this.#db).catch((error: unknown) => {
        if (!isDamaged(error)) throw error;
      });
  }

  missingCollections(): Batches<{ collectionId: string }> {
    return this.#batches<{ collectionId: string }>(queries.MISSING_COLLECTIONS, 'collectionId', '');
  }

  collectionsWithoutKeys(): Batches<{ collectionId: string }> {
    return this.#batches<{ collectionId: string }>(queries.COLLECTIONS_WITHOUT_KEYS, 'collectionId', '');
  }

  insertNamelessCollection(collectionId: string, createdAt: Timestamp): Promise<void> {
    return insertCollectionRow(this.#db, { collectionId, name: null, user: null }, createdAt);
  }

  async addMissingKeys(
    collectionId: string,
    { publicKey, secretKey }: KeyPair,
    createdAt: Timestamp,
  ): Promise<void> {
    await sql`
      insert into collection_keys (public_key, collection_id, secret_key, created_at)
      select ${publicKey}, ${collectionId}, ${secretKey}, ${createdAt}
      where not exists (select 1 from collection_keys where collection_id = ${collectionId})
        and exists (select 1 from collections where collection_id = ${collectionId} and deleted_at is null)`.execute(
      this.#db,
    );
  }

  urlsWithoutEntry(): Batches<UrlRow> {
    return this.#batches<UrlRow>(queries.URLS_WITHOUT_ENTRY, 'seq', 0);
  }

  async *urlsWithWrongHash(): Batches<UrlRow> {
    type Row = UrlRow & { url_hash: string };
    for await (const rows of this.#batches<Row>(queries.ALL_URLS, 'seq', 0))
      yield rows.filter((row) => row.url_hash !== urlHash(row.url));
  }

  entriesWithoutUrl(): Batches<UrlRow> {
    return this.#batches<UrlRow>(queries.ENTRIES_WITHOUT_URL, 'seq', 0);
  }

  async removeUrl(seq: number, removed: RemovedRows): Promise<void> {
    const row = await this.#db
      .selectFrom('entry_urls')
      .selectAll()
      .where('seq', '=', seq)
      .where(sql.raw<boolean>(queries.WITHOUT_ENTRY))
      .executeTakeFirst();
    if (!row) return;
    await removed.rows('entry_urls', [row]);
    await this.#db.deleteFrom('entry_urls').where('seq', '=', seq).execute();
  }

  async correctUrlHash({ seq, url }: UrlRow): Promise<void> {
    await sql`update or replace entry_urls set url_hash = ${urlHash(url)} where seq = ${seq}`.execute(
      this.#db,
    );
  }

  async insertOwnUrl(entrySeq: number): Promise<void> {
    const entry = await this.#db
      .selectFrom('entries')
      .select(['content_hash', 'bucket', 'url', 'client_name', 'lookup_time', 'created_at'])
      .where('seq', '=', entrySeq)
      .executeTakeFirst();
    if (!entry) return;
    await this.#db
      .insertInto('entry_urls')
      .values({ ...entry, url_hash: urlHash(entry.url) })
      .execute();
  }

  wrongDeletions(of: DeletableKind): Batches<{ id: number; seq: number }> {
    return this.#batches<{ id: number; seq: number }>(queries.WRONG_DELETIONS[of], 'id', 0);
  }

  async deleteDeletion(of: DeletableKind, id: number): Promise<void> {
    await this.#db.deleteFrom(DELETIONS[of]).where('id', '=', id).execute();
  }

  neededBytes(): Batches<NeededBytes> {
    return this.#batches<NeededBytes>(queries.NEEDED_BYTES, 'contentHash', '');
  }

  async countNeededBytes(): Promise<number> {
    const [row] = this.#connection.prepare(queries.COUNT_NEEDED_BYTES).all() as [{ total: number }];
    return row.total;
  }

  async findNeededBytes(contentHash: string): Promise<NeededBytes | null> {
    const [row] = this.#connection.prepare(queries.NEEDED_BYTES_OF_ONE).all(contentHash) as [
      { size: number | null; rows: number },
    ];
    return row.rows > 0 ? { contentHash, size: row.size } : null;
  }

  /** One process writes here: its bytes have one place, and they are lost as they were found. */
  async removeRowsThatNeed(contentHash: string, _: string | null, removed: RemovedRows): Promise<void> {
    for (const table of ['entries', 'entry_urls'] as const) {
      const query = this.#db.selectFrom(table).selectAll().where('content_hash', '=', contentHash);
      await removed.rows(table, await query.orderBy('seq').execute());
    }
    const images = await this.#db
      .selectFrom('images')
      .select(['collection_id', 'image_id', 'content_hash', 'image_time'])
      .where('content_hash', '=', contentHash)
      .execute();
    await removed.rows('images', images);
    const inBuckets = await this.#db
      .selectFrom('entries')
      .select('bucket')
      .where('content_hash', '=', contentHash)
      .execute();
    for (const { bucket } of inBuckets) await deleteEntry(this.#db, bucket, contentHash);
    for (const { collection_id, image_id } of images)
      await deleteImage(this.#db, { collectionId: collection_id, imageId: image_id });
  }

  async correctSize(contentHash: string, size: number): Promise<void> {
    // Kysely knows the column as one that is never set again.
    const update = sql`update entries set file_size_bytes = ${size} where content_hash = ${contentHash}`;
    await update.execute(this.#db);
  }

  async *wrongCounts(): Batches<WrongCount> {
    for (const query of [queries.WRONG_COUNTS, queries.UNCOUNTED])
      yield* this.#batches<WrongCount>(query, 'contentHash', '');
  }

  async correctCount(contentHash: string, needed: number): Promise<void> {
    const right = { refs: needed, released_at: needed === 0 ? now() : null };
    await this.#db
      .insertInto('blobs')
      .values({ content_hash: contentHash, ...right })
      .onConflict((conflict) => conflict.column('content_hash').doUpdateSet(right))
      .execute();
  }

  /** The known place of bytes is their content hash. */
  async knownPlaces(objects: readonly { place: string }[]): Promise<ReadonlySet<string>> {
    const places = JSON.stringify(objects.map(({ place }) => place));
    const rows = this.#connection.prepare(queries.KNOWN_BYTES).all(places);
    return new Set((rows as { contentHash: string }[]).map(({ contentHash }) => contentHash));
  }

  brokenHashes(): Batches<{ seq: number; contentHash: string }> {
    return this.#batches<{ seq: number; contentHash: string }>(queries.BROKEN_HASHES, 'seq', 0);
  }

  async correctHash(entrySeq: number, perceptualHash: string | null): Promise<void> {
    const [hash0, hash1, hash2, hash3] = perceptualHash === null ? NO_HASH : hashChunks(perceptualHash);
    await this.#db
      .updateTable('entries')
      .set({ hash0, hash1, hash2, hash3 })
      .where('seq', '=', entrySeq)
      .execute();
  }

  brokenDescriptors(form: DescriptorForm): Batches<DescribedImage> {
    return this.#batches<DescribedImage>(queries.brokenDescriptors(form), 'seq', 0);
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
    first: Row[keyof Row & string],
  ): AsyncGenerator<readonly Row[]> {
    const statement = this.#connection.prepare(query);
    let after = first;
    for (;;) {
      const rows = statement.all(after, BATCH) as Row[];
      if (rows.length > 0) yield rows;
      if (rows.length < BATCH) return;
      after = rows.at(-1)![column];
    }
  }
}

/** Whether SQLite gave up over data that it read. */
export function isDamaged(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}
