import { clearBar, drawBar } from '../progress-bar.js';

/** How often a terminal is drawn on, and how often a line is written elsewhere. */
const DRAW_MS = 200;
const LINE_MS = 5_000;

/** Shows how far an import is: a bar on a terminal, a line now and then elsewhere. */
export class Progress {
  #startedAt = 0;
  #shownAt = 0;
  #done = 0;
  #total: number | null = null;

  /** @param total null where nobody knows */
  begin(total: number | null): void {
    this.#total = total;
    this.#startedAt = performance.now();
    this.#shownAt = this.#startedAt;
  }

  advance(): void {
    this.#done++;
    const now = performance.now();
    if (now - this.#shownAt < (process.stderr.isTTY ? DRAW_MS : LINE_MS)) return;
    this.#shownAt = now;
    if (!process.stderr.isTTY) process.stderr.write(`${this.#count()}, ${this.#rate(now)}\n`);
    else if (this.#total === null) process.stderr.write(`\r${this.#count()}, ${this.#rate(now)}\x1b[K`);
    // More can come than was counted, as files do meanwhile.
    else drawBar({ done: this.#done, total: Math.max(this.#total, this.#done + 1) }, this.#rate(now));
  }

  /** Leaves the terminal to what is written next. */
  end(): void {
    clearBar();
  }

  #count(): string {
    return this.#total === null ? `${this.#done} files` : `${this.#done} of ${this.#total} files`;
  }

  #rate(now: number): string {
    const perSecond = (this.#done * 1000) / (now - this.#startedAt);
    const left = this.#total === null ? null : Math.max(0, this.#total - this.#done) / perSecond;
    const rate = `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} a second`;
    return left === null ? rate : `${rate}, ${readable(left)} left`;
  }
}

/** A time in seconds, as `1:02:03` or `2:03`. */
export function readable(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const last = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${last}` : `${minutes}:${last}`;
}
