import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Deadlines, type Timed } from '#src/calls/deadlines.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Notes the time at which it expired, as a timer of its own would have ended it. */
class Work implements Timed {
  expiredAt: number | null = null;
  endsAt: number;

  constructor(ms: number) {
    this.endsAt = performance.now() + ms;
  }

  expire(): void {
    this.expiredAt ??= performance.now();
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), ms: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constantFrom('finish' as const, 'lift' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('renew' as const), which: fc.nat(20), ms: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }),
);

it('ends each at its time and not before, whatever comes, goes and is put off', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const deadlines = new Deadlines<Work>();
      const all: Work[] = [];
      const gone = new Set<Work>();
      const underWay = () => all.filter((work) => !gone.has(work) && work.expiredAt === null);
      const finish = (work: Work) => {
        gone.add(work);
        deadlines.delete(work);
      };
      for (const each of [...steps, { kind: 'wait' as const, ms: 100 }]) {
        if (each.kind === 'begin') {
          all.push(new Work(each.ms));
          deadlines.add(all.at(-1)!);
        } else if (each.kind === 'wait') {
          // By the millisecond, so that what ends between them is seen to.
          for (let ms = 0; ms < each.ms; ms++) {
            vi.advanceTimersByTime(1);
            for (const { endsAt } of underWay()) expect(endsAt).toBeGreaterThan(performance.now());
          }
        } else {
          const work = underWay()[each.which];
          if (!work) continue;
          if (each.kind === 'finish') finish(work);
          else if (each.kind === 'renew') work.endsAt = Math.max(work.endsAt, performance.now() + each.ms);
          else work.endsAt = Number.POSITIVE_INFINITY;
        }
      }
      for (const work of all) {
        if (work.expiredAt === null) continue;
        expect(work.expiredAt).toBeGreaterThanOrEqual(work.endsAt - 1);
        expect(gone.has(work)).toBe(false);
      }
      for (const work of underWay()) expect(work.endsAt).toBe(Number.POSITIVE_INFINITY);
      vi.clearAllTimers();
    }),
  );
});

it('sets one timer for all, and none again once nothing is under way', () => {
  const deadlines = new Deadlines<Work>();
  const works = [new Work(20), new Work(10), new Work(30)];
  for (const work of works) deadlines.add(work);
  expect(vi.getTimerCount()).toBe(1);
  for (const work of works) deadlines.delete(work);
  vi.advanceTimersByTime(10);
  expect(vi.getTimerCount()).toBe(0);
  expect(works.map(({ expiredAt }) => expiredAt)).toEqual([null, null, null]);
});
