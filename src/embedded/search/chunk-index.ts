import { ChunkPostings, MOST_POSTED_ROWS, type Plane } from './chunk-postings.js';
import { type OnHit, type Probe, RowChecker, scanBlocks, setProbes } from './hamming-scan.js';
import { CHUNKS, chunkOf, FIRST_UNFLIPPED_CHUNK } from './hash-chunks.js';

/** A segment takes in the one before it until that one is so many times larger. */
const SEGMENT_RATIO = 3;
/** Where buckets hold so large a share of the rows, a scan is quicker. */
const MOST_CHECKED_SHARE = 1 / 4;

/** Neighbouring rows, looked up by the chunks of their hashes. */
interface Segment {
  readonly first: number;
  readonly end: number;
  /** By plane and chunk. */
  readonly postings: readonly ChunkPostings[];
}

interface Construction {
  readonly first: number;
  readonly end: number;
  readonly postings: ChunkPostings[];
}

/**
 * Finds rows that match probes: the latest ones by a scan, all others by look-ups in segments, which grow with their
 * age. Both find the same. Rows are only ever written behind the last one; a row that was removed may stay in a segment.
 */
export class ChunkIndex {
  readonly #planes: readonly Plane[];
  readonly #mostScannedRows: number;
  #segments: Segment[] = [];
  #construction: Construction | null = null;

  /** @param mostScannedRows so many of the latest rows need no look-ups */
  constructor(planes: readonly Plane[], mostScannedRows: number) {
    this.#planes = planes;
    this.#mostScannedRows = mostScannedRows;
  }

  /** The number of rows that are looked up. */
  get lookedUp(): number {
    return this.#segments.at(-1)?.end ?? 0;
  }

  /** Of the postings. */
  get bytes(): number {
    let sum = 0;
    for (const { postings } of this.#segments) for (const each of postings) sum += each.bytes;
    for (const each of this.#construction?.postings ?? []) sum += each.bytes;
    return sum;
  }

  /** Forgets all segments: the rows have moved. */
  clear(): void {
    this.#segments = [];
    this.#construction = null;
  }

  /**
   * Does a part of the work that makes look-ups of scans: some 20 ms where there are a million rows.
   * @param rows how many there are
   * @returns false when there is nothing left to do
   */
  settle(rows: number): boolean {
    this.#construction ??= this.#nextConstruction(rows);
    if (!this.#construction) return false;
    const { first, end, postings } = this.#construction;
    const plane = this.#planes[Math.floor(postings.length / CHUNKS.length)]!;
    postings.push(new ChunkPostings(plane, CHUNKS[postings.length % CHUNKS.length]!, first, end));
    if (postings.length < this.#planes.length * CHUNKS.length) return true;
    this.#segments = [...this.#segments.filter((segment) => segment.end <= first), { first, end, postings }];
    this.#construction = null;
    return true;
  }

  #nextConstruction(rows: number): Construction | null {
    let first = this.lookedUp;
    if (rows - first <= this.#mostScannedRows) return null;
    for (const segment of this.#segments.toReversed()) {
      const isLarge = segment.end - segment.first >= SEGMENT_RATIO * (rows - first);
      if (isLarge || rows - segment.first > MOST_POSTED_ROWS) break;
      first = segment.first;
    }
    return { first, end: Math.min(rows, first + MOST_POSTED_ROWS), postings: [] };
  }

  /**
   * Calls `hit` for the rows of a plane that match one of the probes, for some several times.
   * @param rows how many there are
   */
  search(plane: number, rows: number, probes: readonly Probe[], hit: OnHit): void {
    setProbes(probes);
    const { blocks } = this.#planes[plane]!;
    scanBlocks(blocks, { first: this.lookedUp, end: rows }, [...probes.keys()], hit);
    if (this.#segments.length === 0) return;
    const checker = new RowChecker(blocks, hit);
    for (const segment of this.#segments) {
      const postings = segment.postings.slice(plane * CHUNKS.length, (plane + 1) * CHUNKS.length);
      const most = (segment.end - segment.first) * MOST_CHECKED_SHARE;
      const unchecked = checkPosted(postings, probes, most, checker);
      if (unchecked.length > 0) scanBlocks(blocks, segment, unchecked, hit);
    }
  }
}

/**
 * Checks the rows that may agree with the probes in a chunk, chunk by chunk: probes are often alike, and what one of them
 * looks up is then in the processor's caches for the next.
 * @param most so many are worth while for a probe
 * @returns the places of probes that have more, some of which were not checked
 */
function checkPosted(
  postings: readonly ChunkPostings[],
  probes: readonly Probe[],
  most: number,
  checker: RowChecker,
): number[] {
  const found = probes.map(() => 0);
  for (const [index, chunk] of CHUNKS.entries()) {
    const posted = postings[index]!;
    const ranges: number[] = [];
    for (const [place, probe] of probes.entries())
      if (found[place]! <= most) found[place]! += addRanges(ranges, posted, chunk, probe, place);
    for (let at = 0; at < ranges.length; at += 3)
      checker.add(posted, ranges[at]!, ranges[at + 1]!, ranges[at + 2]!);
  }
  checker.finish();
  return [...found.keys()].filter((place) => found[place]! > most);
}

const ALL = 0xffff;

/**
 * Adds where rows stand whose chunk may agree with a probe's: as it is, where flips negate it also negated, each with one bit
 * turned. Of each bucket with rows that is where they begin, where they end, and the place of the probe. As very many are
 * looked up and nearly all are empty, nothing is allocated for one.
 * @returns how many rows these are
 */
function addRanges(
  ranges: number[],
  posted: ChunkPostings,
  chunk: number,
  { hash, doubtful }: Probe,
  place: number,
): number {
  const equal = chunkOf(hash, chunk) >> posted.shift;
  const negated = chunk < FIRST_UNFLIPPED_CHUNK ? equal ^ (ALL >> posted.shift) : equal;
  let rows = 0;
  const add = (bucket: number) => {
    if (!posted.hasRows(bucket)) return;
    const [start, end] = [posted.starts[bucket]!, posted.starts[bucket + 1]!];
    ranges.push(start, end, place);
    rows += end - start;
  };
  // At last no bit is left, and none is turned.
  for (let left = chunkOf(doubtful, chunk) >> posted.shift; ; left &= left - 1) {
    const turned = left & -left;
    add(equal ^ turned);
    if (negated !== equal) add(negated ^ turned);
    if (left === 0) return rows;
  }
}
