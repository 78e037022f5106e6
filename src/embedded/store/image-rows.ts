import type Database from 'libsql';

export interface AddedRow {
  seq: number;
  descriptor: Uint8Array;
}

export interface DeletedRow {
  id: number;
  seq: number;
}

export interface NamedRow {
  seq: number;
  imageId: string;
}

export interface CopyRow extends NamedRow {
  contentHash: string;
}

/** What a picture is compared by. */
export interface Picture {
  contentHash: string;
  /** Of any version. */
  descriptor: Uint8Array;
}

/** An image of a collection. */
export interface Member extends Picture {
  imageId: string;
}

/** The rows of images as a search reads them, on a connection of its own. */
export class ImageRows {
  readonly #database: Database.Database;
  readonly #version: number;
  readonly #added: Database.Statement;
  readonly #deleted: Database.Statement;
  readonly #lastDeletion: Database.Statement;
  readonly #members: Database.Statement;
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
    this.#members = database.prepare(
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

  /** Lets all reads of `work` see one state of the database. */
  atOnce<T>(work: () => T): T {
    return this.#database.transaction(work)();
  }

  /** By seq: what comes behind it. */
  added(collectionId: string, seq: number, limit: number): readonly AddedRow[] {
    const rows = this.#added.all(collectionId, this.#version, seq, limit) as WithBlob<AddedRow>[];
    return rows.map(withBytes);
  }

  /** By id: what comes behind it. */
  deleted(collectionId: string, id: number, limit: number): readonly DeletedRow[] {
    return this.#deleted.all(collectionId, id, limit) as DeletedRow[];
  }

  /** The id of the last deletion; 0 when there was none. */
  lastDeletion(collectionId: string): number {
    const [last] = this.#lastDeletion.all(collectionId);
    return (last as { id: number }).id;
  }

  /** In any order; those that are there. */
  members(collectionId: string, imageIds: readonly string[]): readonly Member[] {
    const rows = this.#members.all(collectionId, JSON.stringify(imageIds)) as WithBlob<Member>[];
    return rows.map(withBytes);
  }

  /** By imageId: the images with the bytes of one of these content hashes. */
  identical(collectionId: string, contentHashes: readonly string[]): readonly CopyRow[] {
    return this.#identical.all(JSON.stringify(contentHashes), collectionId) as CopyRow[];
  }

  /** By imageId. */
  named(seqs: readonly number[]): readonly NamedRow[] {
    return this.#named.all(JSON.stringify(seqs)) as NamedRow[];
  }
}

/** What libsql gives for a row with a blob. */
type WithBlob<Row> = Omit<Row, 'descriptor'> & { descriptor: ArrayBuffer };

function withBytes<Row extends { descriptor: ArrayBuffer }>(
  row: Row,
): Omit<Row, 'descriptor'> & { descriptor: Uint8Array } {
  return { ...row, descriptor: new Uint8Array(row.descriptor) };
}
