import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createPicturePool } from '#src/embedded/picture/picture-pool.js';
import { MAX_PIXELS, withFile } from './facts-of.js';

const png = await readFile(fileURLToPath(new URL('../../fixtures/corpus/odd/rgb.png', import.meta.url)));
const BEHIND_HEADER = 33;

function textChunk(name: string, packed: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(`zTXt${name}\0\0`), packed]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG with texts of 30 megabytes each, which are packed into 30 kilobytes. */
function pngOfTexts(count: number, { damaged }: { damaged: boolean }): Buffer {
  const packed = deflateSync(Buffer.alloc(30_000_000));
  if (damaged) packed[packed.length - 1]! ^= 1;
  const texts = Array.from({ length: count }, (_, nth) => textChunk(`k${nth}`, packed));
  return Buffer.concat([png.subarray(0, BEHIND_HEADER), ...texts, png.subarray(BEHIND_HEADER)]);
}

it.each([
  [1, false, 'TOO_COSTLY'],
  [1, true, null],
  [20, true, 'TOO_COSTLY'],
])('a PNG of %i large texts, damaged: %j, has the problem %j', async (count, damaged, problem) => {
  const pool = createPicturePool({ maxPixels: MAX_PIXELS, threads: 1 });
  try {
    const facts = await withFile(pngOfTexts(count, { damaged }), (path) => pool.read(path));
    expect(facts.problem).toBe(problem);
  } finally {
    await pool.close();
  }
});
