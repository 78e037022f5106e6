import { describe, expect, it } from 'vitest';
import { createBytePermits } from '#src/embedded/picture/byte-permits.js';

/** Asks for permits and notes in which order they are granted. */
function asking(budget: number) {
  const permits = createBytePermits(budget);
  const granted: number[] = [];
  const releases = new Map<number, () => void>();
  return {
    granted,
    ask(bytes: number, canWait = false) {
      void permits.acquire(bytes, canWait).then((release) => {
        granted.push(bytes);
        releases.set(bytes, release);
      });
    },
    release: (bytes: number) => releases.get(bytes)!(),
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

describe('permits for bytes', () => {
  it('are granted up to the budget, and the rest when some come back', async () => {
    const { granted, ask, release, settle } = asking(100);
    ask(60);
    ask(40);
    ask(30);
    await settle();
    expect(granted).toEqual([60, 40]);
    release(40);
    await settle();
    expect(granted).toEqual([60, 40, 30]);
  });

  it('are granted in order, so that a large one is not overtaken for ever', async () => {
    const { granted, ask, release, settle } = asking(100);
    ask(50);
    ask(80);
    ask(10);
    await settle();
    expect(granted).toEqual([50]);
    release(50);
    await settle();
    expect(granted).toEqual([50, 80, 10]);
  });

  it('are granted last to those who can wait', async () => {
    const { granted, ask, release, settle } = asking(100);
    ask(100);
    ask(10, true);
    ask(20, true);
    ask(30);
    ask(40);
    await settle();
    release(100);
    await settle();
    expect(granted).toEqual([100, 30, 40, 10, 20]);
  });

  it('beyond the budget are granted alone', async () => {
    const { granted, ask, release, settle } = asking(100);
    ask(1);
    ask(5000);
    ask(2);
    await settle();
    expect(granted).toEqual([1]);
    release(1);
    await settle();
    expect(granted).toEqual([1, 5000]);
    release(5000);
    await settle();
    expect(granted).toEqual([1, 5000, 2]);
  });

  it('count once when they are given back twice', async () => {
    const { granted, ask, release, settle } = asking(100);
    ask(100);
    await settle();
    release(100);
    release(100);
    ask(99);
    ask(98);
    await settle();
    expect(granted).toEqual([100, 99]);
  });
});
