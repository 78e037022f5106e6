import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readPicture } from '#src/embedded/picture/read-picture.js';
import type { PictureFacts } from '#src/services/staged-image.js';

/** What the original imgcache server says of a file. */
interface Golden {
  content_type: string;
  width: number | null;
  height: number | null;
  dhash: string | null;
}

const corpus = fileURLToPath(new URL('../../fixtures/corpus/', import.meta.url));
const golden: Record<string, Golden> = JSON.parse(readFileSync(`${corpus}golden.json`, 'utf8')).files;
const maxPixels = 178_956_970;

/** Where we say more than the original, or less, and why. */
const DIFFERENCES: Record<string, Partial<PictureFacts>> = {
  // Multi-picture JPEG of phones is JPEG to everything that shows it.
  'odd/mpo.jpg': { contentType: 'image/jpeg' },
  // Pillow 11.1 does not know it; libvips decodes it.
  'odd/photo.avif': {
    contentType: 'image/avif',
    width: 300,
    height: 200,
    perceptualHash: 'f3e96933160b1b36',
  },
  // Recognised, and not decoded here.
  'odd/photo.heic': { contentType: 'image/heic' },
  'odd/jpeg2000.jp2': { contentType: 'image/jp2', width: null, height: null, perceptualHash: null },
  'odd/photo.pcx': { contentType: 'image/x-pcx', width: null, height: null, perceptualHash: null },
  'odd/photo.ppm': {
    contentType: 'image/x-portable-pixmap',
    width: null,
    height: null,
    perceptualHash: null,
  },
};

const PROBLEMS: Record<string, PictureFacts['problem']> = {
  'odd/zero.bin': 'EMPTY',
  'odd/text.txt': 'NOT_AN_IMAGE',
  'odd/page.html': 'NOT_AN_IMAGE',
  'odd/gzip.svgz': 'NOT_AN_IMAGE',
  'odd/svg-utf16.svg': 'NOT_AN_IMAGE',
  'odd/truncated-tail2.jpg': 'CUT_OFF',
  'odd/truncated.png': 'CUT_OFF',
  'odd/bad-crc.png': 'CUT_OFF',
};

describe('readPicture says what the original imgcache says', () => {
  for (const [file, { content_type: contentType, width, height, dhash: perceptualHash }] of Object.entries(
    golden,
  )) {
    it.skipIf(!existsSync(corpus + file))(`of ${file}`, async () => {
      expect(await readPicture(corpus + file, { maxPixels }, async () => {})).toEqual({
        contentType,
        width,
        height,
        perceptualHash,
        problem: PROBLEMS[file] ?? null,
        ...DIFFERENCES[file],
      });
    });
  }
});
