import { linkSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contentHashOf, fillEntries } from '../harness/entries.js';
import { makePictures } from '../harness/pictures.js';
import { random, syntheticHashes } from '../harness/synthetic-hashes.js';
import { makeFolder } from '../harness/workspace.js';

/** Their files are the bytes of all entries, in turns. A file system lets one have some ten thousand names. */
const PICTURES = 40;

/**
 * A data folder with entries that all have a picture: few different ones, under other hashes.
 *
 * @param {number} count
 * @returns {Promise<string>} its path
 */
export async function makeStore(count) {
  const dataDir = makeFolder();
  await fillEntries(dataDir, syntheticHashes(count, random(1)));
  const pictures = await makePictures(PICTURES);
  const made = new Set();
  for (let number = 0; number < count; number++) {
    const hash = contentHashOf(number);
    const path = join(dataDir, 'blobs', hash.slice(0, 2), hash.slice(2, 4), hash);
    const folder = dirname(path);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    linkSync(pictures[number % PICTURES].path, path);
  }
  return dataDir;
}

/** A picture that no entry has, as a file: with it in the store, it finds itself. */
export async function makeQuestion() {
  const [, picture] = await makePictures(2);
  return { path: picture.path, bytes: readFileSync(picture.path) };
}
