import type { CallSignal } from '../../../services/call-signal.js';
import type { BucketSearches, ImgCache } from '../../../services/imgcache.js';
import { type FieldPlace, InvalidFields, noBuckets } from '../problems.js';

/** A bucket that a request means. */
export interface OpenBucket {
  name: string;
  imgcache: ImgCache;
}

/** What a request searches: a bucket, or all of them. */
export interface OpenSearches {
  /** Of entries that do not tell it. */
  bucket: string;
  searches: Pick<BucketSearches, 'lookup' | 'search' | 'similar'>;
}

/**
 * The bucket with a name: exactly that, whichever bucket the service has for calls that name none.
 * @throws InvalidFields for another than the empty one where there are none
 */
export async function openBucket(
  imgcache: ImgCache,
  name: string,
  signal: CallSignal,
  place: FieldPlace = ['query', 'bucket'],
): Promise<OpenBucket> {
  const unnamed = (await imgcache.defaultBucket?.(signal)) ?? null;
  if (unnamed === null && name !== '') throw new InvalidFields([noBuckets(place, name)]);
  if (unnamed === null || unnamed === name || !imgcache.inBucket) return { name, imgcache };
  return { name, imgcache: imgcache.inBucket(name) };
}

/** The bucket that is named, or all of them. */
export async function openSearches(
  imgcache: ImgCache,
  name: string | undefined,
  signal: CallSignal,
): Promise<OpenSearches> {
  if (name === undefined) return { bucket: '', searches: imgcache.acrossBuckets?.() ?? imgcache };
  const opened = await openBucket(imgcache, name, signal);
  return { bucket: name, searches: opened.imgcache };
}
