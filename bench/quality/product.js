// The product as the bench calls it: what it keeps of a picture, and a collection that is searched. Whatever a search
// compares goes through here.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KeypointIndex } from '../../dist/embedded/keypoints/keypoint-index.js';
import { decodeKeypoints } from '../../dist/embedded/keypoints/keypoints.js';
import { decodeDescriptor } from '../../dist/embedded/picture/descriptor.js';
import { describePicture } from '../../dist/embedded/picture/read-picture.js';
import { findLikenesses, findMutualLikenesses } from '../../dist/embedded/search/query-plan.js';
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
  /** By key. */
  #kept = new Map();
  #indexes = {
    search: (query, asked) => this.#index.search(query, asked),
    discountOf: (key) => this.#index.discountOf(key),
    keypoints: this.#keypoints,
  };

  /** @param {Looks | null} looks */
  add(key, looks) {
    if (!looks) return;
    const descriptor = decodeDescriptor(looks.descriptor);
    if (descriptor) this.#index.add(key, descriptor);
    this.#kept.set(key, decodeKeypoints(looks.kept));
    this.#keypoints.add(key, this.#kept.get(key));
  }

  remove(key) {
    this.#index.remove(key);
    this.#keypoints.remove(key);
    this.#kept.delete(key);
  }

  /**
   * What looks like a picture that is not there.
   *
   * @param {Looks | null} looks
   * @returns {{ key: number, rank: number }[]}
   */
  search(looks) {
    if (!looks) return [];
    const [descriptor, keypoints] = [decodeDescriptor(looks.descriptor), decodeKeypoints(looks.asked)];
    return findLikenesses({ descriptor, keypoints }, this.#indexes);
  }

  /**
   * What looks like a picture that is there, itself among it.
   *
   * @param {Looks | null} looks
   * @returns {Promise<{ key: number, rank: number }[]>}
   */
  async searchById(key, looks) {
    if (!looks) return [];
    const query = { descriptor: decodeDescriptor(looks.descriptor), keypoints: this.#kept.get(key) };
    return findMutualLikenesses(key, query, this.#indexes, async () => this.#kept);
  }

  /**
   * How a picture that is there lies in one that is looked for; null where no keypoints agree.
   *
   * @param {Looks} looks
   * @param {'kept' | 'asked'} keypoints
   */
  agreement(looks, keypoints, key) {
    const matches = this.#keypoints.search(decodeKeypoints(looks[keypoints]), new Set([key]));
    return matches.find((match) => match.key === key) ?? null;
  }
}
