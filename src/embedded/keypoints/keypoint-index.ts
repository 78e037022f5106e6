import { RowTable } from '../row-table.js';
import { type Agreement, bestAgreement, LEAST_PAIRS, type Pair } from './agreement.js';
import { MOST_DISTANCE } from './code-chains.js';
import { WEAK_BITS } from './codes.js';
import { KeypointTable, type Probe, placeInRow, rowOf } from './keypoint-table.js';
import { type Keypoints, type Place, unpackPlace } from './keypoints.js';
import { MIRRORED_HIGH, MIRRORED_LOW, mirroredPlace } from './mirror.js';
import { rarityOf } from './rarity.js';

/** A picture that shares distinct places with the query. */
export interface KeypointMatch extends Agreement {
  readonly key: number;
  /** The query is mirrored before its places are compared. */
  readonly mirrored: boolean;
}

/** So many pictures with the most votes are looked at more closely, of each of the query's two mirror images. */
const MOST_CANDIDATES = 40;
/** How much less the farthest alike code says than an equal one. */
const FARTHEST_LOSS = 0.6;

export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** A keypoint of the query whose code is alike to that of a slot. Most rows have one, so that pairs are made of few. */
interface Hit {
  readonly row: number;
  readonly slot: number;
  readonly queryIndex: number;
  readonly weight: number;
}

/** What a search looks at. */
interface Scope {
  /** Keys of pictures that are looked at however few votes they have. */
  readonly asked: ReadonlySet<number>;
  /** No other row counts, where it is given; how rare a keypoint is depends on all rows nevertheless. */
  readonly only?: number;
}

interface Votes {
  count: number;
  weight: number;
}

/**
 * The keypoints of one collection in memory: what shares distinct places with a picture, wherever they lie in it. Whoever
 * needs it no more disposes of it.
 */
export class KeypointIndex {
  readonly #table = new KeypointTable();
  /** By row. */
  readonly #keys: number[] = [];
  readonly #rows = new RowTable((row) => this.#keys[row]!);
  readonly #freeRows: number[] = [];
  /** By row: width divided by height. */
  readonly #aspects: number[] = [];

  /** Replaces what has this key. */
  add(key: number, keypoints: Keypoints): void {
    this.remove(key);
    const row = this.#freeRows.pop() ?? this.#keys.length;
    this.#keys[row] = key;
    this.#aspects[row] = keypoints.width / keypoints.height;
    this.#rows.set(key, row);
    this.#table.write(row, keypoints);
  }

  /** Nothing happens when there is no such key. */
  remove(key: number): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#table.erase(row);
    this.#rows.delete(key);
    this.#freeRows.push(row);
  }

  /** The sides of a picture that is there; the longer one is 1. */
  sidesOf(key: number): Sides {
    const aspect = this.#aspects[this.#rows.get(key)!]!;
    return { width: Math.min(1, aspect), height: Math.min(1, 1 / aspect) };
  }

  /** Gives its memory to others. It must not be used any more. */
  dispose(): void {
    this.#table.dispose();
  }

  /** How many pictures there are. */
  get size(): number {
    return this.#rows.size;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#table.bytes + this.#rows.bytes + BYTES_OF_ROW * this.#keys.length;
  }

  /**
   * The pictures that share places with the query, the highest score first, then by key.
   *
   * @param asked keys of pictures that are looked at however few votes they have
   */
  search(query: Keypoints, asked: ReadonlySet<number> = new Set()): KeypointMatch[] {
    return this.#matches(query, { asked });
  }

  /** The score that a search gives this picture, when it is asked for; 0 where it gives none. */
  scoreOf(key: number, query: Keypoints): number {
    const only = this.#rows.get(key);
    if (only === undefined) return 0;
    return this.#matches(query, { asked: new Set([key]), only })[0]?.score ?? 0;
  }

  #matches(query: Keypoints, scope: Scope): KeypointMatch[] {
    const best = new Map<number, KeypointMatch>();
    for (const mirrored of [false, true]) {
      for (const [row, pairs] of this.#candidates(query, mirrored, scope)) {
        const key = this.#keys[row]!;
        const agreement = bestAgreement(pairs);
        if (agreement && agreement.score > (best.get(key)?.score ?? 0))
          best.set(key, { ...agreement, key, mirrored });
      }
    }
    return [...best.values()].sort((a, b) => b.score - a.score || a.key - b.key);
  }

  /** By row the pairs with the query, the heaviest first. */
  #candidates(query: Keypoints, mirrored: boolean, { asked, only }: Scope): Map<number, Pair[]> {
    const hits: Hit[] = [];
    const votes = new Map<number, Votes>();
    const probes = this.#probesOf(query, mirrored, only);
    const nearestOf = this.#nearestByRow(probes.map(({ probe }) => probe));
    for (const [place, { i }] of probes.entries()) {
      const nearest = nearestOf[place]!;
      const rarity = rarityOf(nearest.size, this.size);
      if (rarity === 0) continue;
      for (const [row, { slot, distance }] of nearest) {
        if (only !== undefined && row !== only) continue;
        const weight = rarity * (1 - (FARTHEST_LOSS * distance) / MOST_DISTANCE);
        hits.push({ row, slot, queryIndex: i, weight });
        const known = votes.get(row);
        if (known) {
          known.count++;
          known.weight += weight;
        } else votes.set(row, { count: 1, weight });
      }
    }
    const listed = this.#shortlisted(votes, asked);
    for (const { row, slot, queryIndex, weight } of hits) {
      listed.get(row)?.push({
        query: placeOf(query, queryIndex, mirrored),
        stored: unpackPlace(this.#table.placeOf(slot)),
        queryIndex,
        storedIndex: placeInRow(slot),
        weight,
      });
    }
    for (const pairs of listed.values())
      pairs.sort((a, b) => b.weight - a.weight || a.queryIndex - b.queryIndex);
    return listed;
  }

  /** The keypoints of the query that are looked for: all, or those that one row has something alike to, if they are enough. */
  #probesOf(query: Keypoints, mirrored: boolean, only: number | undefined): { i: number; probe: Probe }[] {
    const all = Array.from({ length: query.count }, (_, i) => ({ i, probe: probeOf(query, i, mirrored) }));
    if (only === undefined) return all;
    const isAlike = this.#table.comparison(only);
    const alike = all.filter(({ probe }) => isAlike(probe));
    return alike.length < LEAST_PAIRS ? [] : alike;
  }

  /** For each probe, by row, the slot that is nearest to it. */
  #nearestByRow(probes: readonly Probe[]): Map<number, { slot: number; distance: number }>[] {
    const nearestOf = probes.map(() => new Map<number, { slot: number; distance: number }>());
    this.#table.find(probes, (probe, slot, distance) => {
      const row = rowOf(slot);
      const known = nearestOf[probe]!.get(row);
      if (!known || distance < known.distance || (distance === known.distance && slot < known.slot))
        nearestOf[probe]!.set(row, { slot, distance });
    });
    return nearestOf;
  }

  /** The rows that are looked at more closely, the ones with the most votes first, without pairs yet. */
  #shortlisted(votes: ReadonlyMap<number, Votes>, asked: ReadonlySet<number>): Map<number, Pair[]> {
    const listed = [...votes]
      .filter(([, { count }]) => count >= LEAST_PAIRS)
      .map(([row, { weight }]) => ({ row, key: this.#keys[row]!, weight }))
      .sort((a, b) => b.weight - a.weight || a.key - b.key)
      .filter(({ key }, place) => place < MOST_CANDIDATES || asked.has(key));
    return new Map(listed.map(({ row }) => [row, []]));
  }
}

/** Of a key and an aspect. */
const BYTES_OF_ROW = 16;

function probeOf({ low, high, weak }: Keypoints, i: number, mirrored: boolean): Probe {
  return {
    low: mirrored ? (low[i]! ^ MIRRORED_LOW) >>> 0 : low[i]!,
    high: mirrored ? (high[i]! ^ MIRRORED_HIGH) >>> 0 : high[i]!,
    weak: weak.subarray(i * WEAK_BITS, (i + 1) * WEAK_BITS),
  };
}

function placeOf({ places, width }: Keypoints, i: number, mirrored: boolean): Place {
  const place = unpackPlace(places[i]!);
  return mirrored ? mirroredPlace(place, width) : place;
}
