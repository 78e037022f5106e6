import type Database from 'libsql';
import type { ImageRow, ImageRows, Picture } from '../rows.js';

export class SqliteImageRows implements ImageRows {
  readonly #database: Database.Database;
  readonly #version: number;
  readonly #added: Database.Statement;
  readonly #deleted: Database.Statement;
  readonly #lastDeletion: Database.Statement;
  readonly #pictures: Database.Statement;
  readonly #identical: Database.Statement;
  readonly #named: Database.Statement;

  /** @param version rows with descriptors of another one do not count as added */
  constructor(database: Database.Database, version: number) {
    this.#database = database;
    this.#version = version;
    this.#added = database.prepare(
      `select seq, descriptor from images
       where collection_id = ? and descriptor_version = ? and seq > ? order by seq limit ?`,
    );
    this.#deleted = database.prepare(
      'select id, seq from deleted_images where collection_id = ? and id > ? order by id limit ?',
    );
    this.#lastDeletion = database.prepare(
      'select coalesce(max(id), 0) as id from deleted_images where collection_id = ?',
    );
    this.#pictures = database.prepare(
      `select image_id as imageId, content_hash as contentHash, descriptor from images
       where collection_id = ? and image_id in (select value from json_each(?))`,
    );
    this.#identical = database.prepare(
      `select seq, image_id as imageId, content_hash as contentHash from images
       where content_hash in (select value from json_each(?)) and collection_id = ? order by image_id`,
    );
    this.#named = database.prepare(
      `select seq, image_id as imageId from images
       where seq in (select value from json_each(?)) order by image_id`,
    );
  }

  atOnce<T>(work: () => T): T {
    return this.#database.transaction(work)();
  }

  added(
    collectionId: string,
    seq: number,
    limit: number,
  ): readonly { seq: number; descriptor: Uint8Array }[] {
    const rows = this.#added.all(collectionId, this.#version, seq, limit) as {
      seq: number;
      descriptor: ArrayBuffer;
    }[];
    return rows.map(withBytes);
  }

  deleted(collectionId: string, id: number, limit: number): readonly { id: number; seq: number }[] {
    return this.#deleted.all(collectionId, id, limit) as { id: number; seq: number }[];
  }

  lastDeletion(collectionId: string): number {
    const [last] = this.#lastDeletion.all(collectionId);
    return (last as { id: number }).id;
  }

  pictures(collectionId: string, imageIds: readonly string[]): readonly (Picture & { imageId: string })[] {
    const rows = this.#pictures.all(collectionId, JSON.stringify(imageIds)) as {
      imageId: string;
      contentHash: string;
      descriptor: ArrayBuffer;
    }[];
    return rows.map(withBytes);
  }

  identical(
    collectionId: string,
    contentHashes: readonly string[],
  ): readonly (ImageRow & { contentHash: string })[] {
    return this.#identical.all(JSON.stringify(contentHashes), collectionId) as (ImageRow & {
      contentHash: string;
    })[];
  }

  named(seqs: readonly number[]): readonly ImageRow[] {
    return this.#named.all(JSON.stringify(seqs)) as ImageRow[];
  }
}

/** libsql gives a blob as an ArrayBuffer. */
function withBytes<Row extends { descriptor: ArrayBuffer }>(
  row: Row,
): Omit<Row, 'descriptor'> & { descriptor: Uint8Array } {
  return { ...row, descriptor: new Uint8Array(row.descriptor) };
}
