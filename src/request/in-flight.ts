/**
 * What is under way at a time, in no order. A Set of what comes and goes would keep it for long after it has gone: each time a
 * Set outgrows its table, V8 leaves the old one as it was, with the members that it had, and a pointer to the new one; once one
 * of these tables is old, only a full garbage collection frees those behind it. That took a tenth of the time of a small
 * request.
 */
export class InFlight<T> implements Iterable<T> {
  readonly #items: T[] = [];

  add(item: T): void {
    this.#items.push(item);
  }

  /** Does nothing when it is not there. */
  delete(item: T): void {
    const index = this.#items.indexOf(item);
    if (index < 0) return;
    const last = this.#items.pop()!;
    if (index < this.#items.length) this.#items[index] = last;
  }

  /** Those of this moment, whatever comes and goes meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#items].values();
  }
}
