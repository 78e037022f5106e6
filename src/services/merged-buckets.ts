import type { CallSignal } from './call-signal.js';
import { compareText } from './compare-text.js';
import type { Entry, EntryMatch } from './entry.js';
import { compareEntries, ENTRY_ORDERS, type EntryOrder, type EntryPosition } from './entry-order.js';
import type { EntryQuery, SimilarQuery } from './entry-query.js';
import type { BucketSearches, ImgCache } from './imgcache.js';
import { mergeLists, type NextPart } from './merge-lists.js';

const BATCH = 100;
/** The fewest and the most entries that are read of the list of a bucket at a time. */
const LEAST_PART = 10;
const MOST_PART = 500;

export interface MergedBucketsParts {
  /** The names of the buckets to search. */
  list(signal?: CallSignal): Promise<readonly string[]>;
  inBucket(bucket: string): Pick<ImgCache, 'getMeta' | 'lookup' | 'search' | 'similar'>;
}

/** The searches in several buckets: each bucket is searched, and what is found merged. */
export class MergedBuckets implements BucketSearches {
  readonly #parts: MergedBucketsParts;

  constructor(parts: MergedBucketsParts) {
    this.#parts = parts;
  }

  async find(contentHash: string, signal?: CallSignal): Promise<readonly Entry[]> {
    const found: Entry[] = [];
    for (const bucket of await this.#parts.list(signal)) {
      const [entry] = await this.#parts.inBucket(bucket).getMeta([contentHash], signal);
      if (entry) found.push({ ...entry, bucket });
    }
    return found.sort((a, b) => compareEntries('NEWEST_FIRST', a, b));
  }

  async lookup(urls: readonly string[], signal?: CallSignal): Promise<(Entry | null)[]> {
    const newest: (Entry | null)[] = urls.map(() => null);
    for (const bucket of await this.#parts.list(signal)) {
      const found = await this.#parts.inBucket(bucket).lookup(urls, signal);
      for (const [at, entry] of found.entries())
        if (entry && (newest[at]?.createdAt ?? '') < entry.createdAt) newest[at] = { ...entry, bucket };
    }
    return newest;
  }

  async *search({ limit, ...query }: EntryQuery, signal?: CallSignal): AsyncGenerator<readonly Entry[]> {
    const wanted = limit ?? Number.POSITIVE_INFINITY;
    const buckets = await this.#parts.list(signal);
    const part = Math.max(LEAST_PART, Math.min(Math.ceil((2 * wanted) / buckets.length), MOST_PART));
    const lists = buckets.map((bucket) =>
      this.#partsOf(bucket, { ...queryIn(bucket, query), limit: part }, signal),
    );
    const merged = mergeLists(lists, (a, b) => compareEntries(query.order, a, b), BATCH);
    yield* upTo(wanted, merged);
  }

  /** Reads the list of a bucket part by part: how far it is needed shows among those of the others. */
  #partsOf(
    bucket: string,
    query: EntryQuery & { limit: number },
    signal: CallSignal | undefined,
  ): NextPart<Entry> {
    const imgcache = this.#parts.inBucket(bucket);
    let { after } = query;
    let isAtEnd = false;
    return async () => {
      if (isAtEnd) return [];
      const part: Entry[] = [];
      for await (const entries of imgcache.search({ ...query, ...(after && { after }) }, signal))
        part.push(...entries.map((entry) => ({ ...entry, bucket })));
      isAtEnd = part.length < query.limit;
      after = part.at(-1);
      return part;
    };
  }

  async *similar(
    { limit = Number.POSITIVE_INFINITY, ...query }: SimilarQuery,
    signal?: CallSignal,
  ): AsyncGenerator<readonly EntryMatch[]> {
    const buckets = await this.#parts.list(signal);
    const lists = buckets.map((bucket) => ({
      bucket,
      matches: this.#parts.inBucket(bucket).similar(query, signal)[Symbol.asyncIterator](),
    }));
    const parts = lists.map(({ bucket, matches }) => async () => {
      const { value, done } = await matches.next();
      if (done) return [];
      return value.map((match) => ({ ...match, entry: { ...match.entry, bucket } }));
    });
    try {
      yield* upTo(limit, mergeLists(parts, compareMatches, BATCH));
    } finally {
      for (const { matches } of lists) await matches.return?.();
    }
  }
}

/** The part of a query that is of one bucket, whose own order knows nothing of others. */
function queryIn(bucket: string, { after, before, ...query }: EntryQuery): EntryQuery {
  const { order } = query;
  return {
    ...query,
    ...(after && { after: placeIn(bucket, order, after, 'AFTER') }),
    ...(before && { before: placeIn(bucket, order, before, 'BEFORE') }),
  };
}

/**
 * A place as it is in one bucket. An entry there that is equal but for its bucket may be on the side that is asked for: the
 * place is then on the other side of that entry.
 */
function placeIn(
  bucket: string,
  order: EntryOrder,
  place: EntryPosition,
  side: 'AFTER' | 'BEFORE',
): EntryPosition {
  const { bucket: _, ...own } = place;
  const compared = compareEntries(order, { ...place, bucket }, place);
  if (side === 'AFTER' ? compared <= 0 : compared >= 0) return own;
  const upwards = ENTRY_ORDERS[order].hashDescending === (side === 'AFTER');
  return { ...own, contentHash: neighbour(place.contentHash, upwards ? 1n : -1n) };
}

/** The content hash next to one: no other lies between. */
function neighbour(contentHash: string, step: 1n | -1n): string {
  const next = BigInt(`0x${contentHash}`) + step;
  const digits = next.toString(16).padStart(contentHash.length, '0');
  // Of the first of all what is in front of it, and of the last what is behind.
  return next < 0n ? '' : digits.length > contentHash.length ? 'g' : digits;
}

async function* upTo<Item>(
  limit: number,
  batches: AsyncIterable<readonly Item[]>,
): AsyncGenerator<readonly Item[]> {
  let left = limit;
  if (left === 0) return;
  for await (const batch of batches) {
    yield batch.slice(0, left);
    left -= batch.length;
    if (left <= 0) return;
  }
}

function compareMatches(a: EntryMatch, b: EntryMatch): number {
  return (
    a.hammingDistance - b.hammingDistance ||
    compareText(a.entry.createdAt, b.entry.createdAt) ||
    compareText(a.entry.contentHash, b.entry.contentHash) ||
    compareText(a.entry.bucket!, b.entry.bucket!)
  );
}
