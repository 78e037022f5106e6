import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLog } from '#src/log/log.js';
import { LineBatch } from '#src/log/standard-error.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const writes: string[] = [];
  const batch = new LineBatch((lines) => writes.push(lines));
  return { writes, batch, log: createLog('trace', batch) };
}

const messagesOf = (writes: string[]) =>
  writes.map((lines) =>
    lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
  );

it('writes the lines of requests together, 50 ms after the first of them at the latest', () => {
  const { writes, log } = open();
  for (const message of ['a', 'b']) log.info(message);
  vi.advanceTimersByTime(40);
  log.debug('c');
  expect(writes).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(messagesOf(writes)).toEqual([['a', 'b', 'c']]);
  vi.advanceTimersByTime(1000);
  log.info('d');
  vi.advanceTimersByTime(50);
  expect(messagesOf(writes)).toEqual([['a', 'b', 'c'], ['d']]);
});

it.each(['warn', 'error', 'fatal'] as const)(
  'writes a line of the level %s at once, behind those before it',
  (level) => {
    const { writes, log } = open();
    log.info('before');
    log[level]('now');
    expect(messagesOf(writes)).toEqual([['before', 'now']]);
  },
);

it('writes no more than 4096 bytes at a time, and each line whole', () => {
  const { writes, log, batch } = open();
  const texts = Array.from({ length: 300 }, (_, i) => `${i} ${'é'.repeat((i * 37) % 900)}`);
  for (const text of texts) log.info(text);
  log.info('x'.repeat(10_000));
  log.info('last');
  batch.flush();
  expect(messagesOf(writes).flat()).toEqual([...texts, 'x'.repeat(10_000), 'last']);
  expect(writes.filter((lines) => Buffer.byteLength(lines) > 4096)).toHaveLength(1);
  expect(writes.length).toBeLessThan(120);
});
