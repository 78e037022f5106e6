import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BucketHashes } from '#src/embedded/search/bucket-hashes.js';
import type { HashChunks } from '#src/services/hamming-distance.js';
import { randomRuns } from '../../harness/repetitions.js';
import { bruteForce, listed, near, photographHash, random, within } from '../hashes.js';

const BUCKETS = ['', 'a', 'b', 'seldom'];

it('The hashes of each bucket are what brute force finds in it, few or many, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(40, 700, 2500), (seed, steps) => {
      const next = random(seed);
      const hashes = new BucketHashes();
      const models = new Map(BUCKETS.map((bucket) => [bucket, new Map<number, HashChunks>()]));
      const centre = photographHash(next);
      const bucketOf = new Map<number, string>();
      for (let step = 1; step <= steps; step++) {
        if (next() < 0.2) {
          const seq = Math.floor(next() * step);
          hashes.remove(seq);
          models.get(bucketOf.get(seq) ?? '')!.delete(seq);
        } else {
          // Some come late, and some once more.
          const seq = next() < 0.1 ? 1 + Math.floor(next() * step) : step;
          const bucket = bucketOf.get(seq) ?? BUCKETS[Math.floor(next() ** 2 * 4)]!;
          const hash = near(centre, Math.floor(next() * 12), next);
          bucketOf.set(seq, bucket);
          hashes.add(bucket, seq, hash);
          models.get(bucket)!.set(seq, hash);
        }
      }
      for (const [bucket, model] of models) {
        const queries = [within(64, centre), { hash: centre, radius: 6, limit: 4 }];
        const found = hashes.of(bucket).search(queries);
        expect(found.map(listed)).toEqual(queries.map((query) => bruteForce(model, query)));
        expect(hashes.of(bucket).size).toBe(model.size);
      }
      expect(
        hashes
          .of('nowhere')
          .search([within(64, centre)])
          .map(listed),
      ).toEqual([[]]);
    }),
    { numRuns: randomRuns(80) },
  );
});
