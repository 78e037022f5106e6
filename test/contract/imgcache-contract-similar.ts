import { describe, expect, it } from 'vitest';
import type { Entry, EntryMatch } from '#src/services/entry.js';
import { distanceBetween } from '../fakes/memory-imgcache.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { type ContractBench, collect } from './imgcache-contract-bench.js';

/** Lists by perceptual hash. */
export function describeSimilar(bench: ContractBench): void {
  describe('similar', () => {
    const similarTo = (
      perceptualHash: string,
      maxHammingDistance: number,
      limit?: number,
    ): Promise<EntryMatch[]> =>
      collect(
        bench.imgcache.similar({ perceptualHash, maxHammingDistance, ...(limit !== undefined && { limit }) }),
      );

    it('gives the nearest first, then the oldest, with the distance, and nothing beyond', async () => {
      const hashes = [
        '0000000000000007',
        '0000000000000000',
        '8000000000000000',
        '0000000000000001',
        'ffffffffffffffff',
      ];
      for (const hash of hashes) await bench.stored(tinyPicture(hash));
      await bench.stored(tinyPicture('0000000000000001', 'the same again'));
      const matches = await similarTo('0000000000000000', 3);
      expect(matches.map(({ hammingDistance }) => hammingDistance)).toEqual([0, 1, 1, 1, 3]);
      expect(matches.map(placeOf)).toEqual(matches.map(placeOf).toSorted());
      expect(await similarTo('0000000000000000', 0)).toEqual([matches[0]]);
      expect(await similarTo('0000000000000000', 64)).toHaveLength(6);
    });

    it('gives whole entries', async () => {
      const entry = await bench.stored(tinyPicture('0123456789abcdef'));
      expect(await similarTo('0123456789abcdef', 0)).toEqual([{ entry, hammingDistance: 0 }]);
    });

    it('never gives an entry without a hash', async () => {
      await bench.stored('no picture');
      expect(await similarTo('0000000000000000', 64)).toEqual([]);
    });

    it('stops at the limit, keeping the nearest', async () => {
      for (const hash of ['00000000000000ff', '000000000000000f', '0000000000000000'])
        await bench.stored(tinyPicture(hash));
      expect(
        (await similarTo('0000000000000000', 64, 2)).map(({ hammingDistance }) => hammingDistance),
      ).toEqual([0, 4]);
      expect(await similarTo('0000000000000000', 64, 0)).toEqual([]);
    });

    it('misses nothing and adds nothing, measured against a scan', async () => {
      const random = randomHashes(11);
      const centres = Array.from({ length: 3 }, random);
      const entries: Entry[] = [];
      for (let index = 0; index < 60; index++) {
        const centre = centres[index % 3]!;
        entries.push(
          await bench.stored(tinyPicture(withBitsFlipped(centre, index % 12, random), `${index}`)),
        );
      }
      for (const centre of [...centres, random()])
        for (const distance of [0, 1, 3, 4, 7, 11, 20, 32, 64]) {
          const expected = entries
            .map((entry) => ({ entry, hammingDistance: distanceBetween(entry.perceptualHash!, centre) }))
            .filter(({ hammingDistance }) => hammingDistance <= distance)
            .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
          expect(await similarTo(centre, distance)).toEqual(expected);
        }
    });

    it('finds what was stored a moment ago, and no more what was deleted', async () => {
      expect(await similarTo('00000000000000f0', 4)).toEqual([]);
      const { contentHash } = await bench.stored(tinyPicture('00000000000000f0'));
      expect(await similarTo('00000000000000f0', 4)).toHaveLength(1);
      await bench.imgcache.delete(contentHash);
      expect(await similarTo('00000000000000f0', 4)).toEqual([]);
    });
  });
}

/** Text that sorts as matches must. */
function placeOf({ hammingDistance, entry }: EntryMatch): string {
  return `${String(hammingDistance).padStart(2, '0')} ${entry.createdAt} ${entry.contentHash}`;
}

/** The same hashes in every run. */
function randomHashes(seed: number): () => string {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return BigInt.asUintN(64, state ^ (state >> 29n) ^ (state << 17n))
      .toString(16)
      .padStart(16, '0');
  };
}

function withBitsFlipped(hash: string, bits: number, random: () => string): string {
  let flipped = BigInt(`0x${hash}`);
  for (let count = 0; count < bits; count++) flipped ^= 1n << (BigInt(`0x${random()}`) >> 58n);
  return flipped.toString(16).padStart(16, '0');
}
