import { NumberList } from '../number-list.js';
import { RowTable } from '../row-table.js';
import { type Agreement, bestAgreement, LEAST_PAIRS } from './agreement.js';
import { AlikeRows } from './alike-rows.js';
import { KeypointTable } from './keypoint-table.js';
import { KEPT_KEYPOINTS, type Keypoints, packSides, type Sides, unpackSides } from './keypoints.js';
import { MOST_DISTANCE, nearestOf, type Probe, probesOf } from './probe.js';
import { rarityOf } from './rarity.js';
import { heaviestFirst, pairOf, type Vote } from './vote.js';

/** A picture that shares distinct places with the query. */
export interface KeypointMatch extends Agreement {
  readonly key: number;
  /** The query is mirrored before its places are compared. */
  readonly mirrored: boolean;
}

/** A picture that asks about another one, mirrored or as it is. */
export interface MirrorImage {
  readonly keypoints: Keypoints;
  readonly mirrored: boolean;
}

/** So many pictures with the most votes are looked at more closely, of each of the query's two mirror images. */
const MOST_CANDIDATES = 40;
/** How much less the farthest alike code says than an equal one. */
const FARTHEST_LOSS = 0.6;

/**
 * The keypoints of one collection in memory: what shares distinct places with a picture, wherever they lie in it. Whoever
 * needs it no more disposes of it.
 */
export class KeypointIndex {
  readonly #table = new KeypointTable();
  readonly #alike = new AlikeRows(this.#table);
  /** By row. */
  readonly #keys = new NumberList(Float64Array);
  readonly #rows = new RowTable((row) => this.#keys.at(row));
  /** By row, see packSides. */
  readonly #sides = new NumberList(Uint32Array);

  /** Replaces what has this key. */
  add(key: number, keypoints: Keypoints): void {
    this.remove(key);
    // Before the table takes a row, which it keeps where there is not enough memory for all of it.
    this.#keys.push(key);
    this.#sides.push(packSides(keypoints));
    this.#rows.set(key, this.#table.append(keypoints));
  }

  /** Nothing happens when there is no such key. */
  remove(key: number): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    this.#table.erase(row);
    if (this.#table.isSparse) this.#compact();
  }

  /** The sides of a picture that is there; the longer one is 1. */
  sidesOf(key: number): Sides {
    return unpackSides(this.#sides.at(this.#rows.get(key)!));
  }

  /** Does a part of the work that makes later searches quicker. False when there is nothing left to do. */
  settle(): boolean {
    return this.#table.settle();
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
    const tables = this.#table.bytes + this.#rows.bytes + this.#alike.bytes;
    return tables + this.#keys.bytes + this.#sides.bytes;
  }

  /**
   * The pictures that share places with the query, the highest score first, then by key.
   *
   * @param asked keys of pictures that are looked at however few votes they have
   */
  search(query: Keypoints, asked: ReadonlySet<number> = new Set()): KeypointMatch[] {
    const best = new Map<number, KeypointMatch>();
    for (const mirrored of [false, true]) {
      const votes = this.#alike.votes(probesOf(query, mirrored), (rows) => this.#rarityOf(rows), likenessAt);
      for (const row of this.#shortlisted(votes, asked)) {
        const pairs = votes
          .get(row)!
          .map((vote) => pairOf(query, mirrored, vote))
          .sort(heaviestFirst);
        const key = this.#keys.at(row);
        const agreement = bestAgreement(pairs);
        if (agreement && agreement.score > (best.get(key)?.score ?? 0))
          best.set(key, { ...agreement, key, mirrored });
      }
    }
    return [...best.values()].sort((a, b) => b.score - a.score || a.key - b.key);
  }

  /**
   * The scores that searches with each of the queries give one picture, when it is asked for; 0 where they give none.
   *
   * @param own the keypoints that the picture was added with
   */
  scoresOf(key: number, own: Keypoints, queries: readonly MirrorImage[]): number[] {
    const row = this.#rows.get(key);
    if (row === undefined) return queries.map(() => 0);
    // What is alike to nothing of the picture need not be looked up; all others are, at once.
    const alike = queries.map((query) => {
      const probes = alikeProbes(query, own);
      return probes.length < LEAST_PAIRS ? [] : probes;
    });
    const counts = this.#alike.counts(alike.flat().map(({ probe }) => probe));
    let first = 0;
    return queries.map(({ keypoints, mirrored }, place) => {
      const votes = alike[place]!.map(({ vote }) => {
        return { ...vote, weight: this.#rarityOf(counts[first++]!) * vote.weight };
      });
      const pairs = votes
        .filter(({ weight }) => weight > 0)
        .map((vote) => pairOf(keypoints, mirrored, vote))
        .sort(heaviestFirst);
      return bestAgreement(pairs)?.score ?? 0;
    });
  }

  /** How much it says that so many pictures have something alike. */
  #rarityOf(rows: number): number {
    return rarityOf(rows, this.size);
  }

  /** The rows that are looked at more closely, the ones with the most votes first. */
  #shortlisted(votes: ReadonlyMap<number, readonly Vote[]>, asked: ReadonlySet<number>): number[] {
    return Array.from(votes, ([row, ofRow]) => {
      return { row, key: this.#keys.at(row), weight: ofRow.reduce((sum, { weight }) => sum + weight, 0) };
    })
      .sort((a, b) => b.weight - a.weight || a.key - b.key)
      .filter(({ key }, place) => place < MOST_CANDIDATES || asked.has(key))
      .map(({ row }) => row);
  }

  #compact(): void {
    const kept = this.#table.compact();
    this.#rows.clear();
    for (const [row, before] of kept.entries()) {
      for (const numbers of [this.#keys, this.#sides]) numbers.set(row, numbers.at(before));
      this.#rows.set(this.#keys.at(row), row);
    }
    for (const numbers of [this.#keys, this.#sides]) numbers.truncate(kept.length);
  }
}

/** How much an alike code says at a distance, as a share of an equal one. */
function likenessAt(distance: number): number {
  return 1 - (FARTHEST_LOSS * distance) / MOST_DISTANCE;
}

/**
 * The keypoints of a query that something of a stored picture is alike to, each with its vote for the
 * nearest of that as if no other picture had it.
 */
function alikeProbes(
  { keypoints, mirrored }: MirrorImage,
  stored: Keypoints,
): { probe: Probe; vote: Vote }[] {
  const kept = Math.min(stored.count, KEPT_KEYPOINTS);
  return probesOf(keypoints, mirrored).flatMap((probe, queryIndex) => {
    const nearest = nearestOf(probe, stored, kept);
    if (!nearest) return [];
    const { index: storedIndex, distance } = nearest;
    const place = stored.places[storedIndex]!;
    return [{ probe, vote: { queryIndex, storedIndex, place, weight: likenessAt(distance) } }];
  });
}
