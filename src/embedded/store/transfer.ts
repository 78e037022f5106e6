import type { Decision } from '../../services/duplicates.js';
import type { Entry, JsonValue } from '../../services/entry.js';
import type { Timestamp } from '../../services/timestamp.js';
import type { Collection } from '../../services/visualsnoop.js';
import type { KeyPair } from './store.js';
import { TablesVersionError } from './tables-version-error.js';

/** A collection without its keys. */
export interface CollectionRow extends Collection {
  createdAt: Timestamp;
  /** Null for one that is there. */
  deletedAt: Timestamp | null;
}

export interface KeyRow extends KeyPair {
  collectionId: string;
  createdAt: Timestamp;
}

/** Bytes that rows need, and how many do. */
export interface BytesRow {
  contentHash: string;
  refs: number;
  /** Null where it is not known. */
  blake3: string | null;
}

export interface EntryRow extends Omit<Entry, 'urls' | 'brief'> {
  seq: number;
  bucket: string;
  prefix: string | null;
  meta: JsonValue;
  retrievedAt: Timestamp | null;
}

/** A URL that the bytes of an entry were stored under. */
export interface UrlRow {
  seq: number;
  contentHash: string;
  bucket: string;
  url: string;
  clientName: string;
  lookupTime: Timestamp;
  createdAt: Timestamp;
}

export interface ImageRow {
  seq: number;
  collectionId: string;
  imageId: string;
  contentHash: string;
  imageTime: Timestamp;
  descriptorVersion: number;
  descriptor: Uint8Array;
}

/** The keypoints of the image of the same seq. */
export interface KeypointsRow {
  seq: number;
  version: number;
  keypoints: Uint8Array;
}

/** A decision about entries that look alike, also one that was undone. */
export interface DecisionRow extends Decision {
  change: number;
  undoneAt: Timestamp | null;
}

/** The kinds of rows that an installation is made of. Bytes that no row needs, and notes of deletions, are no part of it. */
export interface RowsOfKind {
  collections: CollectionRow;
  keys: KeyRow;
  bytes: BytesRow;
  entries: EntryRow;
  urls: UrlRow;
  images: ImageRow;
  keypoints: KeypointsRow;
  decisions: DecisionRow;
}

export type Kind = keyof RowsOfKind;

/** Every kind, those that rows of others need before these. */
export const KINDS = [
  'collections',
  'keys',
  'bytes',
  'entries',
  'urls',
  'images',
  'keypoints',
  'decisions',
] as const satisfies Kind[];

/** The place of a row among those of its kind: what they are ordered by, and no two of them share. */
export type RowKey = string | number;

const KEY_OF: { [K in Kind]: (row: RowsOfKind[K]) => RowKey } = {
  collections: ({ collectionId }) => collectionId,
  keys: ({ publicKey }) => publicKey,
  bytes: ({ contentHash }) => contentHash,
  entries: ({ seq }) => seq,
  urls: ({ seq }) => seq,
  images: ({ seq }) => seq,
  keypoints: ({ seq }) => seq,
  decisions: ({ seq }) => seq,
};

export function keyOf<K extends Kind>(kind: K, row: RowsOfKind[K]): RowKey {
  return KEY_OF[kind](row);
}

/** An import from another installation, which is kept in mind after its end. */
export interface ImportState {
  /** Which installation is copied. */
  source: string;
  finished: boolean;
}

/**
 * All rows of an installation, for a copy to another one, whatever database either has. A copy has the same rows, with the
 * same sequence numbers; nobody else writes to it until it is whole, as nothing but an import opens it before.
 */
export interface Transfer {
  count(kind: Kind): Promise<number>;
  /** By key: rows behind `after`, all where it is null. */
  read<K extends Kind>(kind: K, after: RowKey | null, limit: number): Promise<readonly RowsOfKind[K][]>;
  /** The greatest key; null where there are no rows. */
  lastKey(kind: Kind): Promise<RowKey | null>;
  /** In one transaction. Rows that are there already stay as they are. */
  write<K extends Exclude<Kind, 'bytes'>>(kind: K, rows: readonly RowsOfKind[K][]): Promise<void>;
  /** The same of bytes that are durable at their place, which was announced. */
  writeBytes(rows: readonly (BytesRow & { place: string })[]): Promise<void>;

  /** Null where there was never an import. */
  importState(): Promise<ImportState | null>;
  /**
   * Begins an import into an installation that has no rows at all, or goes on with one from the same source.
   * @throws OtherRowsError
   */
  beginImport(source: string): Promise<ImportState>;
  /** Opens the copy to everybody; what they add gets later sequence numbers. */
  finishImport(): Promise<void>;
}

/** Thrown where an import would mix rows of two installations. */
export class OtherRowsError extends Error {
  override readonly name = 'OtherRowsError';

  constructor() {
    super('There are rows of another installation already.');
  }
}

/** Thrown where an installation is opened that is not whole yet. */
export class UnfinishedImportError extends TablesVersionError {
  constructor() {
    super('lookalike migrate has not finished copying to it: run it once more.');
  }
}
