import { type Call, VISUALSNOOP, writtenCall } from './calls.js';
import { type Mutation, mutate } from './draft.js';
import { mutateHeaders, mutateMessage, type Sent } from './headers.js';
import { hostileText, hostileValue } from './hostile-values.js';
import type { Random } from './random.js';
import { short } from './variables.js';
import { toJson } from './verbatim.js';
import { MAX_UPLOAD_BYTES, signedHeaders, type World } from './world.js';

/** How often something in the call is changed, and how often something on the way. */
const HOW_MANY: readonly (readonly [weight: number, counts: readonly [inCall: number, onTheWay: number]])[] =
  [
    [6, [1, 0]],
    [2, [2, 0]],
    [2, [0, 1]],
    [1, [1, 1]],
  ];

/** Changes a call, writes it as a request and changes that. Mostly it is signed as it is sent. */
export function mutatedCall(call: Call, random: Random): { sent: Sent; done: string[] } {
  const [inCall, onTheWay] = random.weighted(HOW_MANY);
  const done = Array.from({ length: inCall }, () => mutate(call, IN_CALL, random));
  const sent = writtenCall(call);
  if (onTheWay > 0) done.push(mutate(sent, [mutateHeaders, mutateMessage], random));
  const { method, target } = sent;
  if (onTheWay > 0 && call.mount === VISUALSNOOP && random.chance(0.7))
    Object.assign(sent.headers, signedHeaders(method, target, call.world.keys));
  return { sent, done };
}

const IN_CALL: readonly Mutation<Call>[] = [
  ...[changeSegment, changeSegment, changeQuery, changeQuery, changeQuery],
  ...[changePart, changePart, changePart, changeBytes, changeBytes],
];

const SEGMENTS = [
  ...['', '.', '..', 'a/b', '\u0000', 'meta', 'images', 'lookup', 'similar', '%2e%2e', 'é', 'a%2Fb'],
  ...['x'.repeat(101), 'x'.repeat(60_000)],
];

function changeSegment({ segments, world }: Call, random: Random): string {
  const segment = random.chance(0.5) ? random.pick(SEGMENTS) : textOf(random, world);
  const at = random.below(segments.length + 1);
  segments.splice(at, random.chance(0.8) ? 1 : 0, segment);
  return `segment ${at} is ${short(segment)}`;
}

const PARAMETERS = [
  ...['url', 'url_contains', 'limit', 'offset', 'perceptual_hash', 'max_hamming_distance'],
  ...['start', 'count', 'session', 'bucket', 'x', ''],
];
const NUMBERS = [
  ...['', '0', '-1', '1.0', '4.5', '1e3', '٣', ' 4 ', '0x10', '65', 'NaN', '-', '1_0', '+3'],
  ...['9007199254740993', '10000000000000000000000', '9'.repeat(5000)],
];

function changeQuery({ query, world }: Call, random: Random): string {
  const value = random.chance(0.5) ? random.pick(NUMBERS) : textOf(random, world);
  const given = query.length > 0 && random.chance(0.8) ? random.pick(query) : null;
  if (!given) {
    const name = random.pick(PARAMETERS);
    query.push([name, value]);
    return `query ${name}=${short(value)} more`;
  }
  if (random.chance(0.2)) {
    query.splice(query.indexOf(given), 1);
    return `query without ${given[0]}`;
  }
  given[1] = value;
  return `query ${given[0]}=${short(value)}`;
}

const TIMES = [
  ...['yesterday', '1704067200', '2024-13-01', '2024-01-01T24:00:00', '2024-W01-1', '2024-W54-7'],
  ...[
    '0001-01-01T00:00:00+23:59',
    '9999-12-31T23:59:59-23:59',
    ' 2024-01-01',
    '٢٠٢٤-01-01',
    '9'.repeat(5000),
  ],
];

function changePart({ form, world }: Call, random: Random): string | null {
  if (!form) return null;
  const part = random.pick(form);
  const text = random.chance(0.3) ? random.pick(TIMES) : textOf(random, world);
  const [name, change] = random.pick<readonly [string, Partial<typeof part>]>([
    [short(text), { value: text }],
    [short(text), { value: text }],
    ['too long', { value: Buffer.alloc(MAX_UPLOAD_BYTES + 100_000, 'x') }],
    ['no UTF-8', { value: Buffer.from([0xff, 0, 0xed, 0xa0, 0x80]) }],
    [`named ${short(text)}`, { name: inHeader(text) }],
    [`a file ${short(text)}`, { filename: inHeader(text) }],
    [`of type ${short(text)}`, { type: inHeader(text) }],
  ]);
  const changed = { ...part, ...change };
  const [how, parts] = random.pick<readonly [string, (typeof part)[]]>([
    ['is', [changed]],
    ['is', [changed]],
    ['is there again, and', [part, changed]],
    ['is there no more, and was', []],
    ['has a bucket, and', [part, { name: 'bucket', value: text }]],
  ]);
  form.splice(form.indexOf(part), 1, ...parts);
  return `part ${part.name} ${how} ${name}`;
}

function inHeader(text: string): string {
  return text.replace(/[\r\n"]/g, '');
}

function changeBytes(call: Call, random: Random): string | null {
  const { bytes } = call;
  if (!bytes) return null;
  const wrong = Buffer.from(bytes);
  wrong[random.below(wrong.length)] = random.below(256);
  const [name, changed] = random.pick<readonly [string, Buffer]>([
    ['none', Buffer.alloc(0)],
    ['half of them', bytes.subarray(0, bytes.length / 2)],
    ['text', Buffer.from('no picture')],
    ['too many', Buffer.alloc(MAX_UPLOAD_BYTES + 1)],
    ['twice', Buffer.concat([bytes, bytes])],
    ['with a wrong one', wrong],
  ]);
  call.bytes = changed;
  return `bytes ${name}`;
}

function textOf(random: Random, world: World): string {
  const value = random.chance(0.4) ? hostileText(random) : hostileValue(random, world);
  return typeof value === 'string' ? value : toJson(value);
}
