import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Credentials } from '#src/embedded/blobs/s3/credentials/credentials.js';
import { RememberedCredentials } from '#src/embedded/blobs/s3/credentials/remembered.js';

const MINUTE = 60_000;

/** Credentials that last for some minutes, numbered, given when the test says so. */
function source() {
  const waiting: PromiseWithResolversLike[] = [];
  const ask = () => new Promise<Credentials>((resolve, reject) => void waiting.push({ resolve, reject }));
  return {
    ask,
    waiting,
    async give(name: string, minutes: number | null) {
      const expiresAt = minutes === null ? null : Date.now() + minutes * MINUTE;
      waiting.shift()!.resolve({ accessKeyId: name, secretAccessKey: 's', expiresAt });
      await settled();
    },
    async fail() {
      waiting.shift()!.reject(new Error('no'));
      await settled();
    },
  };
}

interface PromiseWithResolversLike {
  resolve: (credentials: Credentials) => void;
  reject: (error: Error) => void;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const nameOf = async (credentials: RememberedCredentials) => (await credentials.get()).accessKeyId;

describe('remembered credentials', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are asked for once by all who wait', async () => {
    const { ask, waiting, give } = source();
    const credentials = new RememberedCredentials(ask);
    const all = Promise.all([nameOf(credentials), nameOf(credentials), nameOf(credentials)]);
    expect(waiting).toHaveLength(1);
    await give('a', null);
    expect(await all).toEqual(['a', 'a', 'a']);
    vi.advanceTimersByTime(1_000_000 * MINUTE);
    expect(await nameOf(credentials)).toBe('a');
  });

  it('are renewed 5 minutes before they expire, while nobody waits', async () => {
    const { ask, waiting, give } = source();
    const credentials = new RememberedCredentials(ask);
    const first = nameOf(credentials);
    await give('a', 60);
    await first;
    vi.advanceTimersByTime(54 * MINUTE);
    await nameOf(credentials);
    expect(waiting).toHaveLength(0);
    vi.advanceTimersByTime(MINUTE);
    expect(await nameOf(credentials)).toBe('a');
    expect(await nameOf(credentials)).toBe('a');
    expect(waiting).toHaveLength(1);
    await give('b', 60);
    expect(await nameOf(credentials)).toBe('b');
  });

  it('stay in use while they hold, when no new ones can be had', async () => {
    const { ask, waiting, give, fail } = source();
    const credentials = new RememberedCredentials(ask);
    const first = nameOf(credentials);
    await give('a', 60);
    await first;
    vi.advanceTimersByTime(56 * MINUTE);
    expect(await nameOf(credentials)).toBe('a');
    await fail();
    expect(await nameOf(credentials)).toBe('a');
    // It is not asked again for every request.
    expect(waiting).toHaveLength(0);
    vi.advanceTimersByTime(MINUTE);
    expect(await nameOf(credentials)).toBe('a');
    await fail();
    vi.advanceTimersByTime(4 * MINUTE);
    const late = nameOf(credentials);
    const refused = expect(late).rejects.toThrow('no');
    await fail();
    await refused;
    const again = nameOf(credentials);
    await give('b', 60);
    expect(await again).toBe('b');
  });

  it('are not asked for without pause where they never last', async () => {
    const { ask, waiting, give } = source();
    const credentials = new RememberedCredentials(ask);
    const first = nameOf(credentials);
    await give('a', 2);
    await first;
    expect(await nameOf(credentials)).toBe('a');
    expect(waiting).toHaveLength(0);
    vi.advanceTimersByTime(10_000);
    await nameOf(credentials);
    expect(waiting).toHaveLength(1);
  });

  it('are asked for anew after a failure', async () => {
    const { ask, give, fail } = source();
    const credentials = new RememberedCredentials(ask);
    const first = nameOf(credentials);
    const refused = expect(first).rejects.toThrow('no');
    await fail();
    await refused;
    const second = nameOf(credentials);
    await give('a', null);
    expect(await second).toBe('a');
  });
});
