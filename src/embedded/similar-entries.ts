import type { Entry, EntryMatch } from '../services/entry.js';
import type { SimilarQuery } from '../services/entry-query.js';
import { hashChunks } from '../services/hamming-distance.js';
import type { HashMatches } from './search/hash-matches.js';
import type { SimilarHashes } from './search/similar-hashes.js';
import type { EntryStore } from './store/entry-store.js';

/** Sizes of batches: the first of a list serves a page, the later ones an export. */
export const FIRST_BATCH = 100;
export const BATCH = 500;

/** The entries of one bucket, and the search among their hashes. */
export interface SearchedEntries {
  bucket: string;
  entries: EntryStore;
  hashes: SimilarHashes;
}

export async function* similarEntries(
  { bucket, entries, hashes }: SearchedEntries,
  { perceptualHash, maxHammingDistance, limit = Number.POSITIVE_INFINITY }: SimilarQuery,
  signal?: AbortSignal,
): AsyncGenerator<readonly EntryMatch[]> {
  // All of them: what goes before its row is read is made up for by those behind the limit.
  const query = {
    hash: hashChunks(perceptualHash),
    radius: maxHammingDistance,
    limit: Number.POSITIVE_INFINITY,
  };
  const [found] = await hashes.search(bucket, [query], signal);
  const { seqs, distances } = found!;
  let left = limit;
  let size = FIRST_BATCH;
  for (let start = 0; start < seqs.length && left > 0; start += size, size = BATCH) {
    signal?.throwIfAborted();
    size = Math.min(size, left);
    const batch = {
      seqs: seqs.subarray(start, start + size),
      distances: distances.subarray(start, start + size),
    };
    const matches = withEntries(batch, await entries.findBySeq([...batch.seqs]));
    if (matches.length > 0) yield matches;
    left -= matches.length;
  }
}

export async function similarToEach(
  searched: SearchedEntries,
  queries: readonly Required<SimilarQuery>[],
  signal?: AbortSignal,
): Promise<EntryMatch[][]> {
  const searches = queries.map(({ perceptualHash, maxHammingDistance, limit }) => ({
    hash: hashChunks(perceptualHash),
    radius: maxHammingDistance,
    limit,
  }));
  const found = await searched.hashes.search(searched.bucket, searches, signal);
  const seqs = new Set(found.flatMap((matches) => [...matches.seqs]));
  const entries = await searched.entries.findBySeq([...seqs]);
  const lists = found.map((matches) => withEntries(matches, entries));
  // An entry can go between the two reads; a list that lost one is searched for again.
  const lost = queries.filter((_, i) => lists[i]!.length < found[i]!.seqs.length);
  if (lost.length === 0) return lists;
  const again = (await similarToEach(searched, lost, signal)).values();
  return lists.map((list, i) => (list.length < found[i]!.seqs.length ? again.next().value! : list));
}

/** The matches whose entries are still there. */
function withEntries({ seqs, distances }: HashMatches, entries: ReadonlyMap<number, Entry>): EntryMatch[] {
  return [...seqs].flatMap((seq, at) => {
    const entry = entries.get(seq);
    return entry ? [{ entry, hammingDistance: distances[at]! }] : [];
  });
}
