import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { makeFolder } from './workspace.js';

const PHOTOGRAPH = new URL('../../test/fixtures/corpus/photos/11-picos.jpg', import.meta.url);
const [WIDTH, HEIGHT] = [1600, 900];
/** So many pixels the photograph is larger, to be cut out at another place for each picture. */
const [MARGIN_X, MARGIN_Y] = [120, 68];

/**
 * Different JPEGs of 1600x900 pixels and some 190 KB, in files of one temporary folder.
 *
 * @param {number} count up to 8,000
 * @returns {Promise<{ path: string, bytes: Buffer }[]>}
 */
export async function makePictures(count) {
  const folder = makeFolder();
  const [width, height] = [WIDTH + MARGIN_X, HEIGHT + MARGIN_Y];
  const photograph = await sharp(await readFile(PHOTOGRAPH))
    .resize(width, height)
    .raw()
    .toBuffer();
  const pictures = [];
  for (let i = 0; i < count; i++) {
    const [left, top] = [i % MARGIN_X, Math.floor(i / MARGIN_X)];
    const bytes = await sharp(photograph, { raw: { width, height, channels: 3 } })
      .extract({ left, top, width: WIDTH, height: HEIGHT })
      .jpeg({ quality: 78 })
      .toBuffer();
    const path = join(folder, `${i}.jpg`);
    await writeFile(path, bytes);
    pictures.push({ path, bytes });
  }
  return pictures;
}

/**
 * The photograph blown up to 6708x4472, which is 30 megapixels.
 *
 * @param {number} number another one for another number
 */
export async function makeLargePicture(number) {
  return sharp(await readFile(PHOTOGRAPH))
    .resize(6708, 4472)
    .linear(1, number)
    .jpeg({ quality: 80 })
    .toBuffer();
}
