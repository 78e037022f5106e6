import type Database from 'libsql';
import { hashChunks, hashHex } from '../../../services/hamming-distance.js';
import { now } from '../../../services/timestamp.js';
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
import { urlHash } from './entries.js';

/** How the rows of a kind lie in their table. */
interface Mapping<Row> {
  /** The table, with the condition on what counts. */
  from: string;
  key: string;
  columns: string;
  toRow(columns: never): Row;
  insert: string;
  toValues(row: Row): unknown[];
}

interface EntryColumns extends Omit<RowsOfKind['entries'], 'meta'> {
  meta: string | null;
  hash0: number | null;
  hash1: number;
  hash2: number;
  hash3: number;
}

const asIs = <Row>(row: Row): Row => row;

const MAPPINGS: { [K in Kind]: Mapping<RowsOfKind[K]> } = {
  collections: {
    from: 'collections where true',
    key: 'collection_id',
    columns: 'collection_id as collectionId, name, user, created_at as createdAt, deleted_at as deletedAt',
    toRow: asIs,
    insert: 'collections (collection_id, name, user, created_at, deleted_at) values (?, ?, ?, ?, ?)',
    toValues: (row) => [row.collectionId, row.name, row.user, row.createdAt, row.deletedAt],
  },
  keys: {
    from: 'collection_keys where true',
    key: 'public_key',
    columns:
      'public_key as publicKey, collection_id as collectionId, secret_key as secretKey, created_at as createdAt',
    toRow: asIs,
    insert: 'collection_keys (public_key, collection_id, secret_key, created_at) values (?, ?, ?, ?)',
    toValues: (row) => [row.publicKey, row.collectionId, row.secretKey, row.createdAt],
  },
  bytes: {
    from: 'blobs where refs > 0',
    key: 'content_hash',
    columns: 'content_hash as contentHash, refs, blake3',
    toRow: asIs,
    insert: 'blobs (content_hash, refs, blake3) values (?, ?, ?)',
    toValues: (row) => [row.contentHash, row.refs, row.blake3],
  },
  entries: {
    from: 'entries where true',
    key: 'seq',
    columns: `seq, content_hash as contentHash, bucket, url, content_type as contentType, file_size_bytes as fileSizeBytes,
      original_filename as originalFilename, width, height, client_name as clientName, lookup_time as lookupTime,
      created_at as createdAt, retrieved_at as retrievedAt, prefix, meta, hash0, hash1, hash2, hash3`,
    toRow: ({ hash0, hash1, hash2, hash3, meta, ...row }: EntryColumns) => ({
      ...row,
      meta: meta === null ? null : JSON.parse(meta),
      perceptualHash: hash0 === null ? null : hashHex([hash0, hash1, hash2, hash3]),
    }),
    insert: `entries (seq, content_hash, bucket, url, content_type, file_size_bytes, original_filename, width, height,
      client_name, lookup_time, created_at, retrieved_at, prefix, meta, hash0, hash1, hash2, hash3)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    toValues: (row) => [
      row.seq,
      row.contentHash,
      row.bucket,
      row.url,
      row.contentType,
      row.fileSizeBytes,
      row.originalFilename,
      row.width,
      row.height,
      row.clientName,
      row.lookupTime,
      row.createdAt,
      row.retrievedAt,
      row.prefix,
      row.meta === null ? null : JSON.stringify(row.meta),
      ...(row.perceptualHash === null ? [null, null, null, null] : hashChunks(row.perceptualHash)),
    ],
  },
  urls: {
    from: 'entry_urls where true',
    key: 'seq',
    columns:
      'seq, content_hash as contentHash, bucket, url, client_name as clientName, lookup_time as lookupTime, created_at as createdAt',
    toRow: asIs,
    insert: `entry_urls (seq, content_hash, bucket, url, url_hash, client_name, lookup_time, created_at)
      values (?, ?, ?, ?, ?, ?, ?, ?)`,
    toValues: (row) => [
      row.seq,
      row.contentHash,
      row.bucket,
      row.url,
      urlHash(row.url),
      row.clientName,
      row.lookupTime,
      row.createdAt,
    ],
  },
  images: {
    from: 'images where true',
    key: 'seq',
    columns: `seq, collection_id as collectionId, image_id as imageId, content_hash as contentHash,
      image_time as imageTime, descriptor_version as descriptorVersion, descriptor`,
    // libsql gives bytes without a view of them.
    toRow: (row: RowsOfKind['images'] & { descriptor: ArrayBuffer }) => ({
      ...row,
      descriptor: new Uint8Array(row.descriptor),
    }),
    insert: `images (seq, collection_id, image_id, content_hash, image_time, descriptor_version, descriptor)
      values (?, ?, ?, ?, ?, ?, ?)`,
    toValues: (row) => [
      row.seq,
      row.collectionId,
      row.imageId,
      row.contentHash,
      row.imageTime,
      row.descriptorVersion,
      row.descriptor,
    ],
  },
  keypoints: {
    from: 'image_keypoints where true',
    key: 'seq',
    columns: 'seq, version, keypoints',
    toRow: (row: RowsOfKind['keypoints'] & { keypoints: ArrayBuffer }) => ({
      ...row,
      keypoints: new Uint8Array(row.keypoints),
    }),
    insert: 'image_keypoints (seq, version, keypoints) values (?, ?, ?)',
    toValues: (row) => [row.seq, row.version, row.keypoints],
  },
  decisions: {
    from: 'duplicate_decisions where true',
    key: 'seq',
    columns: `seq, change, decision_id as decisionId, verdict, likeness, widest, content_hashes as contentHashes,
      kept_hashes as keptHashes, decided_at as decidedAt, undone_at as undoneAt`,
    toRow: (row: RowsOfKind['decisions'] & { contentHashes: string; keptHashes: string }) => ({
      ...row,
      contentHashes: JSON.parse(row.contentHashes),
      keptHashes: JSON.parse(row.keptHashes),
    }),
    insert: `duplicate_decisions (seq, change, decision_id, verdict, likeness, widest, content_hashes, kept_hashes,
      decided_at, undone_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    toValues: (row) => [
      row.seq,
      row.change,
      row.decisionId,
      row.verdict,
      row.likeness,
      row.widest,
      JSON.stringify(row.contentHashes),
      JSON.stringify(row.keptHashes),
      row.decidedAt,
      row.undoneAt,
    ],
  },
};

/** All rows of a data folder. */
export class SqliteTransfer implements Transfer {
  readonly #connection: Database.Database;

  constructor(connection: Database.Database) {
    this.#connection = connection;
  }

  async count(kind: Kind): Promise<number> {
    const { from } = MAPPINGS[kind];
    return this.#first<{ count: number }>(`select count(*) as count from ${from}`)!.count;
  }

  async read<K extends Kind>(kind: K, after: RowKey | null, limit: number): Promise<RowsOfKind[K][]> {
    const { from, key, columns, toRow } = MAPPINGS[kind];
    const behind = after === null ? '' : `and ${key} > ?`;
    const rows = this.#connection
      .prepare(`select ${columns} from ${from} ${behind} order by ${key} limit ?`)
      .all(...(after === null ? [limit] : [after, limit]));
    return (rows as never[]).map(toRow);
  }

  async lastKey(kind: Kind): Promise<RowKey | null> {
    const { from, key } = MAPPINGS[kind];
    return this.#first<{ key: RowKey | null }>(`select max(${key}) as key from ${from}`)!.key;
  }

  async write<K extends Exclude<Kind, 'bytes'>>(kind: K, rows: readonly RowsOfKind[K][]): Promise<void> {
    const { insert, toValues } = MAPPINGS[kind];
    const statement = this.#connection.prepare(`insert into ${insert} on conflict do nothing`);
    this.#atOnce(() => {
      for (const row of rows) statement.run(...toValues(row));
    });
  }

  /** Bytes that were announced have a row already. */
  async writeBytes(rows: readonly BytesRow[]): Promise<void> {
    const { insert, toValues } = MAPPINGS.bytes;
    const statement = this.#connection.prepare(
      `insert into ${insert} on conflict (content_hash) do update set
       refs = excluded.refs, released_at = null, blake3 = excluded.blake3`,
    );
    this.#atOnce(() => {
      for (const row of rows) statement.run(...toValues(row));
    });
  }

  async importState(): Promise<ImportState | null> {
    const row = this.#first<{ source: string; finishedAt: string | null }>(
      'select source, finished_at as finishedAt from imports',
    );
    return row ? { source: row.source, finished: row.finishedAt !== null } : null;
  }

  async beginImport(source: string): Promise<ImportState> {
    const begun = await this.importState();
    if (begun && begun.source !== source) throw new OtherRowsError();
    if (begun) return begun;
    for (const kind of KINDS) if ((await this.lastKey(kind)) !== null) throw new OtherRowsError();
    this.#connection.prepare('insert into imports (source, begun_at) values (?, ?)').run(source, now());
    return { source, finished: false };
  }

  /** SQLite numbers new rows behind the greatest seq that there was. */
  async finishImport(): Promise<void> {
    this.#connection.prepare('update imports set finished_at = ?').run(now());
  }

  #first<Row>(query: string): Row | undefined {
    return this.#connection.prepare(query).get() as Row | undefined;
  }

  #atOnce(work: () => void): void {
    this.#connection.transaction(work)();
  }
}
