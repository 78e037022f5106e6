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
 * The rows of a table that have something alike to some probes. Most have it to one or two of them: they are only counted, in
 * bits and bytes that stay in the processor's caches, and votes are made of the hits of all others.
 */
export class AlikeRows {
  readonly #table: KeypointTable;
  readonly #hits = new CodeHits();
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
    // Of each search its own: where codes are common these are very many.
    const voters = new CodeHits();
    const weights = new Float64Array(probes.length);
    this.#ofEach(probes, (hits, probe) => {
      weights[probe] = weightOf(this.#mark(hits));
      const hasWeight = weights[probe]! > 0;
      this.#count(hits, hasWeight);
      if (hasWeight) for (const hit of hits) voters.addFrom(this.#hits, hit, probe);
    });
    return this.#votesOf(voters, (probe, distance) => weights[probe]! * likeness(distance));
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

  /** Takes the marks of the hits' rows away, and counts each row once where they have weight. */
  #count(hits: Uint32Array, hasWeight: boolean): void {
    for (const hit of hits) {
      const row = this.#rowOf(hit);
      const isFirst = this.#met.delete(row);
      if (hasWeight && isFirst && this.#counts[row]! < LEAST_PAIRS) this.#counts[row]!++;
    }
  }

  /** @param voters the hits that have weight, probe by probe */
  #votesOf(voters: CodeHits, weightAt: (probe: number, distance: number) => number): Map<number, Vote[]> {
    const votes = new Map<number, Vote[]>();
    /** By row, the hit that its last vote is made of. */
    const nearest = new Map<number, number>();
    for (let voter = 0; voter < voters.count; voter++) {
      const row = rowOf(voters.numberOf(voter));
      if (this.#counts[row]! < LEAST_PAIRS) continue;
      const probe = voters.probeOf(voter);
      const ofRow = votes.get(row) ?? [];
      if (ofRow.length === 0) votes.set(row, ofRow);
      const isNext = ofRow.at(-1)?.queryIndex !== probe;
      if (!isNext && !isNearer(voters, voter, nearest.get(row)!)) continue;
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

  #rowOf(hit: number): number {
    return rowOf(this.#hits.numberOf(hit));
  }

  #clear(rows: number): void {
    this.#met.clear(rows);
    if (rows > this.#counts.length) this.#counts = new Uint8Array(Math.ceil(1.25 * rows));
    else this.#counts.fill(0);
  }
}

/** Whether one of two hits is nearer; of those equally near the one of the first keypoint counts. */
function isNearer(hits: CodeHits, one: number, other: number): boolean {
  const [distance, known] = [hits.distanceOf(one), hits.distanceOf(other)];
  if (distance !== known) return distance < known;
  return hits.numberOf(one) < hits.numberOf(other);
}
