import { compareText } from './compare-text.js';
import { compareEntries, ENTRY_ORDERS, type EntryOrder, type EntryPosition } from './entry-order.js';
import type { BucketSearches, Entry, EntryMatch, EntryQuery, ImgCache } from './imgcache.js';
import { mergeLists } from './merge-lists.js';

/** Some buckets of a service, by their names. */
export type NamedBuckets = ReadonlyMap<string, ImgCache>;

/**
 * The searches in several buckets at once, made of those in each: their lists are merged as far as somebody reads them.
 * @param open gives the buckets at each call, and may refuse it
 */
export function searchEach(
  open: (signal: Parameters<ImgCache['health']>[0]) => Promise<NamedBuckets>,
): BucketSearches {
  return {
    async lookup(urls, signal) {
      const found = await ofEach(await open(signal), (bucket) => bucket.lookup(urls, signal));
      return urls.map((_, index) => newestFirst(found.map((entries) => entries[index]))[0] ?? null);
    },

    async find(contentHash, signal) {
      const found = await ofEach(await open(signal), (bucket) => bucket.getMeta([contentHash], signal));
      return newestFirst(found.flat());
    },

    async *search(query, signal) {
      const lists = Array.from(await open(signal), ([bucket, imgcache]) =>
        mapped(imgcache.search(queryIn(bucket, query), signal), (entry) => ({ ...entry, bucket })),
      );
      yield* merged(lists, (a, b) => compareEntries(query.order, a, b), query.limit);
    },

    async *similar(query, signal) {
      const lists = Array.from(await open(signal), ([bucket, imgcache]) =>
        mapped(imgcache.similar(query, signal), (match) => ({ ...match, entry: { ...match.entry, bucket } })),
      );
      yield* merged(lists, compareMatches, query.limit);
    },
  };
}

/** The part of a query that is of one bucket, whose own order knows nothing of others. */
export function queryIn(bucket: string, { after, before, ...query }: EntryQuery): EntryQuery {
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

async function ofEach(
  buckets: NamedBuckets,
  ask: (imgcache: ImgCache) => Promise<readonly (Entry | null)[]>,
): Promise<(Entry | null)[][]> {
  return Promise.all(
    Array.from(buckets, async ([bucket, imgcache]) =>
      (await ask(imgcache)).map((entry) => entry && { ...entry, bucket }),
    ),
  );
}

function newestFirst(entries: readonly (Entry | null | undefined)[]): Entry[] {
  return entries
    .filter((entry) => entry !== null && entry !== undefined)
    .sort((a, b) => compareEntries('NEWEST_FIRST', a, b));
}

/** Nearest first, then the oldest, then by contentHash and bucket. */
function compareMatches(a: EntryMatch, b: EntryMatch): number {
  return (
    a.hammingDistance - b.hammingDistance ||
    compareText(a.entry.createdAt, b.entry.createdAt) ||
    compareText(a.entry.contentHash, b.entry.contentHash) ||
    compareText(a.entry.bucket ?? '', b.entry.bucket ?? '')
  );
}

/** How many items are given at a time. */
const BATCH = 100;

/** Merges lists that are each in one order. Of each no more is read than a batch beyond what is given. */
async function* merged<T>(
  lists: readonly AsyncIterable<readonly T[]>[],
  compare: (a: T, b: T) => number,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly T[]> {
  const iterators = lists.map((list) => list[Symbol.asyncIterator]());
  let left = limit;
  try {
    if (left === 0) return;
    const parts = iterators.map((iterator) => () => nextPart(iterator));
    for await (const batch of mergeLists(parts, compare, Math.min(limit, BATCH))) {
      yield batch.slice(0, left);
      left -= batch.length;
      if (left <= 0) return;
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

/** The next items of a list; none at its end. */
async function nextPart<T>(iterator: AsyncIterator<readonly T[]>): Promise<readonly T[]> {
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) return [];
    if (value.length > 0) return value;
  }
}

/** A list whose items are changed. */
async function* mapped<T>(
  batches: AsyncIterable<readonly T[]>,
  change: (item: T) => T,
): AsyncGenerator<readonly T[]> {
  for await (const batch of batches) yield batch.map(change);
}
