import { transposedHash } from '../picture/dct-hash.js';
import { type Descriptor, TONES_SIZE, type ViewHash } from '../picture/descriptor.js';
import { USELESS } from '../picture/informative.js';
import { BUSY_VIEWS, CENTRED_VIEWS, INDEXED_VIEWS, VIEWS, type View, WHOLE_VIEWS } from '../picture/views.js';
import { doubtfulBits, neighboursOf } from './doubtful-bits.js';
import type { Probe } from './hamming-scan.js';
import { chunked } from './hash-chunks.js';

/*
 * When do two pictures look alike? When one of the query's views is within a threshold of an indexed view of the other,
 * in any of the eight ways to turn and mirror it (four for tilted views). Thresholds are in bits of 256, fitted to
 * half of the bench's photographs and checked with the other half: see bench/quality/NOTES.md. Discounts
 * (informative.ts) lower them for hashes that are easy to come near.
 *
 * The two hashes must also agree in a chunk of 16 bits, but for one of the query's doubtful bits (doubtful-bits.ts), which
 * true matches practically always do: so large collections are looked up instead of scanned.
 */

/** Between two whole pictures, with or without their borders. */
export const WHOLE_THRESHOLD = 66;
/** Where one of both is a part. */
export const PART_THRESHOLD = 62;
/**
 * The pivot class is a quarter of the bits: it must be within a quarter of the threshold and this much more, which a
 * true match practically always is.
 */
export const PIVOT_SLACK = 6;

/** Plain pictures are alike when no cell's tone differs by more, and their colours not by more than the next. */
const TONE_TOLERANCE = 5;
const CHROMA_TOLERANCE = 3;

/** 0 is for the same bytes, which only the caller knows. */
const LEAST_RANK = 1;

/**
 * Of two matching hashes, by the bits left to the threshold: 1 + the distance for two whole pictures without discounts;
 * what has to be nearer to match ranks as far behind as it has to be nearer.
 */
export function rankOfMargin(margin: number): number {
  return LEAST_RANK + Math.max(0, WHOLE_THRESHOLD - margin);
}

/** A probe, and the indexed view that it looks through. */
export interface PlaneProbe extends Probe {
  readonly plane: number;
}

/** Through which of its views a query is looked for: all, or only those of its middle, which is a third of the probes. */
export type AskedViews = 'ALL' | 'MIDDLE';

const ASKED_VIEWS: Readonly<Record<AskedViews, number>> = { ALL: VIEWS.length, MIDDLE: CENTRED_VIEWS };
const INVERTED_VIEWS = 1;

export function probesOf({ views, whole, busy }: Descriptor, asked: AskedViews): PlaneProbe[] {
  return [
    ...probesOfViews(VIEWS, views, ASKED_VIEWS[asked]),
    ...(whole ? probesOfViews(WHOLE_VIEWS, whole) : []),
    ...(busy ? probesOfViews(BUSY_VIEWS, busy) : []),
    ...probesOfViews(VIEWS, views, INVERTED_VIEWS).map(inverted),
  ];
}

/** Inverted colours negate all of a hash. */
function inverted(probe: PlaneProbe): PlaneProbe {
  return { ...probe, hash: probe.hash.map((byte) => byte ^ 0xff) };
}

/** The probes of the first `count` views. */
function probesOfViews(
  specs: readonly View[],
  views: readonly ViewHash[],
  count = specs.length,
): PlaneProbe[] {
  const neighbours = neighboursOf(specs);
  const upright = lazily(views, ({ hash }) => chunked(hash));
  const onSide = lazily(views, ({ hash }) => chunked(transposedHash(hash)));
  return specs.slice(0, count).flatMap(({ against, degrees }, index) => {
    const { discount } = views[index]!;
    if (discount === USELESS) return [];
    // A picture that was tilted as well as turned on its side is too rare to look for.
    const hashes = (degrees === 0 ? [upright, onSide] : [upright]).map((hashOf) => {
      const hash = hashOf(index);
      const near = neighbours[index]!.map(hashOf);
      return { hash, doubtful: doubtfulBits(hash, near) };
    });
    return against.flatMap((plane) => {
      const threshold = (index === 0 && plane === 0 ? WHOLE_THRESHOLD : PART_THRESHOLD) - discount;
      const pivotBound = Math.floor(threshold / 4) + PIVOT_SLACK;
      return hashes.map((each) => ({ plane, ...each, threshold, pivotBound }));
    });
  });
}

/** What is made of each item, by its place, when it is first asked for: of most views nothing is, where few are looked for. */
function lazily<Item, Made>(items: readonly Item[], make: (item: Item) => Made): (place: number) => Made {
  const made: Made[] = [];
  return (place) => (made[place] ??= make(items[place]!));
}

/** A row of an index: a chunked hash for each plane, null where it says nothing. */
export type IndexedRow = readonly (ViewHash | null)[];

/** The rows of a picture, without those that no hash would be in. */
export function indexedRows({ views, whole, busy }: Descriptor): IndexedRow[] {
  const looks = [views, whole, busy].filter((look) => look !== null);
  return looks.map((look) => rowOf(look.slice(0, INDEXED_VIEWS))).filter((row) => row !== null);
}

function rowOf(views: readonly ViewHash[]): IndexedRow | null {
  const useful = views.map(({ hash, discount }) =>
    discount === USELESS ? null : { hash: chunked(hash), discount },
  );
  return useful.some((view) => view) ? useful : null;
}

const CELLS = TONES_SIZE * TONES_SIZE;
/** Of the tones of alike plain pictures in all, and so of their sums. */
export const MOST_TONE_DIFFERENCE = CELLS * TONE_TOLERANCE;

/** The tones of a picture turned and mirrored in the eight ways. */
export function dihedralTones(tones: Uint8Array): Uint8Array[] {
  const last = TONES_SIZE - 1;
  const ways: ((x: number, y: number) => [number, number])[] = [
    (x, y) => [x, y],
    (x, y) => [last - x, y],
    (x, y) => [x, last - y],
    (x, y) => [last - x, last - y],
    (x, y) => [y, x],
    (x, y) => [last - y, x],
    (x, y) => [y, last - x],
    (x, y) => [last - y, last - x],
  ];
  return ways.map((way) => {
    const turned = Uint8Array.from(tones);
    for (let y = 0; y < TONES_SIZE; y++) {
      for (let x = 0; x < TONES_SIZE; x++) {
        const [fromX, fromY] = way(x, y);
        turned[y * TONES_SIZE + x] = tones[fromY * TONES_SIZE + fromX]!;
      }
    }
    return turned;
  });
}

/** Whether the mean colours of two plain pictures are alike, which are the same however they are turned. */
export function areColoursAlike(query: Uint8Array, other: Uint8Array): boolean {
  return (
    Math.abs(query[CELLS]! - other[CELLS]!) <= CHROMA_TOLERANCE &&
    Math.abs(query[CELLS + 1]! - other[CELLS + 1]!) <= CHROMA_TOLERANCE
  );
}

export function sumOfTones(tones: Uint8Array): number {
  let sum = 0;
  for (let cell = 0; cell < CELLS; cell++) sum += tones[cell]!;
  return sum;
}

/**
 * By how much the tones of two plain pictures differ in all, where they are alike cell by cell; Infinity where they are not, or
 * differ by `less` at least.
 */
export function toneDifference(
  query: Uint8Array,
  other: Uint8Array,
  less = Number.POSITIVE_INFINITY,
): number {
  let sum = 0;
  for (let cell = 0; cell < CELLS; cell++) {
    const difference = Math.abs(query[cell]! - other[cell]!);
    sum += difference;
    if (difference > TONE_TOLERANCE || sum >= less) return Number.POSITIVE_INFINITY;
  }
  return sum;
}

/** The rank of two plain pictures of alike colours whose tones differ by so much in all. */
export function rankOfTones(difference: number): number {
  return LEAST_RANK + Math.round((WHOLE_THRESHOLD * difference) / MOST_TONE_DIFFERENCE);
}
