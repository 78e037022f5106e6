/** Damages files the same way for the same seed. */
import { crc32 } from 'node:zlib';
import { randomFrom } from './rasters.js';

/** A byte offset, how many bytes go there, and what comes in their place. */
export type Edit = readonly [offset: number, removed: number, inserted: Uint8Array];

export function edited(bytes: Buffer, [offset, removed, inserted]: Edit): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, offset), inserted, bytes.subarray(offset + removed)]);
}

export interface Mutation {
  kind: string;
  bytes: Buffer<ArrayBuffer>;
}

/** Up to a number, from 0. */
type Below = (limit: number) => number;

/** Where headers are, most bits have a meaning of their own. */
const HEADER_LENGTH = 250;

const KINDS: Record<string, (bytes: Buffer, below: Below) => Buffer<ArrayBuffer>> = {
  'flipped bit': (bytes, below) => flipped(bytes, below(bytes.length), below),
  'flipped bit of the header': (bytes, below) =>
    flipped(bytes, below(Math.min(bytes.length, HEADER_LENGTH)), below),
  cut: (bytes, below) => Buffer.from(bytes.subarray(0, below(bytes.length))),
  'short of a few bytes': (bytes, below) => Buffer.from(bytes.subarray(0, -1 - below(8))),
  'inserted zeros': (bytes, below) => edited(bytes, [below(bytes.length), 0, Buffer.alloc(1 + below(6))]),
  'lost bytes': (bytes, below) => edited(bytes, [below(bytes.length), 1 + below(4), Buffer.alloc(0)]),
  'marker of JPEG': (bytes, below) =>
    edited(bytes, [below(bytes.length - 2), 2, Buffer.of(0xff, 1 + below(254))]),
  'broken checksum of PNG': (bytes, below) => {
    const ends = chunkEnds(bytes);
    return ends.length === 0 ? Buffer.from(bytes) : flipped(bytes, ends[below(ends.length)]! - 1, below);
  },
  'flipped bit under a whole checksum of PNG': (bytes, below) => {
    const ends = chunkEnds(bytes);
    if (ends.length === 0) return Buffer.from(bytes);
    const nth = below(ends.length);
    const [start, end] = [ends[nth - 1] ?? SIGNATURE_LENGTH, ends[nth]!];
    const changed = flipped(bytes, start + 4 + below(end - start - 8), below);
    changed.writeUInt32BE(crc32(changed.subarray(start + 4, end - 4)), end - 4);
    return changed;
  },
};

const SIGNATURE_LENGTH = 8;

/** Where the chunks of a PNG end; none where it is no PNG. */
function chunkEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  if (bytes.toString('latin1', 1, 4) !== 'PNG') return ends;
  for (let at = SIGNATURE_LENGTH; at + 12 <= bytes.length; ) {
    at += 12 + bytes.readUInt32BE(at);
    if (at <= bytes.length) ends.push(at);
  }
  return ends;
}

function flipped(bytes: Buffer, at: number, below: Below): Buffer<ArrayBuffer> {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1 << below(8);
  return changed;
}

/** The file as it is, and so many times each kind of damage that changes it. */
export function* mutationsOf(bytes: Buffer, seed: number, times: number): Generator<Mutation> {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  yield { kind: 'whole', bytes: Buffer.from(bytes) };
  for (const [kind, damage] of Object.entries(KINDS)) {
    for (let time = 0; time < times; time++) {
      const damaged = damage(bytes, below);
      if (!damaged.equals(bytes)) yield { kind, bytes: damaged };
    }
  }
}
