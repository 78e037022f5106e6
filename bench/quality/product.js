// The product as the bench calls it: what it keeps of a picture, and a collection that is searched. Whatever a search
// compares goes through here.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KeypointIndex } from '../../dist/embedded/keypoints/keypoint-index.js';
import { decodeKeypoints } from '../../dist/embedded/keypoints/keypoints.js';
import { decodeDescriptor } from '../../dist/embedded/picture/descriptor.js';
import { describePicture } from '../../dist/embedded/picture/read-picture.js';
import { findLikenesses } from '../../dist/embedded/search/query-plan.js';
import { VisualIndex } from '../../dist/embedded/search/visual-index.js';

const LIMITS = { maxPixels: 1e9 };

/**
 * What is compared of a picture: its descriptor, and its keypoints as they are kept and as an upload asks with.
 * @typedef {{ descriptor: Buffer, kept: Buffer, asked: Buffer }} Looks
 */

/** @returns {Promise<Looks | null>} null when it cannot be described */
async function looksOf(file) {
  const kept = await describePicture(file, LIMITS, async () => {}, 'KEPT');
  const asked = await describePicture(file, LIMITS, async () => {}, 'ASKED');
  return kept && { descriptor: kept.descriptor, kept: kept.keypoints, asked: asked.keypoints };
}

/** The same for many files, from the cache where the code that describes pictures is as it was. */
export async function describeAll(files, cache) {
  const folder = path.join(cache, 'quality', `looks-${versionOfCode()}`);
  mkdirSync(folder, { recursive: true });
  const looks = [];
  for (const file of files) {
    const name = path.join(folder, `${path.basename(path.dirname(file))}-${path.basename(file)}.json`);
    if (!existsSync(name)) writeFileSync(name, JSON.stringify(await looksOf(file), inBase64));
    looks.push(JSON.parse(readFileSync(name, 'utf8'), fromBase64));
  }
  return looks;
}

function inBase64(_, value) {
  return value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64') : value;
}

function fromBase64(_, value) {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : value;
}

/** Of all modules that have a part in describing a picture; those that search may change. */
function versionOfCode() {
  const hash = createHash('sha256');
  const taken = new Set();
  const take = (module) => {
    if (taken.has(module.href)) return;
    taken.add(module.href);
    const code = readFileSync(module, 'utf8');
    hash.update(code);
    for (const [, name] of code.matchAll(/ from '(\.[^']+)'/g)) take(new URL(name, module));
  };
  take(new URL('../../dist/embedded/picture/read-picture.js', import.meta.url));
  return hash.digest('hex').slice(0, 12);
}

/** Pictures in memory, found by how they look. */
export class Collection {
  #index = new VisualIndex();
  #keypoints = new KeypointIndex();

  add(key, looks) {
    const descriptor = looks && decodeDescriptor(looks.descriptor);
    if (descriptor) this.#index.add(key, descriptor);
    if (looks) this.#keypoints.add(key, decodeKeypoints(looks.kept));
  }

  /**
   * @param {Looks | null} looks
   * @param {'kept' | 'asked'} keypoints those that are asked with
   * @returns {{ key: number, rank: number }[]}
   */
  search(looks, keypoints) {
    if (!looks) return [];
    return findLikenesses(
      { descriptor: decodeDescriptor(looks.descriptor), keypoints: decodeKeypoints(looks[keypoints]) },
      { search: (query, asked) => this.#index.search(query, asked), keypoints: this.#keypoints },
    );
  }
}
