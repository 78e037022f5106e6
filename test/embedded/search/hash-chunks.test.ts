import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOUBTFUL_BITS, doubtfulBits } from '#src/embedded/search/doubtful-bits.js';
import { CHUNKS, chunked, chunkOf } from '#src/embedded/search/hash-chunks.js';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

function ones(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
}

describe('The chunks of a hash', () => {
  it('are its bits in another order, the same for all hashes, each class by itself', () => {
    const places = Array.from({ length: 256 }, (_, bit) => {
      const single = new Uint8Array(32);
      single[bit >> 3] = 1 << (bit & 7);
      const moved = chunked(single);
      expect(ones(moved)).toBe(1);
      const byte = moved.findIndex((each) => each > 0);
      return 8 * byte + Math.log2(moved[byte]!);
    });
    expect(new Set(places).size).toBe(256);
    places.forEach((place, bit) => {
      expect(place >> 6).toBe(bit >> 6);
    });
    fc.assert(
      fc.property(hash, (any) => {
        const expected = new Uint8Array(32);
        places.forEach((place, bit) => {
          expected[place >> 3]! |= ((any[bit >> 3]! >> (bit & 7)) & 1) << (place & 7);
        });
        expect(chunked(any)).toEqual(expected);
      }),
    );
  });

  it('begin with the lowest frequencies of their class', () => {
    const lowest = new Uint8Array(32);
    // Frequencies 1 to 7 across and down, every second one of each, in class 0: bits 0 to 3 of bytes 0 to 3.
    lowest.set([0b1111, 0b0111, 0b0011, 0b0001]);
    expect(ones(new Uint8Array([chunkOf(chunked(lowest), 0) & 0xff, chunkOf(chunked(lowest), 0) >> 8]))).toBe(
      10,
    );
  });
});

describe('The doubtful bits of a query', () => {
  const count = (bits: number) => ones(new Uint8Array([bits & 0xff, bits >> 8]));

  it('are as many in each chunk, whatever the neighbours are', () => {
    fc.assert(
      fc.property(hash, fc.array(hash, { maxLength: 4 }), (own, neighbours) => {
        const doubtful = doubtfulBits(own, neighbours);
        for (const chunk of CHUNKS) expect(count(chunkOf(doubtful, chunk))).toBe(DOUBTFUL_BITS);
      }),
    );
  });

  it('equal those that are counted bit by bit', () => {
    // Neighbours of few bits and of nearly the same hash disagree in the same bits.
    const bits = fc.array(fc.nat(255), { maxLength: 80 });
    fc.assert(
      fc.property(hash, fc.array(bits, { maxLength: 7 }), (own, turned) => {
        const neighbours = turned.map((places) => {
          const neighbour = own.slice();
          for (const place of places) neighbour[place >> 3]! ^= 1 << (place & 7);
          return neighbour;
        });
        const doubtful = doubtfulBits(own, neighbours);
        const bitOf = (bytes: Uint8Array, place: number) => (bytes[place >> 3]! >> (place & 7)) & 1;
        const doubtOf = (place: number) =>
          neighbours.filter((neighbour) => bitOf(neighbour, place) !== bitOf(own, place)).length;
        for (const chunk of CHUNKS) {
          const places = Array.from({ length: 16 }, (_, at) => 16 * chunk + at);
          const expected = places.sort((a, b) => doubtOf(b) - doubtOf(a) || b - a).slice(0, DOUBTFUL_BITS);
          expect(places.filter((place) => bitOf(doubtful, place) === 1)).toEqual(
            places.filter((place) => expected.includes(place)),
          );
        }
        for (let place = 0; place < 256; place++)
          if (!CHUNKS.includes(place >> 4)) expect(bitOf(doubtful, place)).toBe(0);
      }),
    );
  });

  it('are those that most neighbours disagree in, then the highest frequencies', () => {
    const own = new Uint8Array(32);
    const once = new Uint8Array(32).fill(0b0000_0111, 0, 1);
    const twice = new Uint8Array(32).fill(0b0000_0010, 0, 1);
    const doubtful = chunkOf(doubtfulBits(own, [once, twice]), 0);
    expect(doubtful).toBe(0b1111_1100_0000_0111);
  });
});
