// npm run bench -- describe: the processor time that describing a picture takes, by its parts.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import {
  ASKED_KEYPOINTS,
  ASKED_SIDE,
  encodeKeypoints,
  KEPT_KEYPOINTS,
  KEPT_SIDE,
} from '../dist/embedded/keypoints/keypoints.js';
import { describe, encodeDescriptor } from '../dist/embedded/picture/descriptor.js';
import { copySize, greyCopy } from '../dist/embedded/picture/grey-copy.js';
import { describePicture, readPicture } from '../dist/embedded/picture/read-picture.js';
import { readRaster } from '../dist/embedded/picture/read-raster.js';
import { printMachine } from './harness/machine.js';
import { medianOf, printTable } from './harness/report.js';
import { makeFolder, removeFolder } from './harness/workspace.js';

export const description = 'the CPU of describing a picture, by its parts  [--quick]';

const PHOTOS = new URL('../test/fixtures/corpus/photos/', import.meta.url);
const LONG_SIDES = [500, 1600, 4000];
const USES = {
  KEPT: { longSide: KEPT_SIDE, most: KEPT_KEYPOINTS },
  ASKED: { longSide: ASKED_SIDE, most: ASKED_KEYPOINTS },
};
const LIMITS = { maxPixels: 1e9 };
/** Memory is not counted here. */
const reserve = async () => {};

/** Each part of a description by itself, and the whole. */
const PARTS = {
  'decode to RGB': ({ path }) => sharp(path).raw().toBuffer(),
  'facts (dHash)': ({ path }) => readPicture(path, LIMITS, reserve),
  'squeezed copy': ({ path }) => readRaster(path),
  'hashes of it': ({ raster }) => encodeDescriptor(describe(raster)),
  'grey copy': ({ path, copy }) => greyCopy(sharp(path).autoOrient(), copy),
  'keypoints of it': ({ copy, most }) => encodeKeypoints(copy, most),
  'whole description': ({ path, use }) => describePicture(path, LIMITS, reserve, use),
};

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean', default: false } } });
  printMachine();
  const folder = makeFolder();
  const rows = [];
  for (const longSide of LONG_SIDES) {
    const paths = await resizedPhotos(folder, longSide);
    for (const use of Object.keys(USES)) rows.push(await rowOf(longSide, use, paths, values.quick ? 2 : 8));
  }
  removeFolder(folder);
  printTable(
    'CPU ms, the median of photographs and rounds; the goal of hashes and keypoints together is 30',
    ['long side', 'for', ...Object.keys(PARTS), 'hashes + keypoints'],
    rows,
  );
}

async function resizedPhotos(folder, longSide) {
  const paths = [];
  for (const name of readdirSync(PHOTOS).sort()) {
    const path = join(folder, `${longSide}-${name}.jpg`);
    const photo = sharp(fileURLToPath(new URL(name, PHOTOS))).removeAlpha();
    await photo.resize(longSide, longSide, { fit: 'inside' }).jpeg().toFile(path);
    paths.push(path);
  }
  return paths;
}

async function rowOf(longSide, use, paths, rounds) {
  const pictures = [];
  for (const path of paths) {
    const size = copySize(await sharp(path).metadata(), USES[use].longSide);
    const [raster, copy] = [await readRaster(path), await greyCopy(sharp(path).autoOrient(), size)];
    pictures.push({ path, use, raster, copy, most: USES[use].most });
  }
  const figures = new Map(Object.keys(PARTS).map((name) => [name, []]));
  // The first round is for V8 to compile what it runs.
  for (let round = 0; round <= rounds; round++)
    for (const picture of pictures)
      for (const [name, part] of Object.entries(PARTS)) {
        const ms = await cpuMsOf(() => part(picture));
        if (round > 0) figures.get(name).push(ms);
      }
  const sums = figures.get('hashes of it').map((ms, i) => ms + figures.get('keypoints of it')[i]);
  return [String(longSide), use, ...[...figures.values(), sums].map(medianOf)];
}

async function cpuMsOf(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
