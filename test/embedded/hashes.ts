import fc from 'fast-check';
import type { HashMatches, HashQuery } from '#src/embedded/search/hash-matches.js';
import { type HashChunks, hammingDistance } from '#src/services/hamming-distance.js';

export const arbitraryHash: fc.Arbitrary<HashChunks> = fc.tuple(chunk(), chunk(), chunk(), chunk());

function chunk(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 0xffff });
}

/** The same numbers from 0 to 1 for the same seed. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const WAVES = [-3, -2, -1, 0, 1, 2, 3].flatMap((kx) => [0, 1, 2, 3].map((ky) => [kx, ky] as const));

/** The dHash of a made-up picture whose amplitudes fall with the frequency, as those of photographs do. */
export function photographHash(next: () => number): HashChunks {
  const waves = WAVES.filter(([kx, ky]) => ky > 0 || kx > 0).map(([kx, ky]) => ({
    kx,
    ky,
    phase: next(),
    amplitude: next() / Math.hypot(kx, ky),
  }));
  const grey = (x: number, y: number) =>
    waves.reduce(
      (sum, { kx, ky, phase, amplitude }) =>
        sum + amplitude * Math.cos(2 * Math.PI * ((kx * x) / 18 + (ky * y) / 16 + phase)),
      0,
    );
  const row = (y: number) => Array.from({ length: 8 }, (_, x) => Number(grey(x + 1, y) > grey(x, y)));
  const number = (bits: number[]) => Number.parseInt(bits.join(''), 2);
  const twoRows = (y: number) => number([...row(y), ...row(y + 1)]);
  return [twoRows(0), twoRows(2), twoRows(4), twoRows(6)];
}

/** The hash with that many of its bits changed at most. */
export function near(hash: HashChunks, bits: number, next: () => number): HashChunks {
  const changed = [...hash] as [number, number, number, number];
  for (let i = 0; i < bits; i++) {
    const bit = Math.floor(next() * 64);
    changed[bit >> 4]! ^= 1 << (bit & 15);
  }
  return changed;
}

/** A query for all there is within the radius. */
export function within(radius: number, hash: HashChunks): HashQuery {
  return { hash, radius, limit: Number.POSITIVE_INFINITY };
}

/** What a query must find, in order: `distance seq` of each entry. */
export function bruteForce(
  entries: ReadonlyMap<number, HashChunks>,
  { hash: query, radius, limit }: HashQuery,
): string[] {
  return [...entries]
    .map(([seq, hash]) => ({ seq, distance: hammingDistance(query, hash) }))
    .filter(({ distance }) => distance <= radius)
    .sort((a, b) => a.distance - b.distance || a.seq - b.seq)
    .slice(0, limit)
    .map(({ seq, distance }) => `${distance} ${seq}`);
}

/** What a query found, in the form of `bruteForce`. */
export function listed({ seqs, distances }: HashMatches): string[] {
  return Array.from(seqs, (seq, index) => `${distances[index]} ${seq}`);
}
