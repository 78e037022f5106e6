const SECONDS = 60;

interface Second {
  /** Since the start of the process. */
  second: number;
  total: number;
  failed: number;
}

/** Counts the calls of the last minute, to the second: they say whether a service is degraded. */
export class RecentCalls {
  readonly #seconds: Second[] = [];

  add(failed: boolean): void {
    const second = now();
    const slot = second % SECONDS;
    if (this.#seconds[slot]?.second !== second) this.#seconds[slot] = { second, total: 0, failed: 0 };
    const count = this.#seconds[slot];
    count.total++;
    if (failed) count.failed++;
  }

  count(): { total: number; failed: number } {
    const oldest = now() - SECONDS;
    const recent = this.#seconds.filter(({ second }) => second > oldest);
    return {
      total: recent.reduce((sum, { total }) => sum + total, 0),
      failed: recent.reduce((sum, { failed }) => sum + failed, 0),
    };
  }
}

function now(): number {
  return Math.floor(performance.now() / 1000);
}
