import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LightSignal } from '#src/request/light-signal.js';
import { SharedReads } from '#src/request/shared-reads.js';
import type { CallSignal } from '#src/services/call-signal.js';
import { callScope } from '../fakes/call-scope.js';
import { rejectionOf } from '../fakes/service-calls.js';
import { WatchedSignal } from '../fakes/watched-signal.js';

/** A read that ends when it is told to, or with its signal. */
class HeldRead {
  readonly signals: CallSignal[] = [];
  readonly #ends: { resolve(answer: string): void; reject(reason: unknown): void }[] = [];

  readonly start = (signal: CallSignal): Promise<string> => {
    this.signals.push(signal);
    return new Promise((resolve, reject) => {
      this.#ends.push({ resolve, reject });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };

  succeed(answer: string): void {
    this.#ends.shift()!.resolve(answer);
  }

  fail(reason: unknown): void {
    this.#ends.shift()!.reject(reason);
  }
}

let reads: SharedReads;
let held: HeldRead;
beforeEach(() => {
  reads = new SharedReads();
  held = new HeldRead();
});

const read = (signal?: CallSignal, key = 'key') => reads.read(key, held.start, signal);

describe('those who read the same at the same time', () => {
  it('share one read and its answer, and whoever comes later begins another', async () => {
    const answers = [read(new WatchedSignal()), read(), read(new WatchedSignal())];
    held.succeed('one');
    expect(await Promise.all(answers)).toEqual(['one', 'one', 'one']);
    const later = read();
    held.succeed('two');
    expect(await later).toBe('two');
    expect(held.signals).toHaveLength(2);
  });

  it('share its failure, and whoever comes later begins another', async () => {
    const answers = [read(new WatchedSignal()), read()];
    held.fail('broken');
    expect(await Promise.all(answers.map(rejectionOf))).toEqual(['broken', 'broken']);
    const later = read();
    held.succeed('mended');
    expect(await later).toBe('mended');
  });

  it('are told by a read that goes on as long as one of them waits', async () => {
    const [one, other] = [new WatchedSignal(), new WatchedSignal()];
    const [gone, stays] = [read(one), read(other)];
    one.abort('gone');
    expect(await rejectionOf(gone)).toBe('gone');
    expect(held.signals[0]!.aborted).toBe(false);
    held.succeed('answer');
    expect(await stays).toBe('answer');
  });

  it('end the read when the last of them goes, and whoever comes then begins another', async () => {
    const [one, other] = [new WatchedSignal(), new WatchedSignal()];
    const gone = [read(one), read(other)];
    other.abort('other');
    one.abort('one');
    expect(held.signals[0]!.aborted).toBe(true);
    const next = read();
    expect(await Promise.all(gone.map(rejectionOf))).toEqual(['one', 'other']);
    held.fail('nobody hears this');
    held.succeed('anew');
    expect(await next).toBe('anew');
  });

  it('do not share what has another key', async () => {
    const answers = [read(undefined, 'a'), read(undefined, 'b')];
    held.succeed('a');
    held.succeed('b');
    expect(await Promise.all(answers)).toEqual(['a', 'b']);
  });
});

describe('whoever reads with one signal', () => {
  it('reads nothing twice, be it under way, answered or failed', async () => {
    const signal = new WatchedSignal();
    const first = read(signal);
    const second = read(signal);
    held.succeed('answer');
    expect(await Promise.all([first, second, read(signal)])).toEqual(['answer', 'answer', 'answer']);
    const failed = read(signal, 'other');
    held.fail('broken');
    expect(await rejectionOf(failed)).toBe('broken');
    expect(await rejectionOf(read(signal, 'other'))).toBe('broken');
    expect(held.signals).toHaveLength(2);
  });

  it('goes with all that it waits for, however often it asked', async () => {
    const signal = new WatchedSignal();
    const waiting = [read(signal), read(signal), read(signal, 'other')];
    signal.abort('gone');
    expect(await Promise.all(waiting.map(rejectionOf))).toEqual(['gone', 'gone', 'gone']);
    expect(held.signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('begins nothing once that is aborted, and knows nothing of what it had read', async () => {
    const signal = new WatchedSignal();
    const answered = read(signal);
    held.succeed('answer');
    await answered;
    signal.abort('gone');
    const start = vi.fn(held.start);
    expect(await rejectionOf(reads.read('key', start, signal))).toBe('gone');
    expect(await rejectionOf(reads.read('other', start, signal))).toBe('gone');
    expect(start).not.toHaveBeenCalled();
  });

  it('does not share the end of another signal of the same request', async () => {
    const scope = callScope();
    const [reading, changing] = [new WatchedSignal(scope), new WatchedSignal(scope)];
    const gone = read(reading);
    const stays = read(changing);
    reading.abort('gone');
    expect(await rejectionOf(gone)).toBe('gone');
    held.succeed('answer');
    expect(await stays).toBe('answer');
  });

  it('reads each time for itself where there is no request', async () => {
    const signal = new LightSignal();
    const first = read(signal);
    held.succeed('one');
    expect(await first).toBe('one');
    const second = read(signal);
    held.succeed('other');
    expect(await second).toBe('other');
  });

  it('is listened to only as long as it waits', async () => {
    const signal = new WatchedSignal();
    const waiting = [read(signal), read(signal, 'other')];
    expect(signal.listeners).toBe(2);
    held.succeed('answer');
    held.fail('broken');
    await Promise.allSettled(waiting);
    expect(signal.listeners).toBe(0);
  });
});

describe('after a change', () => {
  it('whoever reads reads anew, also with a signal that had read before', async () => {
    const signal = new WatchedSignal();
    const before = read(signal);
    reads.forget();
    const after = read(signal);
    held.succeed('before');
    held.succeed('after');
    expect([await before, await after, await read(signal)]).toEqual(['before', 'after', 'after']);
    expect(held.signals).toHaveLength(2);
  });

  it('the end of a read from before does not hide the one that others share since', async () => {
    const before = read();
    reads.forget();
    const after = read();
    held.succeed('before');
    await before;
    const joined = read();
    held.succeed('after');
    expect(await Promise.all([after, joined])).toEqual(['after', 'after']);
    expect(held.signals).toHaveLength(2);
  });
});
