// The product as the bench calls it: what it keeps of a picture, and a collection that is searched. Whatever a search
// compares goes through here.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decodeDescriptor } from '../../dist/embedded/picture/descriptor.js';
import { describePicture } from '../../dist/embedded/picture/read-picture.js';
import { VisualIndex } from '../../dist/embedded/search/visual-index.js';

const LIMITS = { maxPixels: 1e9 };

/** What a row holds of a picture; null when it cannot be described. */
async function looksOf(file) {
  return describePicture(file, LIMITS, async () => {});
}

/** The same for many files, from the cache where the code that describes pictures is as it was. */
export async function describeAll(files, cache) {
  const folder = path.join(cache, 'quality', `looks-${versionOfCode()}`);
  mkdirSync(folder, { recursive: true });
  const looks = [];
  for (const file of files) {
    const kept = path.join(folder, `${path.basename(path.dirname(file))}-${path.basename(file)}`);
    if (!existsSync(kept)) writeFileSync(kept, (await looksOf(file)) ?? '');
    looks.push(readFileSync(kept));
  }
  return looks;
}

function versionOfCode() {
  const folder = new URL('../../dist/embedded/picture/', import.meta.url);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort())
    if (name.endsWith('.js')) hash.update(readFileSync(new URL(name, folder)));
  return hash.digest('hex').slice(0, 12);
}

/** Pictures in memory, found by how they look. */
export class Collection {
  #index = new VisualIndex();

  add(key, looks) {
    const descriptor = decodeDescriptor(looks);
    if (descriptor) this.#index.add(key, descriptor);
  }

  /** @returns {{ key: number, rank: number }[]} */
  search(looks) {
    const descriptor = decodeDescriptor(looks);
    return descriptor ? this.#index.search(descriptor) : [];
  }
}
