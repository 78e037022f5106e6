import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeEntry } from '#src/remote/imgcache/images/entry-decoder.js';
import { nearest } from '#src/remote/imgcache/nearest.js';
import type { WireEntry } from '#src/services/wire-entry.js';
import { hashOf, rowOf } from '../../fakes/imgcache-row.js';

const hex = (value: bigint) => value.toString(16).padStart(16, '0');
const bits = (value: bigint) => value.toString(2).replaceAll('0', '').length;

/** Mostly near each other, so that many are at the same distance. */
const hash = fc.oneof(
  fc.nat(15).map(BigInt),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constant(2n ** 64n - 1n),
);
const time = fc.nat(3).map((second) => `2024-01-01T00:00:0${second}`);
const rows = fc.array(fc.record({ hash: fc.option(hash), time }), { maxLength: 30 });
const options = fc.record({ distance: fc.nat(64), limit: fc.option(fc.nat(35), { nil: undefined }) });

const toRow = ({ hash, time }: { hash: bigint | null; time: string }, index: number): WireEntry =>
  // Their content hashes are in another order than they come in.
  rowOf((index * 7) % 31, { perceptual_hash: hash === null ? null : hex(hash), created_at: time });

it('gives what is within the distance: nearest first, then the oldest, then by content hash', () => {
  fc.assert(
    fc.property(rows, hash, options, (given, query, { distance, limit }) => {
      const expected = given
        .map((row, index) => ({ ...toRow(row, index), hash: row.hash }))
        .filter((row) => row.hash !== null)
        .map((row) => ({ ...row, distance: bits(row.hash! ^ query) }))
        .filter((row) => row.distance <= distance)
        .map((row) => [String(row.distance).padStart(2, '0'), row.created_at, row.content_hash])
        .sort()
        .slice(0, limit)
        .map(([distance, , contentHash]) => [Number(distance), contentHash]);
      const matches = nearest(given.map(toRow).map(decodeEntry), {
        perceptualHash: hex(query),
        maxHammingDistance: distance,
        ...(limit !== undefined && { limit }),
      });
      expect(matches.map((match) => [match.hammingDistance, match.entry.contentHash])).toEqual(expected);
    }),
  );
});

it('finds the opposite at the largest distance, and not just below it', () => {
  const [none, all] = [hex(0n), hex(2n ** 64n - 1n)];
  const find = (maxHammingDistance: number) =>
    nearest([decodeEntry(rowOf(1, { perceptual_hash: all }))], { perceptualHash: none, maxHammingDistance });
  expect(find(64)).toMatchObject([{ entry: { contentHash: hashOf(1) }, hammingDistance: 64 }]);
  expect(find(63)).toEqual([]);
});
