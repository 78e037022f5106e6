import { InFlight } from '../request/in-flight.js';

/** What may last until a time. */
export interface Timed {
  /** By performance.now(); Infinity where it has no end. It may be put off at any time. */
  readonly endsAt: number;
  expire(): void;
}

/**
 * Ends what is under way for too long, with one timer for all of them: hardly any call ends by its deadline, and a timer of its
 * own took a twentieth of a small request. The timer is set for the first end there is at that time. When it comes, most that were
 * under way then have gone, and it is set anew for the others.
 */
export class Deadlines<T extends Timed> implements Iterable<T> {
  readonly #underWay = new InFlight<T>();
  #timer: NodeJS.Timeout | undefined;
  #timerEndsAt = Number.POSITIVE_INFINITY;

  add(timed: T): void {
    this.#underWay.add(timed);
    if (timed.endsAt < this.#timerEndsAt) this.#set(timed.endsAt);
  }

  delete(timed: T): void {
    this.#underWay.delete(timed);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#underWay[Symbol.iterator]();
  }

  #set(endsAt: number): void {
    clearTimeout(this.#timer);
    this.#timerEndsAt = endsAt;
    // What is under way keeps the process alive by itself.
    this.#timer = setTimeout(this.#check, Math.ceil(endsAt - performance.now())).unref();
  }

  readonly #check = () => {
    this.#timerEndsAt = Number.POSITIVE_INFINITY;
    // Timers come up to a millisecond early.
    const now = performance.now() + 1;
    for (const timed of this.#underWay) if (timed.endsAt <= now) timed.expire();
    let next = Number.POSITIVE_INFINITY;
    for (const { endsAt } of this.#underWay) if (endsAt > now) next = Math.min(next, endsAt);
    if (next < Number.POSITIVE_INFINITY) this.#set(next);
  };
}
