import type { PairLikeness } from '../../services/duplicates.js';
import type { Between, Comparable, Neighbour } from './pair-rule.js';

/** An entry whose content hash is known. */
export interface GroupedEntry extends Comparable {
  readonly contentHash: string;
}

/** The pairs that groups are made of. */
export interface Pairs<E extends GroupedEntry> {
  /** The pairs of an entry that are at least so sure and of which nobody has decided, in any order. */
  neighbours(entry: E, likeness: PairLikeness): Iterable<Neighbour<E>>;
  /** Those that are a pair with an entry by their looks, however sure, in any order. */
  byLook(entry: E): readonly E[];
  isDecided(a: E, b: E): boolean;
  /** How far two are apart, and how sure a pair they are, whatever was decided of them. */
  between(a: E, b: E): Between;
}
