import { WHOLE_FRAME, withoutBorder } from './border.js';
import { busyFrame } from './busy-part.js';
import { lowFrequencies } from './dct.js';
import { HASH_BYTES, signHash } from './dct-hash.js';
import { GRID_SIZE } from './grid-size.js';
import { discountFor, informationIn, isPlain } from './informative.js';
import type { Raster } from './raster.js';
import { Sampler } from './sampling.js';
import { BUSY_VIEWS, look, VIEWS, type View, WHOLE_VIEWS } from './views.js';

/** Changes whenever the same picture would get another descriptor; stored ones of another version are made anew. */
export const DESCRIPTOR_VERSION = 2;

/** Tones on each side of the coarse copy that plain pictures are compared by. */
export const TONES_SIZE = 16;
/** These tones and two of colour, in a descriptor. */
export const TONES_BYTES = TONES_SIZE * TONES_SIZE + 2;

export interface ViewHash {
  /** HASH_BYTES, see signHash. */
  readonly hash: Uint8Array;
  /** Bits by which another hash must be nearer than elsewhere; USELESS when it says nothing. */
  readonly discount: number;
}

/** The look of a picture, in the form that searches compare. */
export interface Descriptor {
  /** One hash for each of VIEWS. */
  readonly views: readonly ViewHash[];
  /** One hash for each of WHOLE_VIEWS where the picture has a border; null where it has none. */
  readonly whole: readonly ViewHash[] | null;
  /** One hash for each of BUSY_VIEWS where the picture has such a part; null where it has none. */
  readonly busy: readonly ViewHash[] | null;
  /** The hashes may say too little: the picture is also compared by its tones. */
  readonly plain: boolean;
  /** TONES_SIZE² mean tones of the whole picture, row by row, then its mean Cb and Cr. */
  readonly tones: Uint8Array;
}

/** The same raster always gives the same descriptor. */
export function describe({ luma, aspect, chroma }: Raster): Descriptor {
  const sampler = new Sampler(luma);
  const content = withoutBorder(luma);
  const busy = busyFrame(luma, content);
  const frames = { content, whole: WHOLE_FRAME, busy: busy ?? content };
  const hashed = (view: View): ViewHash & { plain: boolean } => {
    const grid = look(view, sampler, frames, aspect);
    const coefficients = lowFrequencies(grid);
    const information = informationIn(grid, coefficients);
    return { hash: signHash(coefficients), discount: discountFor(information), plain: isPlain(information) };
  };
  const views = VIEWS.map(hashed);
  return {
    views,
    whole: content === WHOLE_FRAME ? null : WHOLE_VIEWS.map(hashed),
    busy: busy && BUSY_VIEWS.map(hashed),
    plain: views[0]!.plain,
    tones: coarseTones(sampler.upright(WHOLE_FRAME), chroma),
  };
}

function coarseTones(grid: Float64Array, chroma: readonly [number, number]): Uint8Array {
  const step = GRID_SIZE / TONES_SIZE;
  const sums = new Float64Array(TONES_SIZE * TONES_SIZE);
  for (let y = 0; y < GRID_SIZE; y++) {
    for (let x = 0; x < GRID_SIZE; x++) {
      sums[Math.floor(y / step) * TONES_SIZE + Math.floor(x / step)]! += grid[y * GRID_SIZE + x]!;
    }
  }
  return Uint8Array.from([...sums.map((sum) => sum / (step * step)), ...chroma], Math.round);
}

const VIEW_BYTES = 1 + HASH_BYTES;
const HEADER_BYTES = 2;
const HAS_WHOLE = 1;
const IS_PLAIN = 2;
const HAS_BUSY = 4;
const FIRST_WHOLE = VIEWS.length;
const FIRST_BUSY = FIRST_WHOLE + WHOLE_VIEWS.length;
/** Room for the whole and the busy views is always there. */
export const DESCRIPTOR_BYTES = HEADER_BYTES + TONES_BYTES + (FIRST_BUSY + BUSY_VIEWS.length) * VIEW_BYTES;

/** version · flags · tones · all views · the whole views · the busy views, each view a byte of discount and its hash. */
export function encodeDescriptor({ views, whole, busy, plain, tones }: Descriptor): Buffer {
  const bytes = Buffer.alloc(DESCRIPTOR_BYTES);
  bytes[0] = DESCRIPTOR_VERSION;
  bytes[1] = (whole ? HAS_WHOLE : 0) | (plain ? IS_PLAIN : 0) | (busy ? HAS_BUSY : 0);
  bytes.set(tones, HEADER_BYTES);
  const write = (hashes: readonly ViewHash[], first: number) =>
    hashes.forEach(({ hash, discount }, place) => {
      const at = HEADER_BYTES + TONES_BYTES + (first + place) * VIEW_BYTES;
      bytes[at] = discount;
      bytes.set(hash, at + 1);
    });
  write(views, 0);
  if (whole) write(whole, FIRST_WHOLE);
  if (busy) write(busy, FIRST_BUSY);
  return bytes;
}

/**
 * Null when the bytes are of another version. The descriptor shares the memory of `bytes`.
 *
 * @param most of the views of each look, so many are read: who needs few of very many descriptors saves the others
 */
export function decodeDescriptor(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): Descriptor | null {
  if (bytes.length !== DESCRIPTOR_BYTES || bytes[0] !== DESCRIPTOR_VERSION) return null;
  const flags = bytes[1]!;
  const first = HEADER_BYTES + TONES_BYTES;
  const read = (views: readonly View[], firstView: number): ViewHash[] =>
    views.slice(0, most).map((_, place) => {
      const at = first + (firstView + place) * VIEW_BYTES;
      return { discount: bytes[at]!, hash: bytes.subarray(at + 1, at + VIEW_BYTES) };
    });
  return {
    views: read(VIEWS, 0),
    whole: flags & HAS_WHOLE ? read(WHOLE_VIEWS, FIRST_WHOLE) : null,
    busy: flags & HAS_BUSY ? read(BUSY_VIEWS, FIRST_BUSY) : null,
    plain: (flags & IS_PLAIN) !== 0,
    tones: bytes.subarray(HEADER_BYTES, first),
  };
}
