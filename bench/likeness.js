/** How often pictures that have nothing to do with each other come as near as the words for likeness say. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { KeypointIndex } from '../dist/embedded/keypoints/keypoint-index.js';
import { decodeKeypoints } from '../dist/embedded/keypoints/keypoints.js';
import { decodeDescriptor } from '../dist/embedded/picture/descriptor.js';
import { dHash } from '../dist/embedded/picture/dhash.js';
import { greyRaster } from '../dist/embedded/picture/grey-raster.js';
import { describePicture } from '../dist/embedded/picture/read-picture.js';
import { findLikenesses } from '../dist/embedded/search/query-plan.js';
import { VisualIndex } from '../dist/embedded/search/visual-index.js';
import { hammingDistance, hashChunks } from '../dist/services/hamming-distance.js';
import { isPlainHash } from '../dist/services/likeness.js';
import { figure, print, printTable } from './harness/report.js';

export const description = 'false results at each distance and rank that a word for likeness stands for';

const PHOTOGRAPHS = fileURLToPath(new URL('../test/fixtures/corpus/photos/', import.meta.url));
const LONG_SIDE = 1024;
/** Parts of photographs stand for other pictures: each cut into 2×2 to 6×6 tiles, sky and dark corners among them. */
const TILINGS = [2, 3, 4, 5, 6];
const DISTANCES = [0, 1, 2, 4, 6, 8, 10, 12];
/** The last one stands for all parts, which rank behind wholes. */
const RANKS = [5, 9, 13, 20, 30, 45, 67, 200];

export async function run() {
  const folder = await mkdtemp(path.join(tmpdir(), 'lookalike-likeness-'));
  try {
    const pictures = [];
    for (const name of (await readdir(PHOTOGRAPHS)).sort()) pictures.push(...(await partsOf(name, folder)));
    print(`${pictures.length} photographs and tiles; a pair counts when they are of two photographs.`);
    reportDistances(pictures);
    reportRanks(pictures);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A photograph and its tiles, as both services see them. */
async function partsOf(name, folder) {
  const whole = sharp(path.join(PHOTOGRAPHS, name)).resize(LONG_SIDE, LONG_SIDE, { fit: 'inside' });
  const { data, info } = await whole
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const tiles = TILINGS.flatMap((n) =>
    Array.from({ length: n * n }, (_, i) => ({
      left: Math.floor(((i % n) * width) / n),
      top: Math.floor((Math.floor(i / n) * height) / n),
      width: Math.floor(width / n),
      height: Math.floor(height / n),
    })),
  );
  const parts = [];
  for (const [i, area] of [{ left: 0, top: 0, width, height }, ...tiles].entries()) {
    const part = sharp(data, { raw: info }).extract(area);
    const grey = await part.clone().toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    const hash = dHash(greyRaster(grey.data, grey.info.width, grey.info.height, grey.info.channels));
    const file = path.join(folder, `${name}-${i}.png`);
    await part.png({ compressionLevel: 1 }).toFile(file);
    const { descriptor, keypoints } = await describePicture(file, { maxPixels: 1e9 }, async () => {});
    const look = { descriptor: decodeDescriptor(descriptor), keypoints: decodeKeypoints(keypoints) };
    parts.push({ source: name, chunks: hashChunks(hash), plain: isPlainHash(hash), look });
  }
  return parts;
}

function reportDistances(pictures) {
  const pairs = { plain: 0, other: 0 };
  const counts = { plain: Array(65).fill(0), other: Array(65).fill(0) };
  for (const [i, one] of pictures.entries())
    for (const other of pictures.slice(0, i)) {
      if (one.source === other.source) continue;
      const kind = one.plain || other.plain ? 'plain' : 'other';
      pairs[kind]++;
      counts[kind][hammingDistance(one.chunks, other.chunks)]++;
    }
  report('dHash, neither plain', pairs.other, DISTANCES, counts.other);
  report('dHash, one of both plain', pairs.plain, DISTANCES, counts.plain);
}

function reportRanks(pictures) {
  const [index, keypoints] = [new VisualIndex(), new KeypointIndex()];
  for (const [key, { look }] of pictures.entries()) {
    index.add(key, look.descriptor);
    keypoints.add(key, look.keypoints);
  }
  const indexes = {
    search: (query, asked) => index.search(query, asked),
    discountOf: (key) => index.discountOf(key),
    keypoints,
  };
  const ranks = [];
  let pairs = 0;
  for (const one of pictures) {
    pairs += pictures.filter(({ source }) => source !== one.source).length;
    for (const { key, rank } of findLikenesses(one.look, indexes)) {
      if (pictures[key].source !== one.source) ranks[rank] = (ranks[rank] ?? 0) + 1;
    }
  }
  report('ranks of all', pairs, RANKS, ranks);
}

/** @param counts of false results, by distance or rank */
function report(title, pairs, limits, counts) {
  const rows = limits.map((limit) => {
    const results = counts.slice(0, limit + 1).reduce((sum, count) => sum + (count ?? 0), 0);
    return [`to ${limit}`, String(results), figure((results / pairs) * 1e6)];
  });
  printTable(`${title}, ${figure(pairs / 1e6)} million pairs`, ['', 'false results', 'per million'], rows);
}
