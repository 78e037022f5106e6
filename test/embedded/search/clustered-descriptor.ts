import { transposedHash } from '#src/embedded/picture/dct-hash.js';
import type { Descriptor, ViewHash } from '#src/embedded/picture/descriptor.js';
import { USELESS } from '#src/embedded/picture/informative.js';
import { BUSY_VIEWS, VIEWS, WHOLE_VIEWS } from '#src/embedded/picture/views.js';
import { randomFrom } from '../picture/rasters.js';

/** Descriptors around a few centres, so that many are near each other in one view or another. */
export function clusteredDescriptor(random: () => number): Descriptor {
  const centre = Math.floor(random() * 3);
  const flipped = random() * 90;
  const viewHash = (): ViewHash => {
    const cluster = randomFrom(centre + 10);
    const hash = Uint8Array.from({ length: 32 }, () => cluster() * 256);
    for (let bit = 0; bit < flipped; bit++) hash[Math.floor(random() * 32)]! ^= 1 << Math.floor(random() * 8);
    const turned = random() < 0.3 ? transposedHash(hash) : hash;
    const discount = random() < 0.2 ? USELESS : Math.floor(random() * 20);
    return { hash: turned, discount };
  };
  const tones = Uint8Array.from({ length: 258 }, () => 100 + centre * 4 + random() * 3);
  return {
    views: VIEWS.map(viewHash),
    whole: random() < 0.3 ? WHOLE_VIEWS.map(viewHash) : null,
    busy: random() < 0.2 ? BUSY_VIEWS.map(viewHash) : null,
    plain: random() < 0.3,
    tones,
  };
}
