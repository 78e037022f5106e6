import type { Kind, RowsOfKind } from '../transfer.js';
import { halvesHex, halvesOf, hashBytes, urlHash } from './hashes.js';

/** How the rows of a kind lie in their table. */
export interface Mapping<Row> {
  /** The table, with the condition on what counts. */
  from: string;
  key: string;
  /** The key as rows give it. */
  keyText: string;
  /** The form of a key in a parameter. */
  keyFrom: string;
  columns: string;
  toRow(columns: never): Row;
  /** The columns that are written, with their types. */
  written: Record<string, string>;
  /** In the order of what is written. */
  toValues(row: Row): unknown[];
}

const TEXT_KEY = (key: string) => ({ key, keyText: key, keyFrom: '$1::text collate "C"' });
const SEQ = { key: 'seq', keyText: 'seq', keyFrom: '$1::bigint' };
const HASH = `encode(content_hash, 'hex') as "contentHash"`;
const asIs = <Row>(row: Row): Row => row;

/** Of each kind. */
export const MAPPINGS: { [K in Kind]: Mapping<RowsOfKind[K]> } = {
  collections: {
    ...TEXT_KEY('collection_id'),
    from: 'collections where true',
    columns:
      'collection_id as "collectionId", name, "user", created_at as "createdAt", deleted_at as "deletedAt"',
    toRow: asIs,
    written: {
      collection_id: 'text',
      name: 'text',
      '"user"': 'text',
      created_at: 'timestamptz',
      deleted_at: 'timestamptz',
    },
    toValues: (row) => [row.collectionId, row.name, row.user, row.createdAt, row.deletedAt],
  },
  keys: {
    ...TEXT_KEY('public_key'),
    from: 'collection_keys where true',
    columns: `public_key as "publicKey", collection_id as "collectionId", secret_key as "secretKey",
      created_at as "createdAt"`,
    toRow: asIs,
    written: { public_key: 'text', collection_id: 'text', secret_key: 'text', created_at: 'timestamptz' },
    toValues: (row) => [row.publicKey, row.collectionId, row.secretKey, row.createdAt],
  },
  bytes: {
    key: 'content_hash',
    keyText: `encode(content_hash, 'hex')`,
    keyFrom: `decode($1, 'hex')`,
    from: 'blobs where refs > 0',
    columns: `${HASH}, refs, encode(blake3, 'hex') as blake3`,
    toRow: asIs,
    written: { content_hash: 'bytea', refs: 'integer', blake3: 'bytea' },
    toValues: (row) => [
      hashBytes(row.contentHash),
      row.refs,
      row.blake3 === null ? null : hashBytes(row.blake3),
    ],
  },
  entries: {
    ...SEQ,
    from: 'all_entries where true',
    columns: `seq, ${HASH}, bucket, url, content_type as "contentType", file_size_bytes as "fileSizeBytes",
      original_filename as "originalFilename", width, height, client_name as "clientName", lookup_time as "lookupTime",
      created_at as "createdAt", retrieved_at as "retrievedAt", prefix, meta, hash_high, hash_low`,
    toRow: ({ hash_high, hash_low, meta, ...row }: EntryColumns) => ({
      ...row,
      meta: meta === null ? null : JSON.parse(meta),
      perceptualHash: halvesHex(hash_high, hash_low),
    }),
    written: {
      seq: 'bigint',
      content_hash: 'bytea',
      bucket: 'text',
      url: 'text',
      content_type: 'text',
      file_size_bytes: 'bigint',
      original_filename: 'text',
      width: 'integer',
      height: 'integer',
      client_name: 'text',
      lookup_time: 'timestamptz',
      created_at: 'timestamptz',
      retrieved_at: 'timestamptz',
      prefix: 'text',
      meta: 'text',
      hash_high: 'integer',
      hash_low: 'integer',
    },
    toValues: (row) => [
      row.seq,
      hashBytes(row.contentHash),
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
      ...halvesOf(row.perceptualHash),
    ],
  },
  urls: {
    ...SEQ,
    from: 'all_entry_urls where true',
    columns: `seq, ${HASH}, bucket, url, client_name as "clientName", lookup_time as "lookupTime", created_at as "createdAt"`,
    toRow: asIs,
    written: {
      seq: 'bigint',
      content_hash: 'bytea',
      bucket: 'text',
      url: 'text',
      url_hash: 'bytea',
      client_name: 'text',
      lookup_time: 'timestamptz',
      created_at: 'timestamptz',
    },
    toValues: (row) => [
      row.seq,
      hashBytes(row.contentHash),
      row.bucket,
      row.url,
      urlHash(row.url),
      row.clientName,
      row.lookupTime,
      row.createdAt,
    ],
  },
  images: {
    ...SEQ,
    from: 'images where true',
    columns: `seq, collection_id as "collectionId", image_id as "imageId", ${HASH}, image_time as "imageTime",
      descriptor_version as "descriptorVersion", descriptor`,
    toRow: asIs,
    written: {
      seq: 'bigint',
      collection_id: 'text',
      image_id: 'text',
      content_hash: 'bytea',
      image_time: 'timestamptz',
      descriptor_version: 'integer',
      descriptor: 'bytea',
    },
    toValues: (row) => [
      row.seq,
      row.collectionId,
      row.imageId,
      hashBytes(row.contentHash),
      row.imageTime,
      row.descriptorVersion,
      Buffer.from(row.descriptor),
    ],
  },
  keypoints: {
    ...SEQ,
    from: 'image_keypoints where true',
    columns: 'seq, version, keypoints',
    toRow: asIs,
    written: { seq: 'bigint', version: 'integer', keypoints: 'bytea' },
    toValues: (row) => [row.seq, row.version, Buffer.from(row.keypoints)],
  },
  decisions: {
    ...SEQ,
    from: 'duplicate_decisions where true',
    columns: `seq, change, decision_id as "decisionId", verdict, likeness, widest, content_hashes as "contentHashes",
      kept_hashes as "keptHashes", decided_at as "decidedAt", undone_at as "undoneAt"`,
    toRow: asIs,
    written: {
      seq: 'bigint',
      change: 'bigint',
      decision_id: 'text',
      verdict: 'text',
      likeness: 'text',
      widest: 'integer',
      content_hashes: 'jsonb',
      kept_hashes: 'jsonb',
      decided_at: 'timestamptz',
      undone_at: 'timestamptz',
    },
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

interface EntryColumns extends Omit<RowsOfKind['entries'], 'meta'> {
  meta: string | null;
  hash_high: number | null;
  hash_low: number | null;
}
