import { LEAST_PAIRS } from './agreement.js';
import { MOST_CODES } from './code-chains.js';
import { CodeHits } from './code-hits.js';
import { type KeypointTable, placeInRow, rowOf } from './keypoint-table.js';
import type { Probe } from './probe.js';
import { RowMarks } from './row-marks.js';
import type { Vote } from './vote.js';

/** How much it says that a row has something alike to a probe, when so many rows have. */
type WeightOf = (rows: number) => number;

/**
 * The rows of a table that have something alike to some probes. Most have it to one of them and are only counted, in bits and
 * bytes of their own: of hundreds of thousands of hits few are looked at twice.
 */
export class AlikeRows {
  readonly #table: KeypointTable;
  readonly #hits = new CodeHits();
  /** Those that voted; their probes are counted over all of a search. */
  readonly #voters = new CodeHits();
  /** The rows that have something alike to one probe. */
  readonly #met = new RowMarks();
  /** By row how many probes it has something alike to, up to LEAST_PAIRS. */
  #counts = new Uint8Array(0);

  constructor(table: KeypointTable) {
    this.#table = table;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#met.bytes + this.#counts.byteLength;
  }

  /** By probe how many rows have something alike to it. */
  counts(probes: readonly Probe[]): Uint32Array {
    const counts = new Uint32Array(probes.length);
    this.#ofEach(probes, (hits, probe) => {
      counts[probe] = this.#mark(hits);
      for (const hit of hits) this.#met.delete(this.#rowOf(hit));
    });
    return counts;
  }

  /**
   * By row the votes for those that have something alike to LEAST_PAIRS probes or more, in the order of the probes.
   * @param likeness how much a code says at a distance, as a share of an equal one
   */
  votes(
    probes: readonly Probe[],
    weightOf: WeightOf,
    likeness: (distance: number) => number,
  ): Map<number, Vote[]> {
    this.#voters.clear();
    const weights = new Float64Array(probes.length);
    this.#ofEach(probes, (hits, probe) => {
      weights[probe] = weightOf(this.#mark(hits));
      this.#count(hits, weights[probe]! > 0 ? probe : null);
    });
    return this.#votesOfMany((probe, distance) => weights[probe]! * likeness(distance));
  }

  /** Calls `take` for one probe after the other, with its place among all. */
  #ofEach(probes: readonly Probe[], take: (hits: Uint32Array, probe: number) => void): void {
    this.#clear(this.#table.rows);
    for (let first = 0; first < probes.length; first += MOST_CODES) {
      const some = probes.slice(first, first + MOST_CODES);
      this.#hits.clear();
      this.#table.find(some, this.#hits);
      for (const [probe, hits] of this.#hits.byProbe(some.length).entries()) take(hits, first + probe);
    }
  }

  /** Marks the rows of the hits. Returns how many these are. */
  #mark(hits: Uint32Array): number {
    let rows = 0;
    for (const hit of hits) if (this.#met.add(this.#rowOf(hit))) rows++;
    return rows;
  }

  /** Takes the marks of the hits' rows away, and counts each row once. @param probe null where nothing is to be counted */
  #count(hits: Uint32Array, probe: number | null): void {
    for (const hit of hits) {
      const row = this.#rowOf(hit);
      const isFirst = this.#met.delete(row);
      if (probe === null) continue;
      if (isFirst && this.#counts[row]! < LEAST_PAIRS) this.#counts[row]!++;
      this.#voters.addFrom(this.#hits, hit, probe);
    }
  }

  #votesOfMany(weightAt: (probe: number, distance: number) => number): Map<number, Vote[]> {
    const votes = new Map<number, Vote[]>();
    const voters = this.#voters;
    /** By row, the last one of its votes. */
    const nearest = new Map<number, number>();
    for (let voter = 0; voter < voters.count; voter++) {
      const row = rowOf(voters.numberOf(voter));
      if (this.#counts[row]! < LEAST_PAIRS) continue;
      const probe = voters.probeOf(voter);
      const ofRow = votes.get(row) ?? [];
      if (ofRow.length === 0) votes.set(row, ofRow);
      const isNext = ofRow.at(-1)?.queryIndex !== probe;
      if (!isNext && !this.#isNearer(voter, nearest.get(row)!)) continue;
      nearest.set(row, voter);
      ofRow[isNext ? ofRow.length : ofRow.length - 1] = {
        queryIndex: probe,
        storedIndex: placeInRow(voters.numberOf(voter)),
        place: voters.placeOf(voter),
        weight: weightAt(probe, voters.distanceOf(voter)),
      };
    }
    return votes;
  }

  /** Of keypoints that are equally near the first one of the row counts. */
  #isNearer(one: number, other: number): boolean {
    const [distance, known] = [this.#voters.distanceOf(one), this.#voters.distanceOf(other)];
    if (distance !== known) return distance < known;
    return this.#voters.numberOf(one) < this.#voters.numberOf(other);
  }

  #rowOf(hit: number): number {
    return rowOf(this.#hits.numberOf(hit));
  }

  #clear(rows: number): void {
    this.#met.clear(rows);
    if (rows > this.#counts.length) this.#counts = new Uint8Array(Math.ceil(1.25 * rows));
    else this.#counts.fill(0);
  }
}
