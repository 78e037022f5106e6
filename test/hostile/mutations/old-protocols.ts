import { type FormPart, multipartBody, multipartType } from '../../fakes/multipart-body.js';
import { type Mutation, mutate } from './draft.js';
import { mutateHeaders, mutateMessage, type Sent } from './headers.js';
import { hostileText, hostileValue } from './hostile-values.js';
import type { Random } from './random.js';
import { short } from './variables.js';
import { Verbatim } from './verbatim.js';
import { signedHeaders, type World } from './world.js';

/** A request of imgcache's or VisualSnoop's protocol before it is written. */
export interface Call {
  world: World;
  method: string;
  mount: string;
  /** Decoded. */
  segments: string[];
  query: [name: string, value: string][];
  /** What is sent: a form, or bytes. */
  form?: FormPart[];
  bytes?: Buffer;
}

const IMGCACHE = '/imgcache';
const VISUALSNOOP = '/visualsnoop/api/v1';

/** Valid requests of imgcache's protocol. */
export function imgcacheCalls(world: World): Call[] {
  const { contentHash, perceptualHash, url, picture } = world;
  const call = (method: string, segments: string[], query: [string, string][] = []): Call => ({
    world,
    method,
    mount: IMGCACHE,
    segments,
    query,
  });
  const form = [
    { name: 'url', value: url },
    { name: 'client_name', value: 'hostile' },
    { name: 'lookup_time', value: '2024-01-01T12:00:00+02:00' },
    { name: 'file', value: picture, filename: 'image', type: 'application/octet-stream' },
  ];
  return [
    call('GET', ['health']),
    call('GET', ['images', contentHash]),
    call('GET', ['images', 'meta', contentHash]),
    call('GET', ['images', 'lookup'], [['url', url]]),
    call(
      'GET',
      ['images', 'search'],
      [
        ['url_contains', 'example'],
        ['limit', '3'],
        ['offset', '0'],
      ],
    ),
    call(
      'GET',
      ['images', 'similar'],
      [
        ['perceptual_hash', perceptualHash],
        ['max_hamming_distance', '4'],
      ],
    ),
    { ...call('POST', ['images']), form },
    { ...call('POST', ['images']), form: form.filter(({ name }) => name !== 'lookup_time') },
  ];
}

/** Valid requests of VisualSnoop's protocol. */
export function visualsnoopCalls(world: World): Call[] {
  const { imageId, picture } = world;
  const call = (method: string, segments: string[], bytes?: Buffer): Call => ({
    world,
    method,
    mount: VISUALSNOOP,
    segments,
    query: [],
    ...(bytes && { bytes }),
  });
  return [
    { ...call('GET', ['collection']), query: [['session', 'init']] },
    {
      ...call('GET', ['images']),
      query: [
        ['start', imageId],
        ['count', '5'],
      ],
    },
    call('GET', ['image', imageId]),
    call('GET', ['search', imageId]),
    call('POST', ['search'], picture),
    call('PUT', ['image', 'd'], picture),
    call('PUT', ['image', 'a b/c'], picture),
    call('POST', ['image'], picture),
  ];
}

const IN_CALL: readonly Mutation<Call>[] = [
  mutateSegment,
  mutateSegment,
  mutateQuery,
  mutateQuery,
  mutateForm,
  mutateForm,
  mutateForm,
  mutateBytes,
];

/** Writes a call as a request, and changes it on the way. What is signed is signed as it is sent, but for the last changes. */
export function mutatedCall(call: Call, random: Random): { sent: Sent; done: string[] } {
  const [inCall, onTheWay] = random.weighted([
    [6, [1, 0]],
    [2, [2, 0]],
    [2, [0, 1]],
    [1, [1, 1]],
  ] as const);
  const done = Array.from({ length: inCall }, () => mutate(call, IN_CALL, random));
  const sent = writtenCall(call);
  if (onTheWay > 0) done.push(mutate(sent, [mutateHeaders, mutateMessage], random));
  const { target, method } = sent;
  const isSigned = call.mount === VISUALSNOOP && !random.chance(0.1);
  if (isSigned) Object.assign(sent.headers, signedHeaders(method, target, call.world.keys));
  return { sent, done };
}

/** The request as it should be. */
export function writtenCall({ world, method, mount, segments, query, form, bytes }: Call): Sent {
  const path = [mount, ...segments.map(escaped)].join('/');
  const target = query.length > 0 ? `${path}?${new URLSearchParams(query)}` : path;
  const body = form ? multipartBody(form) : bytes;
  return {
    method,
    // Node takes no longer head.
    target: target.slice(0, 250_000),
    headers: {
      ...(form && { 'content-type': multipartType() }),
      ...(mount === VISUALSNOOP && signedHeaders(method, target, world.keys)),
    },
    ...(body && { body }),
  };
}

/** A lone surrogate has no UTF-8; what comes in its place is none either. */
function escaped(segment: string): string {
  return segment.isWellFormed()
    ? encodeURIComponent(segment)
    : encodeURIComponent(segment.toWellFormed()) + '%ED%A0%80';
}

function mutateSegment({ segments, world }: Call, random: Random): string {
  const segment = random.pick([
    '',
    '.',
    '..',
    'a/b',
    '\u0000',
    'meta',
    'images',
    'lookup',
    'x'.repeat(101),
    'x'.repeat(60_000),
    asText(random, world),
  ]);
  const at = random.below(segments.length + 1);
  segments.splice(at, random.chance(0.8) ? 1 : 0, segment);
  return `segment ${at} is ${short(segment)}`;
}

const NAMES = [
  'url',
  'url_contains',
  'limit',
  'offset',
  'perceptual_hash',
  'max_hamming_distance',
  'start',
  'count',
  'session',
  'bucket',
  'x',
  '',
];
const NUMBERS = [
  '',
  '0',
  '-1',
  '1.0',
  '4.5',
  '1e3',
  '٣',
  ' 4 ',
  '0x10',
  '65',
  '10000000000000000000000',
  '9'.repeat(5000),
  'NaN',
  '-',
  '1_0',
  '+3',
];

function mutateQuery({ query, world }: Call, random: Random): string {
  const value = random.chance(0.5) ? random.pick(NUMBERS) : asText(random, world);
  const given = query.length > 0 && random.chance(0.8) ? random.pick(query) : null;
  if (!given) {
    const name = random.pick(NAMES);
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
  'yesterday',
  '1704067200',
  '2024-13-01',
  '2024-01-01T24:00:00',
  '2024-W01-1',
  '0001-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59-23:59',
  ' 2024-01-01',
  '٢٠٢٤-01-01',
  'x'.repeat(5000),
];

function mutateForm({ form, world }: Call, random: Random): string | null {
  if (!form) return null;
  const part = random.pick(form);
  const text = random.chance(0.3) ? random.pick(TIMES) : asText(random, world);
  const [done, change] = random.pick<readonly [string, () => void]>([
    [`${part.name} is ${short(text)}`, () => (part.value = text)],
    [`${part.name} is ${short(text)}`, () => (part.value = text)],
    [`${part.name} left out`, () => form.splice(form.indexOf(part), 1)],
    [`${part.name} twice`, () => form.push({ ...part, value: text })],
    [`${part.name} named ${short(text)}`, () => (part.name = text.replace(/[\r\n"]/g, ''))],
    [`${part.name} as a file`, () => (part.filename = text.replace(/[\r\n"]/g, ''))],
    [`${part.name} not as a file`, () => delete part.filename],
    [`${part.name} of type ${short(text)}`, () => (part.type = text.replace(/[\r\n]/g, ''))],
    [`${part.name} of broken text`, () => (part.value = Buffer.from([0xff, 0, 0xed, 0xa0, 0x80]))],
    [`${part.name} too long`, () => (part.value = Buffer.alloc(1_100_000, 'x'))],
    ['bucket more', () => form.push({ name: 'bucket', value: text })],
  ]);
  change();
  return `form: ${done}`;
}

function mutateBytes(call: Call, random: Random): string | null {
  const { bytes } = call;
  if (!bytes) return null;
  const [done, changed] = random.pick<readonly [string, Buffer]>([
    ['none', Buffer.alloc(0)],
    ['half of them', bytes.subarray(0, bytes.length / 2)],
    ['text', Buffer.from('no picture')],
    ['too many', Buffer.alloc(1_100_000)],
    ['twice', Buffer.concat([bytes, bytes])],
    ['with a wrong one', Buffer.from(bytes).fill(random.below(256), random.below(bytes.length)).subarray(0)],
  ]);
  call.bytes = changed;
  return `bytes: ${done}`;
}

function asText(random: Random, world: World): string {
  const value = random.chance(0.4) ? hostileText(random) : hostileValue(random, world);
  if (typeof value === 'string') return value;
  return value instanceof Verbatim ? value.json : String(JSON.stringify(value));
}
