import type { HashChunks } from '../../services/hamming-distance.js';
import { FewHashes } from './few-hashes.js';
import type { HashMatches, HashQuery } from './hash-matches.js';
import { PackedHashes } from './packed-hashes.js';

/** More of them are worth a memory of their own, which takes 128 KiB at least. There may be very many buckets. */
const FEW = 500;

/** The hashes of the entries of one bucket. */
export interface SearchableHashes {
  readonly size: number;
  search(queries: readonly HashQuery[]): HashMatches[];
}

const NONE: SearchableHashes = new FewHashes();

/** The hashes of the entries of each bucket by themselves, so that a search in one costs what its entries cost. */
export class BucketHashes {
  readonly #buckets = new Map<string, FewHashes | PackedHashes>();

  of(bucket: string): SearchableHashes {
    return this.#buckets.get(bucket) ?? NONE;
  }

  /** Replaces the entry with the same seq, which is of the same bucket. */
  add(bucket: string, seq: number, hash: HashChunks): void {
    const hashes = this.#buckets.get(bucket) ?? new FewHashes();
    hashes.add(seq, hash);
    const isTooMany = hashes instanceof FewHashes && hashes.size > FEW;
    this.#buckets.set(bucket, isTooMany ? packed(hashes) : hashes);
  }

  /** Nothing happens when no bucket has such an entry. */
  remove(seq: number): void {
    for (const [bucket, hashes] of this.#buckets) {
      hashes.remove(seq);
      if (hashes.size === 0) this.#buckets.delete(bucket);
    }
  }
}

function packed({ bySeq }: FewHashes): PackedHashes {
  const hashes = new PackedHashes();
  for (const [seq, hash] of bySeq) hashes.add(seq, hash);
  return hashes;
}
