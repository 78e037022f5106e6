import { addAbortSignal, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { LightSignal } from '#src/request/light-signal.js';

/** Node's own does the same, so each test is one of both. */
const KINDS = {
  LightSignal: () => {
    const signal = new LightSignal();
    return { signal: signal as AbortSignal, abort: (reason?: unknown) => signal.abort(reason) };
  },
  AbortSignal: () => {
    const controller = new AbortController();
    return { signal: controller.signal, abort: (reason?: unknown) => controller.abort(reason) };
  },
};

describe.each(Object.entries(KINDS))('%s', (_name, make) => {
  it('is not aborted at first', () => {
    const { signal } = make();
    expect(signal).toMatchObject({ aborted: false, reason: undefined });
    expect(() => signal.throwIfAborted()).not.toThrow();
  });

  it('keeps the first reason', () => {
    const { signal, abort } = make();
    abort('first');
    abort('second');
    expect(signal).toMatchObject({ aborted: true, reason: 'first' });
    expect(() => signal.throwIfAborted()).toThrow('first');
  });

  it('has an AbortError for a reason when none is given', () => {
    const { signal, abort } = make();
    abort();
    expect(signal.reason).toMatchObject({ name: 'AbortError' });
  });

  it('tells each listener once, in order, and none that was removed', () => {
    const { signal, abort } = make();
    const told: string[] = [];
    const removed = () => told.push('removed');
    const first = () => told.push('first');
    signal.addEventListener('abort', first);
    signal.addEventListener('abort', first);
    signal.addEventListener('abort', removed);
    signal.addEventListener('abort', { handleEvent: () => told.push('object') });
    signal.onabort = () => told.push('property');
    signal.removeEventListener('abort', removed);
    abort();
    abort();
    expect(told.filter((each) => each !== 'property')).toEqual(['first', 'object']);
    expect(told).toContain('property');
  });

  it('does not tell who listens too late, or to something else', () => {
    const { signal, abort } = make();
    const listener = vi.fn();
    signal.addEventListener('other', listener);
    abort();
    signal.addEventListener('abort', listener);
    expect(listener).not.toHaveBeenCalled();
  });

  it('lets a listener remove another while they are told', () => {
    const { signal, abort } = make();
    const second = vi.fn();
    signal.addEventListener('abort', () => signal.removeEventListener('abort', second));
    signal.addEventListener('abort', second);
    abort();
    expect(second).not.toHaveBeenCalled();
  });

  it('ends what Node waits for', async () => {
    const { signal, abort } = make();
    const waiting = sleep(10_000, undefined, { signal });
    abort(new Error('enough'));
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('ends a stream of Node', async () => {
    const { signal, abort } = make();
    const stream = addAbortSignal(signal, new Readable({ read() {} }));
    const failed = new Promise((resolve) => stream.once('error', resolve));
    abort();
    expect(await failed).toMatchObject({ name: 'AbortError' });
  });
});
