import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { Sources } from '#src/graphql/similarity/sources.js';
import { entryPicture } from '#src/graphql/similarity/subject.js';

it('lets go of the bytes of an entry when they cannot be staged', async () => {
  const stream = Readable.from([Buffer.from('bytes')]);
  const full = new Error('There is no room.');
  const sources = {
    imgcache: { getBytes: async () => ({ stream, fileSizeBytes: 5, contentType: 'image/png' }) },
    staging: { stage: () => Promise.reject(full) },
    scope: { reads: () => undefined },
  };
  // All that a read of bytes touches.
  await using subject = entryPicture('0'.repeat(64), sources as unknown as Sources);
  await expect(subject.bytes!()).rejects.toBe(full);
  expect(stream.destroyed).toBe(true);
});
