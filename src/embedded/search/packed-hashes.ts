import type { HashChunks } from '../../services/hamming-distance.js';
import { PAGE_BYTES } from '../web-assembly.js';
import { type HashMatches, type HashQuery, MatchCollector } from './hash-matches.js';
import { createPopcountScan, QUERY_ADDRESS } from './popcount-scan.js';

const HASH_BYTES = 8;
const BLOCK_HASHES = PAGE_BYTES / HASH_BYTES;
/** Below this many removed ones they are not worth the move, nor are so few that came out of order. */
const MIN_MOVED = BLOCK_HASHES;
/** So large a part of the others may stand behind them out of order. */
const UNORDERED_PART = 1 / 16;

/**
 * The hashes of all entries side by side in memory, 16 bytes an entry, searched from end to end. Entries stand in the
 * order of their seqs; those that come out of it stand behind the others, until there are so many that they are merged.
 * Block i of the hashes is page i + 1 of the scan's memory, so that growing by a block copies nothing.
 */
export class PackedHashes {
  readonly #scan = createPopcountScan();
  /** The whole memory as 16-bit chunks. */
  #chunks = new Uint16Array(this.#scan.memory.buffer);
  /** By block and place; that of a removed entry is negative. */
  readonly #seqs: Float64Array[] = [];
  #length = 0;
  #removed = 0;
  /** How many entries stand in order. */
  #ordered = 0;
  /** Where the others stand, by their seqs. */
  readonly #unordered = new Map<number, number>();

  get size(): number {
    return this.#length - this.#removed;
  }

  /**
   * Replaces the entry with the same seq.
   * @param seq greater than 0
   */
  add(seq: number, hash: HashChunks): void {
    const inOrder = this.#unordered.size === 0 && seq > this.#lastSeq();
    const at = inOrder ? undefined : this.#find(seq);
    if (at === undefined) this.#append(seq, hash, inOrder);
    else this.#replace(at, seq, hash);
    if (this.#unordered.size > Math.max(MIN_MOVED, this.#ordered * UNORDERED_PART)) this.#merge();
  }

  /** Does nothing when there is no such entry. */
  remove(seq: number): void {
    const at = this.#find(seq);
    if (at === undefined || this.#seq(at) !== seq) return;
    this.#setSeq(at, -seq);
    this.#removed++;
    if (this.#removed >= MIN_MOVED && this.#removed > this.#length / 2) this.#compact();
  }

  /** The hash of an entry; null where there is no such entry. */
  get(seq: number): HashChunks | null {
    const at = this.#find(seq);
    if (at === undefined || this.#seq(at) !== seq) return null;
    const [first, second, third, fourth] = this.#chunks.subarray(chunkIndex(at), chunkIndex(at + 1));
    return [first!, second!, third!, fourth!];
  }

  /** The matches of each of the queries. They share one pass over memory: a block stays in the cache for all of them. */
  search(queries: readonly HashQuery[]): HashMatches[] {
    const searches = queries.map((query) => ({ hash: query.hash, found: new MatchCollector(query) }));
    for (const [block, seqs] of this.#seqs.entries()) {
      const first = block * BLOCK_HASHES;
      const end = Math.min(first + BLOCK_HASHES, this.#length);
      const orderedEnd = Math.max(first, Math.min(this.#ordered, end));
      for (const { hash, found } of searches) {
        for (const match of this.#scanned(first, orderedEnd, hash, found.radius)) {
          const seq = seqs[(match & 0xffff) / HASH_BYTES]!;
          if (seq > 0) found.add(seq, match >>> 16);
        }
        for (const match of this.#scanned(orderedEnd, end, hash, found.unorderedRadius)) {
          const seq = seqs[(match & 0xffff) / HASH_BYTES]!;
          if (seq > 0) found.addUnordered(seq, match >>> 16);
        }
      }
    }
    return searches.map(({ found }) => found.nearestFirst());
  }

  /** The matches of a part of a block, as the scan leaves them: they are there until the next one. */
  #scanned(start: number, end: number, hash: HashChunks, radius: number): Uint32Array {
    if (start === end || radius < 0) return NO_MATCHES;
    this.#chunks.set(hash, QUERY_ADDRESS / 2);
    const count = this.#scan.scan(address(start), address(end), radius);
    return new Uint32Array(this.#scan.memory.buffer, 0, count);
  }

  #append(seq: number, hash: HashChunks, inOrder: boolean): void {
    if (this.#length === this.#seqs.length * BLOCK_HASHES) this.#addBlock();
    this.#chunks.set(hash, chunkIndex(this.#length));
    this.#setSeq(this.#length, seq);
    if (inOrder) this.#ordered++;
    else this.#unordered.set(seq, this.#length);
    this.#length++;
  }

  #replace(at: number, seq: number, hash: HashChunks): void {
    this.#chunks.set(hash, chunkIndex(at));
    if (this.#seq(at) < 0) this.#removed--;
    this.#setSeq(at, seq);
  }

  #addBlock(): void {
    const pages = this.#scan.memory.buffer.byteLength / PAGE_BYTES;
    if (this.#seqs.length + 1 === pages) {
      this.#scan.memory.grow(1);
      this.#chunks = new Uint16Array(this.#scan.memory.buffer);
    }
    this.#seqs.push(new Float64Array(BLOCK_HASHES));
  }

  /** Of those in order; 0 when there is none. */
  #lastSeq(): number {
    return this.#ordered > 0 ? Math.abs(this.#seq(this.#ordered - 1)) : 0;
  }

  /** The index of the entry, removed or not. */
  #find(seq: number): number | undefined {
    let low = 0;
    let high = this.#ordered;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (Math.abs(this.#seq(middle)) < seq) low = middle + 1;
      else high = middle;
    }
    const isThere = low < this.#ordered && Math.abs(this.#seq(low)) === seq;
    return isThere ? low : this.#unordered.get(seq);
  }

  /** Moves those that came out of order to where they belong. Nothing before the first such place is touched. */
  #merge(): void {
    const late = [...this.#unordered].sort(([a], [b]) => a - b);
    const moved = late.map(([, at]) => ({
      seq: this.#seq(at),
      hash: this.#chunks.slice(chunkIndex(at), chunkIndex(at + 1)),
    }));
    let from = this.#ordered - 1;
    let to = this.#length - 1;
    for (const { seq, hash } of moved.reverse()) {
      for (; from >= 0 && Math.abs(this.#seq(from)) > Math.abs(seq); from--, to--) this.#move(from, to);
      this.#chunks.set(hash, chunkIndex(to));
      this.#setSeq(to--, seq);
    }
    this.#ordered = this.#length;
    this.#unordered.clear();
  }

  #compact(): void {
    this.#merge();
    let kept = 0;
    for (let from = 0; from < this.#length; from++) if (this.#seq(from) > 0) this.#move(from, kept++);
    this.#length = kept;
    this.#ordered = kept;
    this.#removed = 0;
    this.#seqs.length = Math.ceil(kept / BLOCK_HASHES);
  }

  #move(from: number, to: number): void {
    this.#chunks.copyWithin(chunkIndex(to), chunkIndex(from), chunkIndex(from + 1));
    this.#setSeq(to, this.#seq(from));
  }

  #seq(index: number): number {
    return this.#seqs[Math.floor(index / BLOCK_HASHES)]![index % BLOCK_HASHES]!;
  }

  #setSeq(index: number, seq: number): void {
    this.#seqs[Math.floor(index / BLOCK_HASHES)]![index % BLOCK_HASHES] = seq;
  }
}

const NO_MATCHES = new Uint32Array();

/** In the scan's memory. */
function address(index: number): number {
  return PAGE_BYTES + index * HASH_BYTES;
}

function chunkIndex(index: number): number {
  return address(index) / 2;
}
