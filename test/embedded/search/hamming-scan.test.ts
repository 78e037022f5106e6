import fc from 'fast-check';
import { afterAll, expect, describe as suite, test } from 'vitest';
import {
  arena,
  BLOCK_ROWS,
  type Probe,
  RowChecker,
  scanBlocks,
  setProbes,
  writeRow,
} from '#src/embedded/search/hamming-scan.js';
import { randomRuns } from '../../harness/repetitions.js';
import { randomFrom } from '../picture/rasters.js';

/** Blocks that are different; a plane may name one several times. */
const DIFFERENT_BLOCKS = 3;
/** So many that the numbers of rows have more than 16 bits. */
const BLOCKS = 70;
const ROWS = BLOCKS * BLOCK_ROWS;

const kept = Array.from({ length: DIFFERENT_BLOCKS }, () => arena.allocate());
const blocks = Array.from({ length: BLOCKS }, (_, index) => kept[index % DIFFERENT_BLOCKS]!);

afterAll(() => {
  for (const block of kept) arena.free(block);
});

/** Bit by bit, see hamming-scan.wat; null where the row does not match. */
function marginOf({ hash, doubtful, threshold, pivotBound }: Probe, row: Uint8Array): number | null {
  const wrong = (at: number) => ((hash[at >> 3]! ^ row[at >> 3]!) >> (at & 7)) & 1;
  const bits = Array.from({ length: 256 }, (_, at) => wrong(at));
  const classes = [0, 1, 2, 3].map((part) =>
    bits.slice(64 * part, 64 * (part + 1)).reduce((sum, bit) => sum + bit, 0),
  );
  const flips = [[], [0, 2], [0, 1], [1, 2]].map((negated) =>
    classes.reduce((sum, ones, part) => sum + (negated.includes(part) ? 64 - ones : ones), 0),
  );
  const margin = threshold - Math.min(...flips);
  if (margin < 0 || classes[3]! > pivotBound) return null;
  for (let first = 0; first < 256; first += 16) {
    if (first % 64 === 48) continue;
    for (const negated of first < 192 ? [0, 1] : [0]) {
      const others = Array.from({ length: 16 }, (_, at) => first + at).filter((at) => bits[at] !== negated);
      const isDoubtful = (at: number) => ((doubtful[at >> 3]! >> (at & 7)) & 1) === 1;
      if (others.length === 0 || (others.length === 1 && isDoubtful(others[0]!))) return margin;
    }
  }
  return null;
}

/** Hashes around a few centres, some mirrored, so that many match and many only just do not. */
function clusteredHash(random: () => number): Uint8Array {
  const centre = randomFrom(1 + Math.floor(random() * 3));
  const hash = Uint8Array.from({ length: 32 }, () => centre() * 256);
  const flipped = Math.floor(random() * 80);
  for (let bit = 0; bit < flipped; bit++) hash[Math.floor(random() * 32)]! ^= 1 << Math.floor(random() * 8);
  const negated = [[], [0, 2], [0, 1], [1, 2]][Math.floor(random() * 4)]!;
  return hash.map((byte, at) => (negated.includes(at >> 3) ? byte ^ 0xff : byte));
}

function clusteredProbe(random: () => number): Probe {
  const threshold = 40 + Math.floor(random() * 27);
  const pivotBound = Math.floor(threshold / 4) + Math.floor(random() * 7);
  const doubtful = Uint8Array.from({ length: 32 }, () => random() * 256);
  return { hash: clusteredHash(random), doubtful, threshold, pivotBound };
}

/** The hashes of the different blocks, which are written to them. */
function writtenRows(random: () => number): Uint8Array[][] {
  return kept.map((block) =>
    Array.from({ length: BLOCK_ROWS }, (_, row) => {
      const hash = clusteredHash(random);
      writeRow(block, row, hash);
      return hash;
    }),
  );
}

const hashOf = (hashes: Uint8Array[][], row: number) =>
  hashes[Math.floor(row / BLOCK_ROWS) % DIFFERENT_BLOCKS]![row % BLOCK_ROWS]!;

function ordered(hits: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return hits.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
}

suite('rows', () => {
  test('that are checked match as bit by bit, however many are added for how many probes', () => {
    let matches = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const random = randomFrom(seed);
        const hashes = writtenRows(random);
        const probes = Array.from({ length: 1 + Math.floor(random() * 5) }, () => clusteredProbe(random));
        setProbes(probes);
        const first = Math.floor(random() * 2000);
        const posted = Array.from({ length: 900 }, () => Math.floor(random() * (ROWS - first)));
        const lower = Uint16Array.from(posted);
        const upper = Uint8Array.from(posted, (row) => row >> 16);
        const hits: [number, number][] = [];
        const expected: [number, number][] = [];
        const checker = new RowChecker(blocks, (row, margin) => hits.push([row, margin]));
        for (let range = 0; range < 12; range++) {
          const start = Math.floor(random() * posted.length);
          // Nothing, one row, some, and more than are compared at once.
          const length = Math.floor([0, 1, random() * 20, random() * 900][range % 4]!);
          const end = Math.min(posted.length, start + length);
          const place = Math.floor(random() * probes.length);
          checker.add({ first, lower, upper }, start, end, place);
          if (random() < 0.1) checker.finish();
          for (const row of posted.slice(start, end)) {
            const margin = marginOf(probes[place]!, hashOf(hashes, first + row));
            if (margin !== null) expected.push([first + row, margin]);
          }
        }
        checker.finish();
        matches += expected.length;
        expect(ordered(hits)).toEqual(ordered(expected));
      }),
      { numRuns: randomRuns(20) },
    );
    expect(matches).toBeGreaterThan(100);
  });

  test('that are scanned match as bit by bit', () => {
    const random = randomFrom(7);
    const hashes = writtenRows(random);
    const probes = Array.from({ length: 3 }, () => clusteredProbe(random));
    setProbes(probes);
    const hits: [number, number][] = [];
    const end = 2 * BLOCK_ROWS + 5;
    scanBlocks(blocks, { first: 0, end }, [0, 2], (row, margin) => hits.push([row, margin]));
    const expected: [number, number][] = [];
    for (const probe of [probes[0]!, probes[2]!]) {
      for (let row = 0; row < end; row++) {
        const margin = marginOf(probe, hashOf(hashes, row));
        if (margin !== null) expected.push([row, margin]);
      }
    }
    expect(expected.length).toBeGreaterThan(20);
    expect(ordered(hits)).toEqual(ordered(expected));
  });
});
