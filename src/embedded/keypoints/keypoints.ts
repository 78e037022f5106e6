import { codeOf, PLACE_BITS, WEAK_BITS } from './codes.js';
import { detectKeypoints, type GreyCopy, type Keypoint } from './detect.js';

/** Changes whenever the same picture would get other keypoints; stored ones of another version are made anew. */
export const KEYPOINTS_VERSION = 1;

/** Keypoints of a picture that is kept. */
export const KEPT_KEYPOINTS = 48;
/** Keypoints of a picture that is asked about and not kept. */
export const ASKED_KEYPOINTS = 400;
/** The longest side of the copies in which they are looked for. */
export const KEPT_SIDE = 320;
export const ASKED_SIDE = 512;

/** The sides of a picture; the longer one is 1. */
export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** The keypoints of a picture as they are stored and compared: the arrays share the index of a keypoint. */
export interface Keypoints extends Sides {
  readonly count: number;
  /** The bits of the codes. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** WEAK_BITS numbers for each keypoint, see Code. */
  readonly weak: Uint8Array;
  /** See packPlace. */
  readonly places: Uint32Array;
}

/** Where a keypoint is. Lengths are shares of the picture's longer side. */
export interface Place {
  readonly x: number;
  readonly y: number;
  /** The natural logarithm of its size. */
  readonly logSize: number;
  /** In radians, clockwise from the right. */
  readonly angle: number;
}

/** Steps of a coordinate, of the logarithm of a size, and of an angle. */
const PLACE_STEPS = 1024;
const SIZE_STEPS = 32;
const ANGLE_STEPS = 128;
/** Sizes from 1/512 to 1/8. */
const LEAST_LOG_SIZE = Math.log(1 / 512);
const LOG_SIZE_STEP = Math.log(64) / (SIZE_STEPS - 1);

/** 10 bits each for x and y, 5 for the size, 7 for the angle. */
function packPlace({ x, y, size, angle }: Keypoint): number {
  const bounded = (value: number, steps: number) => Math.min(steps - 1, Math.max(0, value));
  const column = bounded(Math.floor(x * PLACE_STEPS), PLACE_STEPS);
  const row = bounded(Math.floor(y * PLACE_STEPS), PLACE_STEPS);
  const scale = bounded(Math.round((Math.log(size) - LEAST_LOG_SIZE) / LOG_SIZE_STEP), SIZE_STEPS);
  const turn = Math.round((angle / (2 * Math.PI)) * ANGLE_STEPS) & (ANGLE_STEPS - 1);
  return (column | (row << 10) | (scale << 20) | (turn << 25)) >>> 0;
}

export function unpackPlace(packed: number): Place {
  return {
    x: ((packed & 1023) + 0.5) / PLACE_STEPS,
    y: (((packed >>> 10) & 1023) + 0.5) / PLACE_STEPS,
    logSize: LEAST_LOG_SIZE + ((packed >>> 20) & 31) * LOG_SIZE_STEP,
    angle: ((packed >>> 25) * 2 * Math.PI) / ANGLE_STEPS,
  };
}

const HEADER_BYTES = 8;
const KEYPOINT_BYTES = 16;
const SIDE_UNITS = 65535;

/** The width, then the height, in 16 bits each. */
export function packSides({ width, height }: Sides): number {
  return (Math.round(width * SIDE_UNITS) | (Math.round(height * SIDE_UNITS) << 16)) >>> 0;
}

export function unpackSides(packed: number): Sides {
  return { width: (packed & 0xffff) / SIDE_UNITS, height: (packed >>> 16) / SIDE_UNITS };
}

/**
 * The keypoints of a picture in bytes: version, a byte of zero, their number and the picture's sides in 16 bits each (the
 * longer one is 65535), then of each its code, its place, and its weak bits in five bits each.
 */
export function encodeKeypoints(copy: GreyCopy, most: number): Uint8Array {
  const found = detectKeypoints(copy, most);
  const bytes = Buffer.alloc(HEADER_BYTES + found.length * KEYPOINT_BYTES);
  const side = Math.max(copy.width, copy.height);
  bytes[0] = KEYPOINTS_VERSION;
  bytes.writeUInt16LE(found.length, 2);
  bytes.writeUInt32LE(packSides({ width: copy.width / side, height: copy.height / side }), 4);
  for (const [i, keypoint] of found.entries()) {
    const at = HEADER_BYTES + i * KEYPOINT_BYTES;
    const { low, high, weak } = codeOf(keypoint.patch);
    bytes.writeUInt32LE(low, at);
    bytes.writeUInt32LE(high, at + 4);
    bytes.writeUInt32LE(packPlace(keypoint), at + 8);
    bytes.writeUInt32LE(
      weak.reduce((packed, bit, place) => packed | (bit << (5 * place)), 0),
      at + 12,
    );
  }
  return bytes;
}

/** Null when the bytes are of another version, or damaged. */
export function decodeKeypoints(bytes: Uint8Array): Keypoints | null {
  if (bytes.length < HEADER_BYTES || bytes[0] !== KEYPOINTS_VERSION) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(2, true);
  if (bytes.length !== HEADER_BYTES + count * KEYPOINT_BYTES) return null;
  const words = () => new Uint32Array(count);
  const [low, high, places, weak] = [words(), words(), words(), new Uint8Array(count * WEAK_BITS)];
  for (let i = 0, at = HEADER_BYTES; i < count; i++, at += KEYPOINT_BYTES) {
    low[i] = view.getUint32(at, true);
    high[i] = view.getUint32(at + 4, true);
    places[i] = view.getUint32(at + 8, true);
    let bits = view.getUint32(at + 12, true);
    for (let place = 0; place < WEAK_BITS; place++, bits >>>= 5) {
      if ((bits & 31) >= PLACE_BITS) return null;
      weak[i * WEAK_BITS + place] = bits & 31;
    }
  }
  return { count, ...unpackSides(view.getUint32(4, true)), low, high, weak, places };
}
