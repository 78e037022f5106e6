import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isPicturePath, type PictureTarget, parsePicturePath, picturePath } from '#src/http/picture-paths.js';
import { bucketProblem } from '#src/services/bucket.js';

const HASH = 'ab'.repeat(32);

it('reads from the path of every entry, in any bucket, what it was made of', () => {
  const buckets = fc.option(
    fc.string({ unit: 'binary' }).filter((name) => bucketProblem(name) === null),
    { nil: undefined },
  );
  const thumbnails = fc.option(fc.constant({ width: 320, format: 'webp' } as const), { nil: null });
  fc.assert(
    fc.property(buckets, thumbnails, (bucket, thumbnail) => {
      const target: PictureTarget = { contentHash: HASH, image: null, bucket, thumbnail };
      const path = picturePath(target);
      expect(isPicturePath(path)).toBe(true);
      expect(parsePicturePath(path)).toEqual(target);
    }),
  );
});

it.each([
  `/buckets/a/b/files/${HASH}`,
  `/buckets/../files/${HASH}`,
  `/buckets/%2e%2e/files/${HASH}`,
  `/buckets/a%2fb/files/${HASH}`,
  `/buckets/%ff/files/${HASH}`,
  `/buckets/a/collections/c/images/i/${HASH}`,
  `/buckets/a/buckets/b/files/${HASH}`,
  '/buckets/a/files/abc',
  '/buckets/a',
])('is none: %s', (path) => {
  expect(parsePicturePath(path)).toBeNull();
});
