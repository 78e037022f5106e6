import { ForbiddenBucketError } from '../services/bucket.js';
import { searchEach } from '../services/bucket-searches.js';
import type { CallSignal } from '../services/call-signal.js';
import type { ImgCache } from '../services/imgcache.js';

/** An imgcache that has no other buckets than these, for clients whose key names them. One without buckets is closed to them. */
export function restrictToBuckets(buckets: readonly string[], imgcache: ImgCache): ImgCache {
  const allowed = new Set(buckets);
  const requireDefault = async (signal: CallSignal | undefined) => {
    const bucket = await imgcache.defaultBucket?.(signal);
    if (typeof bucket !== 'string' || !allowed.has(bucket)) throw new ForbiddenBucketError();
  };
  const refuse = async () => {
    throw new ForbiddenBucketError();
  };
  /** Those that are allowed, by their names. */
  const open = async (signal: CallSignal | undefined) => {
    const hasBuckets = imgcache.inBucket && typeof (await imgcache.defaultBucket?.(signal)) === 'string';
    if (!hasBuckets) throw new ForbiddenBucketError();
    return new Map(Array.from(allowed, (bucket) => [bucket, imgcache.inBucket!(bucket)]));
  };
  return {
    ...guarded(imgcache, requireDefault),
    ...(imgcache.hashing && { hashing: (signal) => imgcache.hashing!(signal) }),
    ...(imgcache.defaultBucket && { defaultBucket: (signal) => imgcache.defaultBucket!(signal) }),
    ...(imgcache.listBuckets && {
      listBuckets: async (signal) =>
        (await imgcache.listBuckets!(signal))?.filter((bucket) => allowed.has(bucket)) ?? null,
    }),
    ...(imgcache.inBucket && {
      inBucket(bucket) {
        const named = imgcache.inBucket!(bucket);
        return allowed.has(bucket) ? named : guarded(named, refuse);
      },
    }),
    ...(imgcache.acrossBuckets && { acrossBuckets: () => searchEach(open) }),
    ...otherNames(imgcache, async (contentHashes, signal) => {
      const found = await Promise.all(
        Array.from((await open(signal)).values(), (bucket) => bucket.getMeta(contentHashes, signal)),
      );
      return contentHashes.map((_, index) => found.some((entries) => entries[index]));
    }),
  };
}

/** The other names of bytes, as far as whoever asks may know of them. */
function otherNames(
  imgcache: ImgCache,
  areVisible: (contentHashes: readonly string[], signal: CallSignal | undefined) => Promise<boolean[]>,
): Pick<ImgCache, 'getBlake3' | 'findByBlake3'> {
  const { getBlake3, findByBlake3 } = imgcache;
  return {
    ...(getBlake3 && {
      async getBlake3(contentHashes, signal) {
        const visible = await areVisible(contentHashes, signal);
        const known = await getBlake3.call(imgcache, contentHashes, signal);
        return known.map((blake3, index) => (visible[index] ? blake3 : null));
      },
    }),
    ...(findByBlake3 && {
      async findByBlake3(blake3, signal) {
        const found = await findByBlake3.call(imgcache, blake3, signal);
        const known = found.filter((contentHash) => contentHash !== null);
        const visible = await areVisible(known, signal);
        const shown = new Set(known.filter((_, index) => visible[index]));
        return found.map((contentHash) =>
          contentHash !== null && shown.has(contentHash) ? contentHash : null,
        );
      },
    }),
  };
}

/** The same service, each of whose calls is allowed first. */
function guarded(imgcache: ImgCache, allow: (signal: CallSignal | undefined) => Promise<void>): ImgCache {
  const ask = async <T>(signal: CallSignal | undefined, call: () => Promise<T>): Promise<T> => {
    await allow(signal);
    return call();
  };
  async function* list<T>(signal: CallSignal | undefined, call: () => AsyncIterable<T>): AsyncIterable<T> {
    await allow(signal);
    yield* call();
  }
  return {
    mode: imgcache.mode,
    getMeta: (hashes, signal) => ask(signal, () => imgcache.getMeta(hashes, signal)),
    getUrls: (hashes, signal) => ask(signal, () => imgcache.getUrls(hashes, signal)),
    getFewUrls: (entries, limit, signal) => ask(signal, () => imgcache.getFewUrls(entries, limit, signal)),
    lookup: (urls, signal) => ask(signal, () => imgcache.lookup(urls, signal)),
    countUrls: (hashes, signal) => ask(signal, () => imgcache.countUrls(hashes, signal)),
    search: (query, signal) => list(signal, () => imgcache.search(query, signal)),
    count: (filter, signal) => ask(signal, () => imgcache.count(filter, signal)),
    listClients: (query, signal) => ask(signal, () => imgcache.listClients(query, signal)),
    ...(imgcache.listPrefixes && {
      listPrefixes: (signal) => ask(signal, () => imgcache.listPrefixes!(signal)),
    }),
    similar: (query, signal) => list(signal, () => imgcache.similar(query, signal)),
    getBytes: (hash, range, signal, known) =>
      ask(signal, () => imgcache.getBytes(hash, range, signal, known)),
    store: (image, origin, signal) => ask(signal, () => imgcache.store(image, origin, signal)),
    delete: (hash, signal) => ask(signal, () => imgcache.delete(hash, signal)),
    health: (signal) => imgcache.health(signal),
  };
}
