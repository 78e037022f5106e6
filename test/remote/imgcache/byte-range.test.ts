import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sliceStream } from '#src/remote/imgcache/byte-range.js';

it('passes on the bytes within the range, however they are cut into chunks', async () => {
  const place = fc.nat(60);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 12 })),
      place,
      place,
      async (chunks, a, b) => {
        const [start, end] = a < b ? [a, b] : [b, a];
        const source = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
        const slice = await buffer(sliceStream(source, { start, end }));
        expect(slice.equals(Buffer.concat(chunks).subarray(start, end + 1))).toBe(true);
        expect(source.destroyed).toBe(true);
      },
    ),
  );
});
