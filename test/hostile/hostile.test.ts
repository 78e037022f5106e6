import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rawRequest } from '../fakes/raw-request.js';
import { picture } from '../harness/gateway.js';
import { until } from '../harness/patience.js';
import { bombs } from './bombs.js';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.js';
import { requests } from './requests.js';
import { createSender, outcomeOf, type Sender, WAYS } from './ways.js';

const MAX_UPLOAD_BYTES = 4_000_000;

let gateway: GatewayProcess;
let sender: Sender;
let filesAtStart: number;
/** How long each check of the process's health took, in milliseconds. */
const healthTimes: number[] = [];
let stopProbing = async () => {};

beforeAll(async () => {
  gateway = await startGatewayProcess({ LOOKALIKE_MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES) });
  sender = await createSender(gateway.url);
  // Whoever has stored something of each kind has all threads and files that it keeps.
  for (let n = 0; n < 4; n++)
    await Promise.all(WAYS.map((way) => sender.send(way, picture('photos/03-fig.jpg'))));
  filesAtStart = gateway.openFiles();
  let isStopped = false;
  const probing = (async () => {
    while (!isStopped) {
      const start = performance.now();
      await (await fetch(`${gateway.url}/health`)).arrayBuffer();
      healthTimes.push(performance.now() - start);
      await sleep(20);
    }
  })();
  stopProbing = async () => {
    isStopped = true;
    await probing;
  };
});
afterAll(async () => {
  await stopProbing().finally(() => gateway?.stop());
});

/** For each way in the order of WAYS: the status, and what the answer says. */
type Expected = readonly (readonly [status: number, says: string | RegExp])[];

const NOT_STORED = [
  [200, 'InvalidImageError'],
  [200, 'InvalidImageError'],
] as const;
const KEPT_UNDECODED: Expected = [...NOT_STORED, [201, /^[0-9a-f]{64}$/], [400, /not a picture/]];
const STORED: Expected = [
  [200, 'StoreEntrySuccess'],
  [200, 'StoreEntrySuccess'],
  [200, /^[0-9a-f]{64}$/],
  [201, 'Added'],
];

const files: readonly (readonly [name: string, bytes: () => Buffer, expected: Expected])[] = [
  ['nothing', () => Buffer.alloc(0), KEPT_UNDECODED],
  ['text', () => Buffer.from('no picture'), KEPT_UNDECODED],
  ['a page', () => Buffer.from('<html><script>alert(1)</script></html>'), KEPT_UNDECODED],
  ['half a picture', () => picture('odd/rgb.png').subarray(0, 20_000), KEPT_UNDECODED],
  ['a GIF that is a script too', () => Buffer.from('GIF89a/*\0\0\0\0\0*/=1;alert(1)'), KEPT_UNDECODED],
  [
    'a picture with an archive behind it',
    () => Buffer.concat([picture('odd/rgb.png'), Buffer.from('PK\x03\x04')]),
    STORED,
  ],
];

function row(name: string, outcomes: readonly { status: number; says: string }[]): void {
  const cells = outcomes.map(({ status, says }) => `${status} ${says.slice(0, 24)}`.padEnd(29));
  process.stdout.write(`${name.padEnd(40)}${cells.join('')}\n`);
}

function expectAll(outcomes: readonly { status: number; says: string }[], expected: Expected): void {
  expect(outcomes.map(({ status }) => status)).toEqual(expected.map(([status]) => status));
  for (const [index, [, says]] of expected.entries()) expect(outcomes[index]!.says).toMatch(says);
}

it.each(files)('%s is answered as it should be, whichever way it comes', async (name, bytes, expected) => {
  const outcomes = [];
  for (const way of WAYS) outcomes.push(await sender.send(way, bytes()));
  row(name, outcomes);
  expectAll(outcomes, expected);
});

it('too many bytes are refused, whichever way they come', async () => {
  const bytes = Buffer.alloc(MAX_UPLOAD_BYTES + 1);
  const outcomes = await Promise.all(WAYS.map((way) => sender.send(way, bytes)));
  row('too many bytes', outcomes);
  expectAll(outcomes, [
    [200, 'UploadTooLargeError'],
    [413, 'PAYLOAD_TOO_LARGE'],
    [413, /larger than/],
    [413, /larger than/],
  ]);
});

it.each(requests)('$name: $status', async ({ name, status, send }) => {
  const answer = await send(gateway.url, sender);
  row(name, [typeof answer === 'number' ? { status: answer, says: '' } : outcomeOf(answer)]);
  expect(typeof answer === 'number' ? answer : answer.status).toBe(status);
});

it('bombs of all formats at once are refused or decoded, and the others have their answers', async () => {
  const made = Object.entries(await bombs());
  const waysOfBombs = ['multipart', 'imgcache', 'visualsnoop'] as const;
  const outcomes = await Promise.all(
    made.map(async ([name, bytes]) => ({
      name,
      outcomes: await Promise.all(waysOfBombs.map((way) => sender.send(way, bytes))),
    })),
  );
  for (const { name, outcomes: each } of outcomes) {
    row(name, each);
    expect(each[0]!.status).toBe(200);
    expect(each[1]!.status).toBe(201);
    expect([201, 400]).toContain(each[2]!.status);
  }
  const refused = outcomes.filter(({ outcomes: [first] }) => first!.says === 'InvalidImageError');
  expect(refused.map(({ name }) => name)).toEqual([
    'PNG of 10 000 megapixels',
    'PNG with 500 MB of text',
    'icon with 500 MB of text',
    'progressive JPEG of 120 megapixels',
    'WebP of 60 megapixels',
    'WebP of 10 000 frames',
    'AVIF of 30 megapixels',
  ]);
});

it('leaves no file, no descriptor and no memory behind, and health was answered all the time', async () => {
  await gateway.untilTidy();
  await until(() => gateway.openFiles() <= filesAtStart + 2);
  const files = gateway.openFiles();
  const { now, peak } = gateway.memory();
  const sorted = [...healthTimes].sort((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)]!;
  process.stdout.write(
    `health: ${sorted.length} answers, p99 ${p99.toFixed(0)} ms, max ${sorted.at(-1)!.toFixed(0)} ms; memory: ${now.toFixed(0)} MiB, peak ${peak.toFixed(0)} MiB; open files: ${filesAtStart} at the start, ${files} at the end\n`,
  );
  expect(sorted.at(-1)).toBeLessThan(5000);
  expect(peak).toBeLessThan(1000);
  expect(gateway.log()).toBe('');
  expect((await rawRequest(gateway.url, { method: 'GET', target: '/ready' })).status).toBe(200);
});
