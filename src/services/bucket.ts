import type { CallSignal } from './call-signal.js';
import type { Entry } from './entry.js';
import { ServiceError } from './errors.js';
import type { ImgCache } from './imgcache.js';
import { isLine } from './storable-text.js';

/** Characters of the name of a bucket. */
export const MAX_BUCKET_LENGTH = 255;

/**
 * Why a text cannot be the name of a bucket; null when it can. The empty name is one. A service may keep a folder for each
 * bucket, and a name must not lead out of that.
 */
export function bucketProblem(name: string): string | null {
  if ([...name].length > MAX_BUCKET_LENGTH) return `must have at most ${MAX_BUCKET_LENGTH} characters.`;
  if (name === '.' || name === '..') return 'must not be . or ..';
  if (/[/\\]/.test(name)) return 'must not have slashes.';
  return name === '' || isLine(name) ? null : 'must not have control characters or broken Unicode.';
}

/**
 * The service in one bucket alone; in the one of its settings where none is named.
 * @throws ServiceError UNSUPPORTED where it has no buckets
 */
export function inBucket(imgcache: ImgCache, bucket: string | null | undefined): ImgCache {
  if (bucket === null || bucket === undefined) return imgcache;
  if (!imgcache.inBucket) throw noBuckets();
  return imgcache.inBucket(bucket);
}

/** The bucket that an entry is in; null where the service has none. */
export async function bucketOf(
  { bucket }: Entry,
  { defaultBucket }: ImgCache,
  signal: CallSignal,
): Promise<string | null> {
  return bucket ?? (await defaultBucket?.(signal)) ?? null;
}

/** Whoever asks may not know of the bucket. */
export class ForbiddenBucketError extends ServiceError {
  constructor() {
    super('The key is not good for this bucket of imgcache.', {
      service: 'IMGCACHE',
      code: 'REFUSED',
      retryable: false,
    });
    this.name = 'ForbiddenBucketError';
  }
}

export function noBuckets(): ServiceError {
  return new ServiceError('This imgcache has no buckets.', {
    service: 'IMGCACHE',
    code: 'UNSUPPORTED',
    retryable: false,
  });
}
