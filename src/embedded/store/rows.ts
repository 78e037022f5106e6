import type { HashChunks } from '../../services/hamming-distance.js';

/** The hash of an entry. */
export type HashRow = readonly [seq: number, ...hash: HashChunks];

/** A search by hash; several are one look-up. */
export interface HashProbe {
  hash: HashChunks;
  /** The greatest Hamming distance, 0 to 64. */
  radius: number;
}

/** The look-up of near hashes in the database's indexes: for small radii, where it is quicker than a scan of all. */
export interface HashIndex {
  /**
   * Entries among which are all within the radius of one of the probes, others too, and some of them several times.
   * Never more than the limit: when that is reached, some may be missing.
   */
  candidates(probes: readonly HashProbe[], limit: number): readonly HashRow[] | Promise<readonly HashRow[]>;
}

/** Rows of entries as the scan of their hashes follows them. */
export interface HashRows {
  /** By seq: entries with a hash behind the given one. */
  added(seq: number, limit: number): readonly HashRow[];
  /** By id: deletions of entries behind the given one. */
  deleted(id: number, limit: number): readonly (readonly [id: number, seq: number])[];
  /** The id of the last deletion; 0 when there was none. */
  lastDeletion(): number;
}

/** A picture as others are compared with it. */
export interface Picture {
  contentHash: string;
  /** Of any version. */
  descriptor: Uint8Array;
}

/** The row of an image without its descriptor. */
export interface ImageRow {
  seq: number;
  imageId: string;
}

/** Rows of images as the visual search follows and reads them. */
export interface ImageRows {
  /** Lets all reads of `work` see one state of the database. */
  atOnce<T>(work: () => T): T;
  /** By seq: images behind the given one, with descriptors of the present version. */
  added(collectionId: string, seq: number, limit: number): readonly { seq: number; descriptor: Uint8Array }[];
  /** By id: deletions of images behind the given one. */
  deleted(collectionId: string, id: number, limit: number): readonly { id: number; seq: number }[];
  /** The id of the last deletion; 0 when there was none. */
  lastDeletion(collectionId: string): number;
  /** The images with these ids that are there, in any order. */
  pictures(collectionId: string, imageIds: readonly string[]): readonly (Picture & { imageId: string })[];
  /** By imageId: the images with the bytes of one of these content hashes. */
  identical(
    collectionId: string,
    contentHashes: readonly string[],
  ): readonly (ImageRow & { contentHash: string })[];
  /** By imageId. */
  named(seqs: readonly number[]): readonly ImageRow[];
}
