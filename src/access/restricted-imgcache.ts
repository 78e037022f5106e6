import { ForbiddenBucketError } from '../services/bucket.js';
import type { CallSignal } from '../services/call-signal.js';
import type { ImgCache } from '../services/imgcache.js';
import { MergedBuckets } from '../services/merged-buckets.js';

/** An imgcache that has no other buckets than these, for clients whose key names them. One without buckets is closed to them. */
export function restrictToBuckets(buckets: readonly string[], imgcache: ImgCache): ImgCache {
  const allowed = new Set(buckets);
  const requireDefault = async (signal: CallSignal | undefined) => {
    const bucket = await imgcache.defaultBucket?.(signal);
    if (typeof bucket !== 'string' || !allowed.has(bucket)) throw new ForbiddenBucketError();
  };
  return {
    ...guarded(imgcache, requireDefault),
    ...(imgcache.hashing && { hashing: (signal) => imgcache.hashing!(signal) }),
    ...(imgcache.defaultBucket && { defaultBucket: (signal) => imgcache.defaultBucket!(signal) }),
    ...(imgcache.inBucket && withBuckets(allowed, imgcache)),
  };
}

/** What there is of buckets, as far as these go. */
function withBuckets(allowed: ReadonlySet<string>, imgcache: ImgCache): Partial<ImgCache> {
  const listBuckets = async (signal?: CallSignal) =>
    (await imgcache.listBuckets?.(signal))?.filter((bucket) => allowed.has(bucket)) ?? null;
  const inBucket = (bucket: string) =>
    guarded(imgcache.inBucket!(bucket), allowed.has(bucket) ? permit : refuse);
  return {
    inBucket,
    ...(imgcache.listBuckets && { listBuckets }),
    ...(imgcache.acrossBuckets && {
      acrossBuckets: () =>
        new MergedBuckets({ list: async (signal) => (await listBuckets(signal)) ?? [], inBucket }),
    }),
    ...(imgcache.getBlake3 &&
      imgcache.findByBlake3 && {
        getBlake3: async (contentHashes, signal) => {
          const known = await imgcache.getBlake3!(contentHashes, signal);
          const seen = await entriesIn(allowed, imgcache, contentHashes, signal);
          return known.map((blake3, at) => (seen.has(contentHashes[at]!) ? blake3 : null));
        },
        findByBlake3: async (blake3, signal) => {
          const found = await imgcache.findByBlake3!(blake3, signal);
          const hashes = found.filter((hash) => hash !== null);
          const seen = await entriesIn(allowed, imgcache, hashes, signal);
          return found.map((hash) => (hash !== null && seen.has(hash) ? hash : null));
        },
      }),
  };
}

/** Which of these content hashes have an entry in one of the buckets: what others have, nobody else learns of. */
async function entriesIn(
  buckets: ReadonlySet<string>,
  imgcache: ImgCache,
  contentHashes: readonly string[],
  signal: CallSignal | undefined,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (const bucket of buckets)
    for (const entry of await imgcache.inBucket!(bucket).getMeta(contentHashes, signal))
      if (entry) seen.add(entry.contentHash);
  return seen;
}

async function permit(): Promise<void> {}

async function refuse(): Promise<void> {
  throw new ForbiddenBucketError();
}

/** The same bucket, each of whose calls is allowed first. */
function guarded(imgcache: ImgCache, allow: (signal: CallSignal | undefined) => Promise<void>): ImgCache {
  const ask = async <T>(signal: CallSignal | undefined, call: () => Promise<T>): Promise<T> => {
    await allow(signal);
    return call();
  };
  async function* list<T>(signal: CallSignal | undefined, call: () => AsyncIterable<T>): AsyncIterable<T> {
    await allow(signal);
    yield* call();
  }
  const { listPrefixes, similarToEach } = imgcache;
  return {
    mode: imgcache.mode,
    getMeta: (hashes, signal) => ask(signal, () => imgcache.getMeta(hashes, signal)),
    getUrls: (hashes, signal) => ask(signal, () => imgcache.getUrls(hashes, signal)),
    getFewUrls: (entries, limit, signal) => ask(signal, () => imgcache.getFewUrls(entries, limit, signal)),
    lookup: (urls, signal) => ask(signal, () => imgcache.lookup(urls, signal)),
    countUrls: (hashes, signal) => ask(signal, () => imgcache.countUrls(hashes, signal)),
    ...(listPrefixes && {
      listPrefixes: (signal) => ask(signal, () => listPrefixes.call(imgcache, signal)),
    }),
    search: (query, signal) => list(signal, () => imgcache.search(query, signal)),
    count: (filter, signal) => ask(signal, () => imgcache.count(filter, signal)),
    listClients: (query, signal) => ask(signal, () => imgcache.listClients(query, signal)),
    similar: (query, signal) => list(signal, () => imgcache.similar(query, signal)),
    ...(similarToEach && {
      similarToEach: (queries, signal) => ask(signal, () => similarToEach.call(imgcache, queries, signal)),
    }),
    getBytes: (hash, range, signal, known) =>
      ask(signal, () => imgcache.getBytes(hash, range, signal, known)),
    store: (image, origin, signal) => ask(signal, () => imgcache.store(image, origin, signal)),
    delete: (hash, signal) => ask(signal, () => imgcache.delete(hash, signal)),
    health: (signal) => imgcache.health(signal),
  };
}
