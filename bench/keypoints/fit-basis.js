// node bench/keypoints/fit-basis.js: fits the planes that keypoints are coded by to the photographs and wallpapers that the
// quality bench does not hold out, and writes them. They are frozen: another basis is another version of all stored keypoints.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { detectKeypoints } from '../../dist/embedded/keypoints/detect.js';
import { mulberry32 } from '../quality/random.js';
import { findSources } from '../quality/sources.js';
import { eigen, multiply, randomRotation } from './linear-algebra.js';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const VALUES = 128;
const BITS = 64;
const random = mulberry32(20_261_129);

/** Patches are seen as they are, mirrored, in inverted tones, and both: what each of these moves where. */
const index = (row, column, direction) => (row * 4 + column) * 8 + direction;
const moved = (place) => Array.from({ length: VALUES }, (_, at) => place(at >> 5, (at >> 3) & 3, at & 7));
const MIRRORED = moved((row, column, direction) => index(3 - row, column, (8 - direction) % 8));
const INVERTED = moved((row, column, direction) => index(3 - row, 3 - column, direction));

async function patchesOf(bytes) {
  const found = [];
  // Keypoints of the copy that is stored, and of the one that is asked with.
  for (const side of [320, 512]) {
    const { data, info } = await sharp(bytes)
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize(side, side, { fit: 'inside' })
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const luma = info.channels === 1 ? data : data.filter((_, at) => at % info.channels === 0);
    found.push(...detectKeypoints({ luma, width: info.width, height: info.height }, 300));
  }
  return found.map(({ patch }) => patch);
}

/** Mean and covariance of all patches in all four ways. */
function moments(patches) {
  const mean = new Float64Array(VALUES);
  const ways = [
    (patch) => patch,
    (patch) => MIRRORED.map((at) => patch[at]),
    (patch) => INVERTED.map((at) => patch[at]),
    (patch) => MIRRORED.map((at) => patch[INVERTED[at]]),
  ];
  const all = patches.flatMap((patch) => ways.map((way) => way(patch)));
  for (const patch of all) for (let i = 0; i < VALUES; i++) mean[i] += patch[i] / all.length;
  const covariance = Array.from({ length: VALUES }, () => new Float64Array(VALUES));
  const centred = new Float64Array(VALUES);
  for (const patch of all) {
    for (let i = 0; i < VALUES; i++) centred[i] = patch[i] - mean[i];
    for (let i = 0; i < VALUES; i++)
      for (let j = i; j < VALUES; j++) covariance[i][j] += (centred[i] * centred[j]) / all.length;
  }
  for (let i = 0; i < VALUES; i++) for (let j = 0; j < i; j++) covariance[i][j] = covariance[j][i];
  return { mean, covariance };
}

/** The principal directions that mirroring and inversion keep or negate, as the signs say. */
function directionsOf(covariance, signs) {
  const [mirror, invert] = signs;
  const projector = Array.from({ length: VALUES }, (_, i) => {
    const row = new Float64Array(VALUES);
    row[i] += 0.25;
    row[MIRRORED[i]] += 0.25 * mirror;
    row[INVERTED[i]] += 0.25 * invert;
    row[MIRRORED[INVERTED[i]]] += 0.25 * mirror * invert;
    return row;
  });
  const { values, vectors } = eigen(multiply(multiply(projector, covariance), projector));
  return values.map((value, i) => ({ value, vector: vectors[i], signs }));
}

const { values } = parseArgs({
  options: {
    corpus: { type: 'string', default: path.join(root, 'test/fixtures/corpus') },
    cache: { type: 'string', default: path.join(root, '.cache') },
  },
});
const fitted = findSources(values).filter(
  (source) => !source.heldOut && (source.class === 'photograph' || source.class === 'wallpaper'),
);
const patches = [];
for (const source of fitted) patches.push(...(await patchesOf(await source.bytes())));
const { mean, covariance } = moments(patches);
const best = [1, -1]
  .flatMap((mirror) => [1, -1].flatMap((invert) => directionsOf(covariance, [mirror, invert])))
  .sort((a, b) => b.value - a.value)
  .slice(0, BITS);
const planes = [1, -1]
  .flatMap((mirror) => [1, -1].map((invert) => [mirror, invert]))
  .flatMap((signs) => {
    const group = best.filter((each) => `${each.signs}` === `${signs}`);
    // Turned at random within a class, so that no bit is more certain than another.
    const rotation = randomRotation(group.length, random);
    return rotation.map((row) => ({
      signs,
      weights: Float64Array.from({ length: VALUES }, (_, i) =>
        row.reduce((sum, share, k) => sum + share * group[k].vector[i], 0),
      ),
    }));
  });
for (let i = planes.length - 1; i > 0; i--) {
  const j = Math.floor(random() * (i + 1));
  [planes[i], planes[j]] = [planes[j], planes[i]];
}
const largest = Math.max(...planes.flatMap(({ weights }) => Array.from(weights, Math.abs)));
const rounded = planes.map(({ weights }) =>
  Int8Array.from(weights, (weight) => Math.sign(weight) * Math.round((Math.abs(weight) * 127) / largest)),
);
const offsets = rounded.map((weights) => Math.round(weights.reduce((sum, w, i) => sum + w * mean[i], 0)));
const bits = (sign) => planes.flatMap(({ signs }, bit) => (signs[sign] < 0 ? [bit] : []));
const basis = Buffer.concat(rounded.map((weights) => Buffer.from(weights.buffer)));
const file = path.join(root, 'src/embedded/keypoints/basis.ts');
writeFileSync(
  file,
  `// Written by bench/keypoints/fit-basis.js from ${patches.length} keypoints of ${fitted.length} pictures. Another basis is another version.

/** For each bit of a code its 128 weights, a signed byte each, in base64. */
export const BASIS =
  '${basis.toString('base64')}';

/** For each bit the weighted sum of an average patch. */
export const OFFSETS: readonly number[] = ${JSON.stringify(offsets)};

/** The bits that mirroring a picture negates. */
export const MIRRORED_BITS: readonly number[] = ${JSON.stringify(bits(0))};

/** The bits that inverting its tones negates. */
export const INVERTED_BITS: readonly number[] = ${JSON.stringify(bits(1))};
`,
);
execFileSync('npx', ['biome', 'check', '--write', file], { stdio: 'inherit' });
