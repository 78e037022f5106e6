import { expect, it } from 'vitest';
import { bucketProblem, inBucket, MAX_BUCKET_LENGTH } from '#src/services/bucket.js';
import { MemoryImgCache } from '../fakes/memory-imgcache.js';

it.each(['', 'default', 'parts-direct', 'a b', '日本', '...', '.x', 'x'.repeat(MAX_BUCKET_LENGTH)])(
  'takes %j for the name of a bucket',
  (name) => {
    expect(bucketProblem(name)).toBeNull();
  },
);

it.each(['.', '..', '../x', 'a/b', '/', 'a\\b', 'a\nb', '\0', '\ud800', 'x'.repeat(MAX_BUCKET_LENGTH + 1)])(
  'refuses %j, in a sentence',
  (name) => {
    expect(bucketProblem(name)).toMatch(/^must .*[^.]\.+$/);
  },
);

it('is the service itself where no bucket is named, and fails where one is and there are none', () => {
  const imgcache = new MemoryImgCache();
  for (const none of [null, undefined]) expect(inBucket(imgcache, none)).toBe(imgcache);
  for (const name of ['', 'default'])
    expect(() => inBucket(imgcache, name)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        retryable: false,
        message: 'This imgcache has no buckets.',
      }),
    );
});
