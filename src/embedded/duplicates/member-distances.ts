import { apart, type Between, type Comparable } from './pair-rule.js';

/**
 * How far the members of a group are apart, each from each: as their hashes and their looks say, or over other members where
 * that is shorter. So an original and its crops stay together, of which no two are a pair.
 */
export class MemberDistances<E extends Comparable> {
  readonly #pairs: { between(a: E, b: E): Between };
  readonly #members: E[] = [];
  /** By member, in their order: to those before it. */
  readonly #distances = new Map<E, number[]>();
  /** Whether some are nearer than their dHashes say: by these alone no way over others is shorter. */
  #hasShortCuts = false;

  constructor(pairs: { between(a: E, b: E): Between }) {
    this.#pairs = pairs;
  }

  get size(): number {
    return this.#members.length;
  }

  /** In the order in which they came, with those that come meanwhile. */
  get all(): Iterable<E> {
    return this.#members;
  }

  has(entry: E): boolean {
    return this.#distances.has(entry);
  }

  /** How far its two most unlike members are apart. */
  get widest(): number {
    let widest = 0;
    for (const distances of this.#distances.values()) widest = Math.max(widest, ...distances);
    return widest;
  }

  /** The distances to all members from an entry that is none. */
  to(entry: E): number[] {
    const direct = this.#members.map((member) => this.#pairs.between(entry, member).distance);
    if (!this.#hasShortCuts && !this.#areShortCuts(entry, direct)) return direct;
    return direct.map((distance, at) =>
      direct.reduce((least, toOther, other) => Math.min(least, toOther + this.#between(at, other)), distance),
    );
  }

  /** @param distances to all members */
  add(entry: E, distances: readonly number[]): void {
    this.#hasShortCuts ||= this.#areShortCuts(entry, distances);
    if (this.#hasShortCuts) this.#shorten(distances);
    this.#distances.set(entry, [...distances]);
    this.#members.push(entry);
  }

  #areShortCuts(entry: E, distances: readonly number[]): boolean {
    return distances.some((distance, at) => distance < apart(entry, this.#members[at]!));
  }

  /** Members may be nearer to each other over the one that comes. */
  #shorten(distances: readonly number[]): void {
    for (const [at, member] of this.#members.entries()) {
      const own = this.#distances.get(member)!;
      for (let other = 0; other < at; other++)
        own[other] = Math.min(own[other]!, distances[at]! + distances[other]!);
    }
  }

  #between(at: number, other: number): number {
    if (at === other) return 0;
    const [before, after] = at < other ? [at, other] : [other, at];
    return this.#distances.get(this.#members[after]!)![before]!;
  }
}
