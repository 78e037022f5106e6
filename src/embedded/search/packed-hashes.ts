import type { HashChunks } from '../../services/hamming-distance.js';
import { type HashMatches, type HashQuery, MatchCollector } from './hash-matches.js';
import { createPopcountScan, QUERY_ADDRESS } from './popcount-scan.js';
import { PAGE_BYTES } from './web-assembly.js';

const HASH_BYTES = 8;
const BLOCK_HASHES = PAGE_BYTES / HASH_BYTES;
/** Below this many removed ones they are not worth the move. */
const MIN_COMPACTION = BLOCK_HASHES;

/**
 * The hashes of all entries side by side in memory, 16 bytes an entry, searched from end to end.
 * Block i of the hashes is page i + 1 of the scan's memory, so that growing by a block copies nothing.
 */
export class PackedHashes {
  readonly #scan = createPopcountScan();
  /** The whole memory as 16-bit chunks. */
  #chunks = new Uint16Array(this.#scan.memory.buffer);
  /** Ascending by block and place; that of a removed entry is negative. */
  readonly #seqs: Float64Array[] = [];
  #length = 0;
  #removed = 0;

  get size(): number {
    return this.#length - this.#removed;
  }

  /** @param seq greater than 0 and than that of every entry before */
  add(seq: number, hash: HashChunks): void {
    if (this.#length === this.#seqs.length * BLOCK_HASHES) this.#addBlock();
    this.#chunks.set(hash, chunkIndex(this.#length));
    this.#setSeq(this.#length++, seq);
  }

  /** Does nothing when there is no such entry. */
  remove(seq: number): void {
    const at = this.#find(seq);
    if (at === this.#length || this.#seq(at) !== seq) return;
    this.#setSeq(at, -seq);
    this.#removed++;
    if (this.#removed >= MIN_COMPACTION && this.#removed > this.#length / 2) this.#compact();
  }

  /** The matches of each of the queries. They share one pass over memory: a block stays in the cache for all of them. */
  search(queries: readonly HashQuery[]): HashMatches[] {
    const searches = queries.map((query) => ({ hash: query.hash, found: new MatchCollector(query) }));
    for (const [block, seqs] of this.#seqs.entries()) {
      for (const { hash, found } of searches) this.#searchBlock(block, seqs, hash, found);
    }
    return searches.map(({ found }) => found.nearestFirst());
  }

  #searchBlock(block: number, seqs: Float64Array, hash: HashChunks, found: MatchCollector): void {
    if (found.radius < 0) return;
    const first = block * BLOCK_HASHES;
    const end = Math.min(first + BLOCK_HASHES, this.#length);
    this.#chunks.set(hash, QUERY_ADDRESS / 2);
    const count = this.#scan.scan(address(first), address(end), found.radius);
    const matches = new Uint32Array(this.#scan.memory.buffer, 0, count);
    for (const match of matches) {
      const seq = seqs[(match & 0xffff) / HASH_BYTES]!;
      if (seq > 0) found.add(seq, match >>> 16);
    }
  }

  #addBlock(): void {
    const pages = this.#scan.memory.buffer.byteLength / PAGE_BYTES;
    if (this.#seqs.length + 1 === pages) {
      this.#scan.memory.grow(1);
      this.#chunks = new Uint16Array(this.#scan.memory.buffer);
    }
    this.#seqs.push(new Float64Array(BLOCK_HASHES));
  }

  /** The index of the entry, or of the next one if there is none. */
  #find(seq: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (Math.abs(this.#seq(middle)) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(): void {
    let kept = 0;
    for (let from = 0; from < this.#length; from++) {
      const seq = this.#seq(from);
      if (seq < 0) continue;
      this.#chunks.copyWithin(chunkIndex(kept), chunkIndex(from), chunkIndex(from + 1));
      this.#setSeq(kept++, seq);
    }
    this.#length = kept;
    this.#removed = 0;
    this.#seqs.length = Math.ceil(kept / BLOCK_HASHES);
  }

  #seq(index: number): number {
    return this.#seqs[Math.floor(index / BLOCK_HASHES)]![index % BLOCK_HASHES]!;
  }

  #setSeq(index: number, seq: number): void {
    this.#seqs[Math.floor(index / BLOCK_HASHES)]![index % BLOCK_HASHES] = seq;
  }
}

/** In the scan's memory. */
function address(index: number): number {
  return PAGE_BYTES + index * HASH_BYTES;
}

function chunkIndex(index: number): number {
  return address(index) / 2;
}
