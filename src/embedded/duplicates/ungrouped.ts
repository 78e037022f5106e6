import type { PairLikeness } from '../../services/duplicates.js';
import { PackedHashes } from '../search/packed-hashes.js';
import { isAsSure, type Neighbour, radiusAt } from './pair-rule.js';
import type { GroupedEntry, Pairs } from './pairs.js';

/** So many near hashes are looked for first; where these do not suffice, eight times as many. */
const FIRST_NEAREST = 256;
const MORE = 8;

/** An entry with its place among all, and how far it is. */
type Near<E> = Neighbour<E> & { readonly place: number };

/**
 * The entries that belong to no group yet. Those that are a pair with one of them come nearest first, and only as many are
 * looked at as are taken: thousands that look alike make a hundred groups, each of which would list them all.
 */
export class Ungrouped<E extends GroupedEntry> {
  readonly #entries: readonly E[];
  readonly #pairs: Pairs<E>;
  readonly #places: ReadonlyMap<E, number>;
  readonly #grouped = new Set<E>();
  /** By place, from 1 on; null until it is asked for. */
  #hashes: PackedHashes | null = null;

  /** @param entries by content hash */
  constructor(entries: readonly E[], pairs: Pairs<E>) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#places = new Map(entries.map((entry, place) => [entry, place]));
  }

  has(entry: E): boolean {
    return !this.#grouped.has(entry);
  }

  /** Takes note that an entry belongs to a group. */
  remove(entry: E): void {
    this.#grouped.add(entry);
    this.#hashes?.remove(this.#places.get(entry)! + 1);
  }

  /** Some pairs of an entry, the nearest first, then by content hash. */
  nearestFirst(pairs: readonly Neighbour<E>[]): Iterable<E> {
    return this.#sorted(pairs).map(({ entry }) => entry);
  }

  /** All that are a pair with an entry, the nearest first, then by content hash. */
  *nearestTo(entry: E, asked: PairLikeness): Iterable<E> {
    const byLook = this.#sorted(
      this.#pairs.byLook(entry).flatMap((other) => this.#openPair(entry, other, asked) ?? []),
    );
    const others = new Set(byLook.map((near) => near.entry));
    let at = 0;
    for (const near of this.#byHash(entry, asked)) {
      if (others.has(near.entry)) continue;
      for (; at < byLook.length && compare(byLook[at]!, near) < 0; at++) yield byLook[at]!.entry;
      yield near.entry;
    }
    for (; at < byLook.length; at++) yield byLook[at]!.entry;
  }

  /** Those within the radius of its hash. Nothing may be removed meanwhile. */
  *#byHash(entry: E, asked: PairLikeness): Iterable<Near<E>> {
    const query = { hash: entry.hash, radius: radiusAt(asked, entry) };
    const hashes = this.#packed();
    let seen = 0;
    for (let limit = FIRST_NEAREST; ; limit *= MORE) {
      const { seqs } = hashes.search([{ ...query, limit }])[0]!;
      for (const seq of seqs.subarray(seen)) {
        const pair = this.#openPair(entry, this.#entries[seq - 1]!, asked);
        if (pair) yield { ...pair, place: seq - 1 };
      }
      if (seqs.length < limit) return;
      seen = limit;
    }
  }

  #openPair(entry: E, other: E, asked: PairLikeness): Neighbour<E> | null {
    if (other === entry || !this.has(other)) return null;
    const { distance, likeness } = this.#pairs.between(entry, other);
    if (!likeness || !isAsSure(likeness, asked) || this.#pairs.isDecided(entry, other)) return null;
    return { entry: other, distance, likeness };
  }

  #sorted(pairs: readonly Neighbour<E>[]): Near<E>[] {
    return pairs.map((pair) => ({ ...pair, place: this.#places.get(pair.entry)! })).sort(compare);
  }

  #packed(): PackedHashes {
    if (this.#hashes) return this.#hashes;
    this.#hashes = new PackedHashes();
    for (const [place, entry] of this.#entries.entries())
      if (this.has(entry)) this.#hashes.add(place + 1, entry.hash);
    return this.#hashes;
  }
}

function compare(a: Near<unknown>, b: Near<unknown>): number {
  return a.distance - b.distance || a.place - b.place;
}
