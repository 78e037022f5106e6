import { beforeEach, expect, it } from 'vitest';
import { ConcurrencyLimit } from '#src/calls/concurrency-limit.js';
import { rejectionOf } from '../fakes/service-calls.js';
import { WatchedSignal } from '../fakes/watched-signal.js';

/** Two at a time, and three who wait. */
let limit: ConcurrencyLimit;
let admitted: string[];
beforeEach(() => {
  limit = new ConcurrencyLimit(2, 3);
  admitted = [];
});

const counts = () => ({ running: limit.running, queued: limit.queued });

async function wait(name: string, signal = new WatchedSignal()): Promise<void> {
  await limit.wait(signal);
  admitted.push(name);
}

function fill(): void {
  while (limit.tryEnter());
}

it('lets so many run at a time, and another one for each that leaves', () => {
  expect([limit.tryEnter(), limit.tryEnter(), limit.tryEnter()]).toEqual([true, true, false]);
  limit.leave();
  expect([limit.tryEnter(), limit.tryEnter()]).toEqual([true, false]);
  expect(counts()).toEqual({ running: 2, queued: 0 });
});

it('admits those who wait in the order of their arrival, and nobody before them', async () => {
  fill();
  const waiting = [wait('first'), wait('second'), wait('third')];
  expect(counts()).toEqual({ running: 2, queued: 3 });
  for (const _ of waiting) {
    limit.leave();
    expect(limit.tryEnter()).toBe(false);
  }
  await Promise.all(waiting);
  expect(admitted).toEqual(['first', 'second', 'third']);
  expect(counts()).toEqual({ running: 2, queued: 0 });
  limit.leave();
  limit.leave();
  expect(counts()).toEqual({ running: 0, queued: 0 });
});

it('lets only so many wait', async () => {
  fill();
  const waiting = [wait('first'), wait('second'), wait('third')];
  expect(await rejectionOf(wait('fourth'))).toMatchObject({ kind: 'QUEUE_FULL' });
  expect(counts()).toEqual({ running: 2, queued: 3 });
  for (const _ of waiting) limit.leave();
  await Promise.all(waiting);
});

it('passes over who gave up, whose place in the queue is free at once', async () => {
  fill();
  const signal = new WatchedSignal();
  const waiting = [wait('first'), wait('second', signal), wait('third')];
  signal.abort('gone');
  expect(await rejectionOf(waiting[1]!)).toBe('gone');
  const fourth = wait('fourth');
  for (let i = 0; i < 3; i++) limit.leave();
  await Promise.all([waiting[0], waiting[2], fourth]);
  expect(admitted).toEqual(['first', 'third', 'fourth']);
});

it('leaves the place to who gave up too late, and listens to nobody who is admitted', async () => {
  fill();
  const signal = new WatchedSignal();
  const waiting = wait('first', signal);
  limit.leave();
  expect(signal.listeners).toBe(0);
  signal.abort('gone');
  await waiting;
  expect(counts()).toEqual({ running: 2, queued: 0 });
});
