import type { PairLikeness } from '../../services/duplicates.js';
import type { HashChunks } from '../../services/hamming-distance.js';
import { DHASH, isPlainHash } from '../../services/likeness.js';
import type { HashMatches } from '../search/hash-matches.js';
import { PackedHashes } from '../search/packed-hashes.js';
import {
  type Comparable,
  isAsSure,
  likenessOfPair,
  type Neighbour,
  radiusAt,
  widestRadius,
} from './pair-rule.js';

/** So many pairs of an entry are kept; those of one that has more are found by a search when they are asked for. */
const MOST_LINKS = 100;
/** A link is the seq of the other entry and the distance in one number: 8 bytes. */
const DISTANCES = 64;
/** Where not even the nearest are kept. */
const NOTHING = -1;

/** An entry that is one of a pair. */
export interface LinkedEntry extends Comparable {
  readonly seq: number;
  /** Null until it is read. */
  contentHash: string | null;
}

interface Node extends LinkedEntry {
  links: number[];
  /** The distance to which the links are all there are. */
  complete: number;
}

/**
 * The pairs of entries, by their perceptual hashes. An entry is compared with all others once, by one search; until then it
 * waits. Of thousands of entries that all look alike none keeps its pairs: they are searched for, and an entry more that looks
 * like them finds no more of them than it needs to be one of them.
 */
export class EntryLinks {
  /** Those that keep their pairs, or the nearest, and those that have none. */
  readonly #sparse = new PackedHashes();
  /** Those that keep nothing. */
  readonly #dense = new PackedHashes();
  readonly #waiting = new Map<number, HashChunks>();
  readonly #nodes = new Map<number, Node>();
  readonly #changed: (seq: number) => void;

  /** @param changed called with the seq of each entry whose pairs have changed, of a pair that came with one of both */
  constructor(changed: (seq: number) => void = () => {}) {
    this.#changed = changed;
  }

  /** How many entries have to be compared yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many were. */
  get compared(): number {
    return this.#sparse.size + this.#dense.size;
  }

  /** Those that are one of a pair, or were, in any order. */
  linked(): Iterable<LinkedEntry> {
    return this.#nodes.values();
  }

  /** One that is one of a pair, or was; else null. */
  linkedEntry(seq: number): LinkedEntry | null {
    return this.#nodes.get(seq) ?? null;
  }

  /** An entry that may be one of a pair by something else; null while it waits, or where there is none. */
  entry(seq: number): LinkedEntry | null {
    const known = this.#nodes.get(seq);
    if (known) return known;
    const hash = this.#sparse.get(seq);
    if (!hash) return null;
    const node = makeNode(seq, hash);
    this.#nodes.set(seq, node);
    return node;
  }

  /** Replaces what has the seq. */
  add(seq: number, hash: HashChunks): void {
    this.remove(seq);
    this.#waiting.set(seq, hash);
  }

  /** Nothing happens when there is no such entry. */
  remove(seq: number): void {
    if (this.#waiting.delete(seq)) return;
    const node = this.#nodes.get(seq);
    if (node) this.#unlink(node);
    this.#nodes.delete(seq);
    this.#sparse.remove(seq);
    this.#dense.remove(seq);
  }

  #unlink(node: Node): void {
    this.#changed(node.seq);
    for (const { other } of this.#near(node, widestRadius(node))) {
      this.#changed(other.seq);
      if (other.links.length > 0) other.links = other.links.filter(isNotTo(node.seq));
    }
  }

  /** Compares some of the waiting entries, as many as the time allows and one at least. */
  compareFor(ms: number): void {
    const end = performance.now() + ms;
    for (const [seq, hash] of this.#waiting) {
      this.#waiting.delete(seq);
      this.#compare(seq, hash);
      if (performance.now() >= end) return;
    }
  }

  /** The pairs of an entry that are at least so sure, in any order. */
  *neighbours(entry: LinkedEntry, asked: PairLikeness): Iterable<Neighbour<LinkedEntry>> {
    for (const { other, distance } of this.#near(entry, radiusAt(asked, entry))) {
      const likeness = likenessOfPair(entry, other, distance);
      if (likeness && isAsSure(likeness, asked)) yield { entry: other, distance, likeness };
    }
  }

  #compare(seq: number, hash: HashChunks): void {
    this.#changed(seq);
    const node = makeNode(seq, hash);
    const sparse = search(this.#sparse, node, node.complete);
    const dense = search(this.#dense, node, node.complete, MOST_LINKS + 1);
    if (dense.length > MOST_LINKS) {
      node.complete = dense.at(-1)!.distance > DHASH.nearlyCertain ? DHASH.nearlyCertain : NOTHING;
      this.#nodes.set(seq, node);
    }
    for (const { seq: otherSeq, distance } of [...sparse, ...dense]) {
      const other = this.#nodes.get(otherSeq) ?? makeNode(otherSeq, this.#sparse.get(otherSeq)!);
      if (!likenessOfPair(node, other, distance)) continue;
      this.#nodes.set(otherSeq, other);
      this.#nodes.set(seq, node);
      keep(node, otherSeq, distance);
      if (other.complete === NOTHING) continue;
      keep(other, seq, distance);
      if (other.complete === NOTHING) this.#condense(other);
    }
    (node.complete === NOTHING ? this.#dense : this.#sparse).add(seq, hash);
  }

  #condense({ seq, hash }: Node): void {
    this.#sparse.remove(seq);
    this.#dense.add(seq, hash);
  }

  /** Those within a radius that are one of a pair: others are none with this one either. Some that are farther may be among them. */
  *#near(entry: LinkedEntry, radius: number): Iterable<{ other: Node; distance: number }> {
    const own = this.#nodes.get(entry.seq);
    if (own && own.complete >= radius) {
      for (const link of own.links)
        yield { other: this.#nodes.get(Math.floor(link / DISTANCES))!, distance: link % DISTANCES };
      return;
    }
    for (const hashes of [this.#sparse, this.#dense]) {
      const [{ seqs, distances }] = hashes.search([
        { hash: entry.hash, radius, limit: Number.POSITIVE_INFINITY },
      ]) as [HashMatches];
      for (let at = 0; at < seqs.length; at++) {
        const other = this.#nodes.get(seqs[at]!);
        if (other && other.seq !== entry.seq) yield { other, distance: distances[at]! };
      }
    }
  }
}

function makeNode(seq: number, hash: HashChunks): Node {
  const isPlain = isPlainHash(hash);
  return { seq, hash, isPlain, contentHash: null, links: [], complete: widestRadius({ isPlain }) };
}

/** The nearest first. */
function search(
  hashes: PackedHashes,
  { hash }: Comparable,
  radius: number,
  limit = Number.POSITIVE_INFINITY,
): { seq: number; distance: number }[] {
  const [found] = hashes.search([{ hash, radius, limit }]);
  return Array.from(found!.seqs, (seq, at) => ({ seq, distance: found!.distances[at]! }));
}

function isNotTo(seq: number): (link: number) => boolean {
  return (link) => Math.floor(link / DISTANCES) !== seq;
}

/** Of too many, the nearest alone are kept, and then none. */
function keep(node: Node, seq: number, distance: number): void {
  if (distance > node.complete) return;
  node.links.push(seq * DISTANCES + distance);
  if (node.links.length <= MOST_LINKS) return;
  node.links = node.links.filter((link) => link % DISTANCES <= DHASH.nearlyCertain);
  node.complete = DHASH.nearlyCertain;
  if (node.links.length <= MOST_LINKS) return;
  node.links = [];
  node.complete = NOTHING;
}
