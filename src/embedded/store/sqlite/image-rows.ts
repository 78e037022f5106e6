import type Database from 'libsql';
import type {
  Changes,
  DescriptionRow,
  ImageRow,
  ImageRows,
  ImageSnapshot,
  KeypointsRow,
  Picture,
  Position,
} from '../rows.js';
import { changesOf } from './changes.js';
import { type DescriptionBytes, withBytes } from './description-bytes.js';

/** Reads by one connection, and so by one transaction at a time: the others wait for their turn. */
export class SqliteImageRows implements ImageRows {
  readonly #database: Database.Database;
  readonly #snapshot: ImageSnapshot;
  #last: Promise<unknown> = Promise.resolve();

  /** @param version rows with descriptors of another one do not count as added */
  constructor(database: Database.Database, version: number) {
    this.#database = database;
    this.#snapshot = new SqliteImageSnapshot(database, version);
  }

  atOnce<T>(work: (snapshot: ImageSnapshot) => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => this.#inTransaction(work));
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** After the reads that wait for their turn. */
  async close(): Promise<void> {
    await this.#last;
    this.#database.close();
  }

  async #inTransaction<T>(work: (snapshot: ImageSnapshot) => Promise<T>): Promise<T> {
    this.#database.exec('begin');
    try {
      return await work(this.#snapshot);
    } finally {
      // Nothing was written; an error may have ended it already.
      if (this.#database.inTransaction) this.#database.exec('rollback');
    }
  }
}

export class SqliteImageSnapshot implements ImageSnapshot {
  readonly #version: number;
  readonly #added: Database.Statement;
  readonly #deleted: Database.Statement;
  readonly #lastDeletion: Database.Statement;
  readonly #pictures: Database.Statement;
  readonly #identical: Database.Statement;
  readonly #named: Database.Statement;
  readonly #keypoints: Database.Statement;

  constructor(database: Database.Database, version: number) {
    this.#version = version;
    this.#added = database.prepare(
      `select seq, descriptor, keypoints from images left join image_keypoints using (seq)
       where collection_id = ? and descriptor_version = ? and seq > ? order by seq limit ?`,
    );
    this.#deleted = database
      .prepare('select id, seq from deleted_images where collection_id = ? and id > ? order by id limit ?')
      .raw();
    this.#lastDeletion = database.prepare(
      'select coalesce(max(id), 0) as id from deleted_images where collection_id = ?',
    );
    this.#pictures = database.prepare(
      `select image_id as imageId, content_hash as contentHash, descriptor, keypoints
       from images left join image_keypoints using (seq)
       where collection_id = ? and image_id in (select value from json_each(?))
         and collection_id not in (select collection_id from collections where deleted_at is not null)`,
    );
    // Left to itself, SQLite reads the whole collection in the order that is asked for.
    this.#identical = database.prepare(
      `select seq, image_id as imageId, content_hash as contentHash from images indexed by images_content
       where content_hash in (select value from json_each(?)) and collection_id = ? order by image_id`,
    );
    this.#named = database.prepare(
      'select seq, image_id as imageId from images where seq in (select value from json_each(?))',
    );
    this.#keypoints = database.prepare(
      'select seq, keypoints from image_keypoints where seq in (select value from json_each(?))',
    );
  }

  async changes(
    collectionId: string,
    after: Position | null,
    limit: number,
  ): Promise<Changes<DescriptionRow>> {
    const tables = {
      added: (seq: number, count: number) =>
        (
          this.#added.all(collectionId, this.#version, seq, count) as (DescriptionBytes & { seq: number })[]
        ).map(withBytes),
      deleted: (id: number, count: number) =>
        this.#deleted.all(collectionId, id, count) as [id: number, seq: number][],
      lastDeletion: () => (this.#lastDeletion.all(collectionId) as [{ id: number }])[0].id,
      seqOf: ({ seq }: DescriptionRow) => seq,
    };
    return changesOf(tables, after, limit);
  }

  async pictures(
    collectionId: string,
    imageIds: readonly string[],
  ): Promise<readonly (Picture & { imageId: string })[]> {
    const rows = this.#pictures.all(collectionId, JSON.stringify(imageIds)) as (DescriptionBytes & {
      imageId: string;
      contentHash: string;
    })[];
    return rows.map(withBytes);
  }

  async identical(
    collectionId: string,
    contentHashes: readonly string[],
  ): Promise<readonly (ImageRow & { contentHash: string })[]> {
    return this.#identical.all(JSON.stringify(contentHashes), collectionId) as (ImageRow & {
      contentHash: string;
    })[];
  }

  async named(seqs: readonly number[]): Promise<readonly ImageRow[]> {
    return this.#named.all(JSON.stringify(seqs)) as ImageRow[];
  }

  async keypoints(seqs: readonly number[]): Promise<readonly KeypointsRow[]> {
    const rows = this.#keypoints.all(JSON.stringify(seqs)) as { seq: number; keypoints: ArrayBuffer }[];
    return rows.map(({ seq, keypoints }) => ({ seq, keypoints: new Uint8Array(keypoints) }));
  }
}
