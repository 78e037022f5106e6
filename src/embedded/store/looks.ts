import type { Changes, Position } from './rows.js';

/** An image whose descriptor is of the present version, and the entry that had the same bytes when it was read. */
export interface DescribedRow {
  seq: number;
  /** Null where there was none. */
  entrySeq: number | null;
}

/** How the bytes of an entry look: as those of an image of any collection, which are the same. */
export interface EntryLook {
  entrySeq: number;
  imageSeq: number;
  descriptor: Uint8Array;
  /** Of any version; null where there are none. */
  keypoints: Uint8Array | null;
}

/** The looks of entries, as the thread that groups them follows them. */
export interface LookRows {
  /**
   * Images of all collections as they come and go. An entry that comes after its image is in none of them: whoever follows
   * looks for it by `ofEntries`.
   *
   * @param after null for a copy that is empty
   */
  changes(after: Position | null, limit: number): Promise<Changes<DescribedRow>>;
  /** Of the entries that have a look. Of several images of the same bytes it is that with the least seq. */
  ofEntries(entrySeqs: readonly number[]): Promise<readonly EntryLook[]>;
}
