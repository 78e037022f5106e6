import { PLACE_BITS, WEAK_BITS } from '#src/embedded/keypoints/codes.js';
import { KEYPOINTS_VERSION, type Keypoints } from '#src/embedded/keypoints/keypoints.js';

const word = (next: () => number) => Math.floor(next() * 2 ** 32) >>> 0;

/** Distinct bits, as a code names its weak ones. */
function someBits(next: () => number): number[] {
  const bits = Array.from({ length: PLACE_BITS }, (_, bit) => bit);
  return Array.from({ length: WEAK_BITS }, () => bits.splice(Math.floor(next() * bits.length), 1)[0]!);
}

/** Keypoints anywhere, with codes without any order. */
export function randomKeypoints(next: () => number, count: number): Keypoints {
  const words = () => Uint32Array.from({ length: count }, () => word(next));
  return {
    count,
    width: 1,
    height: 0.75,
    low: words(),
    high: words(),
    places: words(),
    weak: Uint8Array.from(Array.from({ length: count }, () => someBits(next)).flat()),
  };
}

/** The same keypoints with some bits of each code flipped: up to `weak` of the weak ones, up to `others` of the rest. */
export function flippedKeypoints(
  next: () => number,
  keypoints: Keypoints,
  { weak, others }: { weak: number; others: number },
): Keypoints {
  const low = Uint32Array.from(keypoints.low);
  const high = Uint32Array.from(keypoints.high);
  for (let i = 0; i < keypoints.count; i++) {
    for (let flips = Math.floor(next() * (weak + 1)); flips > 0; flips--)
      low[i]! ^= 1 << keypoints.weak[i * WEAK_BITS + Math.floor(next() * WEAK_BITS)]!;
    for (let flips = Math.floor(next() * (others + 1)); flips > 0; flips--) {
      const bit = PLACE_BITS + Math.floor(next() * (64 - PLACE_BITS));
      if (bit < 32) low[i]! ^= 1 << bit;
      else high[i]! ^= 1 << (bit - 32);
    }
  }
  return { ...keypoints, low, high };
}

/** In the form in which they are stored. */
export function encoded({ count, width, height, low, high, weak, places }: Keypoints): Uint8Array {
  const bytes = Buffer.alloc(8 + 16 * count);
  bytes[0] = KEYPOINTS_VERSION;
  bytes.writeUInt16LE(count, 2);
  bytes.writeUInt16LE(Math.round(width * 65535), 4);
  bytes.writeUInt16LE(Math.round(height * 65535), 6);
  for (let i = 0; i < count; i++) {
    bytes.writeUInt32LE(low[i]!, 8 + 16 * i);
    bytes.writeUInt32LE(high[i]!, 12 + 16 * i);
    bytes.writeUInt32LE(places[i]!, 16 + 16 * i);
    let bits = 0;
    for (let place = 0; place < WEAK_BITS; place++) bits |= weak[i * WEAK_BITS + place]! << (5 * place);
    bytes.writeUInt32LE(bits, 20 + 16 * i);
  }
  return bytes;
}
