import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { describePicture, readPicture } from '#src/embedded/picture/read-picture.js';
import { MAX_PIXELS, withFile } from './facts-of.js';

const picture = fileURLToPath(new URL('../../fixtures/corpus/odd/rgb.png', import.meta.url));
const XMP_BYTES = 2_000_000;

/** A small picture with long metadata. */
function pictureOf(format: 'png' | 'webp' | 'avif' | 'tiff'): Promise<Buffer> {
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/">${' '.repeat(XMP_BYTES)}</x:xmpmeta>`;
  return sharp(picture).resize(20, 20).withXmp(xmp).toFormat(format).toBuffer();
}

it.each(['png', 'webp', 'avif', 'tiff'] as const)(
  'long metadata of a picture counts before its header is read, and while it is decoded: %s',
  async (format) => {
    await withFile(await pictureOf(format), async (path) => {
      for (const read of [readPicture, describePicture]) {
        const reserved: number[] = [];
        await read(path, { maxPixels: MAX_PIXELS }, async (bytes) => void reserved.push(bytes));
        expect(reserved).toHaveLength(2);
        expect(reserved[0]).toBeGreaterThanOrEqual(4 * XMP_BYTES);
        expect(reserved[1]).toBeGreaterThanOrEqual(7 * XMP_BYTES);
      }
    });
  },
);
