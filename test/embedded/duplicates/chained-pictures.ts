import type { Look } from '#src/embedded/duplicates/look-comparison.js';
import { HASH_BYTES } from '#src/embedded/picture/dct-hash.js';
import type { Descriptor, ViewHash } from '#src/embedded/picture/descriptor.js';
import { VIEWS } from '#src/embedded/picture/views.js';
import type { HashChunks } from '#src/services/hamming-distance.js';
import { near, photographHash } from '../hashes.js';
import { flippedKeypoints, randomKeypoints } from '../keypoints/random-keypoints.js';
import type { Picture } from './brute-force.js';

/** Hashes of pictures, most of them a few bits from one before, so that chains grow; some of them plain. */
export function chainedHashes(next: () => number, count: number): HashChunks[] {
  const hashes: HashChunks[] = [];
  while (hashes.length < count) {
    const before = hashes[Math.floor(next() * hashes.length)];
    if (before && next() < 0.75) hashes.push(near(before, Math.floor(next() * 9), next));
    else hashes.push(next() < 0.2 ? near([0, 0, 0, 0], 3, next) : photographHash(next));
  }
  return hashes;
}

/** Pictures of which most have a look, a few bits from that of one before and apart from what their dHashes say. */
export function chainedPictures(next: () => number, count: number): Picture[] {
  const pictures: Picture[] = [];
  for (const hash of chainedHashes(next, count)) {
    const before = pictures[Math.floor(next() * pictures.length)]?.look;
    const look = before && next() < 0.8 ? nearLook(before, Math.floor(next() * 45), next) : randomLook(next);
    pictures.push({ hash, look: next() < 0.7 ? look : null });
  }
  return pictures;
}

export function randomLook(next: () => number): Look {
  const view = (): ViewHash => ({
    hash: Uint8Array.from({ length: HASH_BYTES }, () => next() * 256),
    discount: Math.floor(next() * 3),
  });
  const descriptor: Descriptor = {
    views: VIEWS.map(view),
    whole: null,
    busy: null,
    plain: false,
    tones: Uint8Array.from({ length: 258 }, () => next() * 256),
  };
  return { descriptor, keypoints: next() < 0.7 ? randomKeypoints(next, 20) : null };
}

/** Each view has its own bits changed, so that which of both is searched for makes a difference. */
export function nearLook({ descriptor, keypoints }: Look, most: number, next: () => number): Look {
  const views = descriptor.views.map(({ hash, discount }): ViewHash => {
    const changed = Uint8Array.from(hash);
    for (let bit = 0; bit < most; bit++)
      changed[Math.floor(next() * HASH_BYTES)]! ^= 1 << Math.floor(next() * 8);
    return { hash: changed, discount };
  });
  return {
    descriptor: { ...descriptor, views },
    keypoints: keypoints && flippedKeypoints(next, keypoints, { weak: 1, others: 3 }),
  };
}
