import { MOST_CODES } from './code-chains.js';
import { CodeHits } from './code-hits.js';
import { type KeypointTable, placeInRow, rowOf } from './keypoint-table.js';
import type { Probe } from './probe.js';
import { RowSet } from './row-set.js';

/** Of the rows that have something alike to one probe the keypoints that are nearest to it, one of each row. */
export class AlikeRows {
  readonly #table: KeypointTable;
  readonly #hits = new CodeHits();
  readonly #rows = new RowSet();
  /** By the place of the row. */
  readonly #nearest: number[] = [];

  constructor(table: KeypointTable) {
    this.#table = table;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#rows.bytes;
  }

  /** Calls `take` for one probe after the other, with its place among all; what it reads here is of that probe. */
  ofEach(probes: readonly Probe[], take: (probe: number) => void): void {
    for (let first = 0; first < probes.length; first += MOST_CODES) {
      const some = probes.slice(first, first + MOST_CODES);
      this.#hits.clear();
      this.#table.find(some, this.#hits);
      for (const [probe, hits] of this.#hits.byProbe(some.length).entries()) {
        this.#take(hits);
        take(first + probe);
      }
    }
  }

  /** How many rows there are, each at a place. */
  get count(): number {
    return this.#rows.size;
  }

  /** Undefined where the row has nothing alike. */
  placeOf(row: number): number | undefined {
    return this.#rows.get(row);
  }

  rowAt(place: number): number {
    return this.#rows.rowOf(place);
  }

  /** Which of the keypoints of its row is nearest to the probe. */
  nearestAt(place: number): number {
    return placeInRow(this.#hits.numberOf(this.#nearest[place]!));
  }

  distanceAt(place: number): number {
    return this.#hits.distanceOf(this.#nearest[place]!);
  }

  /** Where in the picture the keypoint is, packed. */
  packedPlaceAt(place: number): number {
    return this.#hits.placeOf(this.#nearest[place]!);
  }

  #take(hits: Uint32Array): void {
    this.#rows.clear(this.#table.rows);
    for (const hit of hits) {
      const before = this.#rows.size;
      const place = this.#rows.add(rowOf(this.#hits.numberOf(hit)));
      if (place === before || this.#isNearer(hit, this.#nearest[place]!)) this.#nearest[place] = hit;
    }
  }

  /** Of keypoints that are equally near the first one of the row counts. */
  #isNearer(one: number, other: number): boolean {
    const [distance, known] = [this.#hits.distanceOf(one), this.#hits.distanceOf(other)];
    if (distance !== known) return distance < known;
    return this.#hits.numberOf(one) < this.#hits.numberOf(other);
  }
}
