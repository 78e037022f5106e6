import { RowTable } from '../row-table.js';
import { type Agreement, bestAgreement, LEAST_PAIRS, type Pair } from './agreement.js';
import { AlikeRows } from './alike-rows.js';
import { KeypointTable } from './keypoint-table.js';
import { KEPT_KEYPOINTS, type Keypoints } from './keypoints.js';
import { isAlikeToAny, MOST_DISTANCE, type Probe, probesOf } from './probe.js';
import { rarityOf } from './rarity.js';
import { heaviestFirst, pairOf, RowVotes, type Vote } from './row-votes.js';

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

/**
 * The keypoints of one collection in memory: what shares distinct places with a picture, wherever they lie in it. Whoever
 * needs it no more disposes of it.
 */
export class KeypointIndex {
  readonly #table = new KeypointTable();
  readonly #alike = new AlikeRows(this.#table);
  readonly #votes = new RowVotes();
  /** By row. */
  #keys: number[] = [];
  readonly #rows = new RowTable((row) => this.#keys[row]!);
  /** By row: width divided by height. */
  #aspects: number[] = [];

  /** Replaces what has this key. */
  add(key: number, keypoints: Keypoints): void {
    this.remove(key);
    const row = this.#table.append(keypoints);
    this.#keys[row] = key;
    this.#aspects[row] = keypoints.width / keypoints.height;
    this.#rows.set(key, row);
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
    const aspect = this.#aspects[this.#rows.get(key)!]!;
    return { width: Math.min(1, aspect), height: Math.min(1, 1 / aspect) };
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
    const searched = this.#alike.bytes + this.#votes.bytes;
    return this.#table.bytes + this.#rows.bytes + searched + BYTES_OF_ROW * this.#keys.length;
  }

  /**
   * The pictures that share places with the query, the highest score first, then by key.
   *
   * @param asked keys of pictures that are looked at however few votes they have
   */
  search(query: Keypoints, asked: ReadonlySet<number> = new Set()): KeypointMatch[] {
    const best = new Map<number, KeypointMatch>();
    for (const mirrored of [false, true]) {
      for (const [row, pairs] of this.#candidates(query, mirrored, asked)) {
        const key = this.#keys[row]!;
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
  scoresOf(key: number, own: Keypoints, queries: readonly Keypoints[]): number[] {
    const row = this.#rows.get(key);
    if (row === undefined) return queries.map(() => 0);
    // What is alike to nothing of the picture need not be looked up; all others are, at once.
    const asked = queries.flatMap((query, place) =>
      [false, true].flatMap((mirrored) => {
        const alike = alikeProbes(query, mirrored, own);
        return alike.length < LEAST_PAIRS ? [] : [{ query, place, mirrored, alike, pairs: [] as Pair[] }];
      }),
    );
    const probes = asked.flatMap(({ alike, query, mirrored, pairs }) =>
      alike.map(({ probe, queryIndex }) => ({ probe, queryIndex, query, mirrored, pairs })),
    );
    this.#alike.ofEach(
      probes.map(({ probe }) => probe),
      (place) => {
        const { queryIndex, query, mirrored, pairs } = probes[place]!;
        const own = this.#alike.placeOf(row);
        if (own === undefined) return;
        const vote = this.#voteFor(own, queryIndex, rarityOf(this.#alike.count, this.size));
        if (vote.weight > 0) pairs.push(pairOf(query, mirrored, vote));
      },
    );
    const scores = queries.map(() => 0);
    for (const { place, pairs } of asked)
      scores[place] = Math.max(scores[place]!, bestAgreement(pairs.sort(heaviestFirst))?.score ?? 0);
    return scores;
  }

  /** By row the pairs with the query, the heaviest first. */
  #candidates(query: Keypoints, mirrored: boolean, asked: ReadonlySet<number>): Map<number, Pair[]> {
    this.#votes.clear(this.#table.rows);
    this.#alike.ofEach(probesOf(query, mirrored), (queryIndex) => {
      const rarity = rarityOf(this.#alike.count, this.size);
      if (rarity === 0) return;
      for (let place = 0; place < this.#alike.count; place++)
        this.#votes.add(this.#alike.rowAt(place), this.#voteFor(place, queryIndex, rarity));
    });
    return this.#votes.pairsOf(this.#shortlisted(asked), query, mirrored);
  }

  /** Of the query's keypoint that was looked for, for the row at a place. */
  #voteFor(place: number, queryIndex: number, rarity: number): Vote {
    return {
      queryIndex,
      storedIndex: this.#alike.nearestAt(place),
      place: this.#alike.packedPlaceAt(place),
      weight: rarity * (1 - (FARTHEST_LOSS * this.#alike.distanceAt(place)) / MOST_DISTANCE),
    };
  }

  /** The rows that are looked at more closely, the ones with the most votes first. */
  #shortlisted(asked: ReadonlySet<number>): number[] {
    return this.#votes
      .enough()
      .map(({ row, weight }) => ({ row, key: this.#keys[row]!, weight }))
      .sort((a, b) => b.weight - a.weight || a.key - b.key)
      .filter(({ key }, place) => place < MOST_CANDIDATES || asked.has(key))
      .map(({ row }) => row);
  }

  #compact(): void {
    const kept = this.#table.compact();
    this.#keys = kept.map((row) => this.#keys[row]!);
    this.#aspects = kept.map((row) => this.#aspects[row]!);
    this.#rows.clear();
    for (const [row, key] of this.#keys.entries()) this.#rows.set(key, row);
  }
}

/** Of a key and an aspect. */
const BYTES_OF_ROW = 16;

/** The keypoints of a query, or of its mirror image, that something of a stored picture is alike to. */
function alikeProbes(
  query: Keypoints,
  mirrored: boolean,
  stored: Keypoints,
): { queryIndex: number; probe: Probe }[] {
  const kept = Math.min(stored.count, KEPT_KEYPOINTS);
  return probesOf(query, mirrored)
    .map((probe, queryIndex) => ({ probe, queryIndex }))
    .filter(({ probe }) => isAlikeToAny(probe, stored, kept));
}
