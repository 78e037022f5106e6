import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallThread } from '#src/embedded/threads/call-thread.js';

type Call = { name: 'hold' } | { name: 'letGo' } | { name: 'die' };

/** `hold` reserves memory and keeps it until `letGo`, whatever becomes of its signal. */
const serveCalls = new URL('../../../dist/embedded/threads/serve-calls.js', import.meta.url);
const PROGRAM = `
  import { serveCalls } from ${JSON.stringify(serveCalls.href)};
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  serveCalls(async ({ name }, _signal, reserve) => {
    if (name === 'die') process.exit(1);
    if (name === 'letGo') return letGo();
    await reserve(3);
    await reserve(7);
    await held;
  });`;

const events: string[] = [];
let thread: CallThread<Call, Record<Call['name'], void>>;

beforeEach(() => {
  events.length = 0;
  thread = new CallThread({
    name: 'test',
    entry: new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`),
    data: null,
    async reserve(bytes) {
      events.push(`reserve ${bytes}`);
      return () => events.push(`release ${bytes}`);
    },
  });
});
afterEach(() => thread.close());

const BOTH_RESERVED = ['reserve 3', 'release 3', 'reserve 7'];

test('memory is reserved in place of what the call had before, and given back with its result', async () => {
  const held = thread.call({ name: 'hold' });
  await expect.poll(() => events).toEqual(BOTH_RESERVED);
  await thread.call({ name: 'letGo' });
  await held;
  expect(events).toEqual([...BOTH_RESERVED, 'release 7']);
});

test('an aborted call gives its memory back only when the thread is through with it', async () => {
  const controller = new AbortController();
  const held = thread.call({ name: 'hold' }, controller.signal);
  await expect.poll(() => events).toEqual(BOTH_RESERVED);
  controller.abort(new Error('gone'));
  await expect(held).rejects.toThrow('gone');
  expect(events).toEqual(BOTH_RESERVED);
  await thread.call({ name: 'letGo' });
  await expect.poll(() => events).toEqual([...BOTH_RESERVED, 'release 7']);
});

test('the memory of a thread that dies is given back', async () => {
  const held = thread.call({ name: 'hold' });
  await expect.poll(() => events).toEqual(BOTH_RESERVED);
  const outcomes = await Promise.allSettled([held, thread.call({ name: 'die' })]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(events).toEqual([...BOTH_RESERVED, 'release 7']);
});
