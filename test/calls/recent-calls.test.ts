import { afterEach, expect, it, vi } from 'vitest';
import { RecentCalls } from '#src/calls/recent-calls.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('counts the calls of the last minute only', () => {
  let now = 1_000_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const calls = new RecentCalls();
  expect(calls.count()).toEqual({ total: 0, failed: 0 });
  calls.add(true);
  now += 30_000;
  calls.add(false);
  calls.add(true);
  expect(calls.count()).toEqual({ total: 3, failed: 2 });
  now += 30_000;
  expect(calls.count()).toEqual({ total: 2, failed: 1 });
  calls.add(false);
  expect(calls.count()).toEqual({ total: 3, failed: 1 });
  now += 3_600_000;
  expect(calls.count()).toEqual({ total: 0, failed: 0 });
});
