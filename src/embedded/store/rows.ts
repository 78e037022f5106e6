import type { HashChunks } from '../../services/hamming-distance.js';

/** The hash of an entry. */
export type EntryHash = readonly [seq: number, ...hash: HashChunks];

/** The same, of an entry of any bucket. */
export type HashRow = readonly [seq: number, bucket: string, ...hash: HashChunks];

/** A search by hash; several are one look-up. */
export interface HashProbe {
  hash: HashChunks;
  /** The greatest Hamming distance, 0 to 64. */
  radius: number;
}

/** The look-up of near hashes in the database's indexes: for small radii, where it is quicker than a scan of all. */
export interface HashIndex {
  /**
   * Entries of a bucket among which are all within the radius of one of the probes, others too, and some of them several
   * times. Never more than the limit: when that is reached, some may be missing.
   */
  candidates(
    bucket: string,
    probes: readonly HashProbe[],
    limit: number,
  ): readonly EntryHash[] | Promise<readonly EntryHash[]>;
}

/** How far a copy has followed the rows. Only the store that gave it can read it. */
export type Position = string;

/**
 * Rows that came and went since a position. Those without `more` complete a round: with all before, they hold everything
 * that had been committed when they were asked for.
 *
 * Seqs come in any order. A row that is added once more takes the place of the one with its seq. Within a round a
 * deletion may come before the addition of its row, and it counts; a seq is never given to another row.
 */
export interface Changes<Row> {
  added: readonly Row[];
  deletedSeqs: readonly number[];
  /** Where the next changes begin. */
  position: Position;
  /** Whether there may be more at once. */
  more: boolean;
  /** Whether all that was followed before is void, as after a restore of the database: a copy begins with these anew. */
  reset: boolean;
}

/** The hashes of entries of all buckets, as a copy in memory follows them. */
export interface HashRows {
  /** @param after null for a copy that is empty */
  changes(after: Position | null, limit: number): Promise<Changes<HashRow>>;
}

/** A picture as others are compared with it. */
export interface Picture {
  contentHash: string;
  /** Of any version. */
  descriptor: Uint8Array;
  /** Of any version; null where there are none. */
  keypoints: Uint8Array | null;
}

/** The row of an image without its descriptor. */
export interface ImageRow {
  seq: number;
  imageId: string;
}

/** A description with a descriptor of the present version, as the visual search follows it. */
export interface DescriptionRow {
  seq: number;
  descriptor: Uint8Array;
  /** Of any version; null where there are none. */
  keypoints: Uint8Array | null;
}

/** The keypoints of an image, of any version. */
export interface KeypointsRow {
  seq: number;
  keypoints: Uint8Array;
}

/** Rows of images as the visual search follows and reads them. */
export interface ImageRows {
  /** Lets all reads of `work` see one state of the database, not older than the call. */
  atOnce<T>(work: (snapshot: ImageSnapshot) => Promise<T>): Promise<T>;
}

/** One state of the images. */
export interface ImageSnapshot {
  /** @param after null for a copy that is empty; changes without `more` lead to this state */
  changes(collectionId: string, after: Position | null, limit: number): Promise<Changes<DescriptionRow>>;
  /** The images with these ids that are there, in any order. */
  pictures(
    collectionId: string,
    imageIds: readonly string[],
  ): Promise<readonly (Picture & { imageId: string })[]>;
  /** By imageId: the images with the bytes of one of these content hashes. */
  identical(
    collectionId: string,
    contentHashes: readonly string[],
  ): Promise<readonly (ImageRow & { contentHash: string })[]>;
  /** In any order. */
  named(seqs: readonly number[]): Promise<readonly ImageRow[]>;
  /** Of the images that have keypoints, in any order. */
  keypoints(seqs: readonly number[]): Promise<readonly KeypointsRow[]>;
}
