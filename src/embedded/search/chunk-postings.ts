import { BLOCK_ROWS, chunksOfBlock, type PostedRows } from './hamming-scan.js';
import { CHUNK_BITS } from './hash-chunks.js';

/** The rows of a plane of an index: where their hashes are, and which of them have one. */
export interface Plane {
  readonly blocks: readonly number[];
  hasHash(row: number): boolean;
}

/** More rows do not have numbers of 3 bytes. */
export const MOST_POSTED_ROWS = 2 ** 24;

/**
 * Rows of one plane by one chunk of their hashes, packed: 3 bytes a row. Buckets are fewer than chunks where there are
 * few rows, so a bucket may hold rows of other chunks too; and rows that were removed since.
 */
export class ChunkPostings implements PostedRows {
  readonly first: number;
  /** Chunks are shifted by so much to be buckets. */
  readonly shift: number;
  /** Where the rows of each bucket begin, and at last where they end. */
  readonly starts: Uint32Array;
  readonly lower: Uint16Array;
  readonly upper: Uint8Array;
  /**
   * A bit of each bucket that holds rows. Hashes of pictures are not spread evenly: nearly all buckets that are looked up are
   * empty, and these bits stay in the processor's caches, where `starts` do not.
   */
  readonly #filled: Uint32Array;

  constructor(plane: Plane, chunk: number, first: number, end: number) {
    this.first = first;
    const bits = Math.min(CHUNK_BITS, Math.max(8, Math.floor(Math.log2(end - first)) - 1));
    this.shift = CHUNK_BITS - bits;
    const buckets = bucketsOf(plane, chunk, first, end, this.shift);
    this.starts = new Uint32Array(2 ** bits + 1);
    this.#filled = new Uint32Array(2 ** bits / 32);
    let count = 0;
    for (const bucket of buckets) {
      if (bucket === NONE) continue;
      this.starts[bucket + 1]!++;
      this.#filled[bucket >>> 5]! |= 1 << (bucket & 31);
      count++;
    }
    for (let bucket = 1; bucket < this.starts.length; bucket++)
      this.starts[bucket]! += this.starts[bucket - 1]!;
    this.lower = new Uint16Array(count);
    this.upper = new Uint8Array(count);
    const next = this.starts.slice(0, -1);
    for (let at = 0; at < buckets.length; at++) {
      const bucket = buckets[at]!;
      if (bucket === NONE) continue;
      const place = next[bucket]!++;
      this.lower[place] = at;
      this.upper[place] = at >>> 16;
    }
  }

  hasRows(bucket: number): boolean {
    return (this.#filled[bucket >>> 5]! & (1 << (bucket & 31))) !== 0;
  }

  get bytes(): number {
    const ofRows = this.lower.byteLength + this.upper.byteLength;
    return this.starts.byteLength + this.#filled.byteLength + ofRows;
  }
}

/** In place of a bucket, where a row has no hash. */
const NONE = 0xffffffff;

function bucketsOf(plane: Plane, chunk: number, first: number, end: number, shift: number): Uint32Array {
  const buckets = new Uint32Array(end - first);
  for (let row = first; row < end; ) {
    const block = Math.floor(row / BLOCK_ROWS);
    const { chunks, step } = chunksOfBlock(plane.blocks[block]!, chunk);
    const behind = Math.min(end, (block + 1) * BLOCK_ROWS);
    for (; row < behind; row++) {
      buckets[row - first] = plane.hasHash(row) ? chunks[(row % BLOCK_ROWS) * step]! >> shift : NONE;
    }
  }
  return buckets;
}
