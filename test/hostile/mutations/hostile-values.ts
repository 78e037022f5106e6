import type { Random } from './random.js';
import { Verbatim } from './verbatim.js';
import type { World } from './world.js';

/** As many as end the stack of whoever goes down one by one. */
export const DEPTHS = [30, 300, 1500, 3000, 10_000, 40_000] as const;

/** A value that some part of the way might not expect, for the place of any other. */
export function hostileValue(random: Random, world: World): unknown {
  return random.weighted<(random: Random, world: World) => unknown>([
    [2, () => null],
    [4, (random) => random.pick(PLAIN)],
    [3, (random) => hostileText(random)],
    [3, (random) => random.pick(VERBATIM)()],
    [2, deepValue],
    [3, keyOfTheWorld],
    [2, (random, world) => [random.pick(PLAIN), keyOfTheWorld(random, world), null]],
  ])(random, world);
}

const PLAIN: readonly unknown[] = [
  ...[true, false, 0, -1, 1, 1.5, 101, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e21, 1e308],
  ...['', ' ', '0', 'true', 'null', 'NaN', '{}', '1e5', 'undefined'],
  ...[[], {}, [null], [[]], [[null]], [{}], { '': null }, { a: { b: [] } }, { length: 3 }],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '$where',
    '../../etc/passwd',
    '%00',
    "' OR 1=1",
  ],
  ...['2024-02-30T00:00:00Z', '2024-01-01', '0000-01-01T00:00:00Z', '9999-12-31T23:59:60Z'],
  ...['0001-01-01T00:00:00+23:59', '2024-01-01T00:00:00.1234567890Z', '+010000-01-01T00:00:00Z'],
  ...['data:image/png;base64,', 'data:;base64,AA', 'AAAA====', 'A', '%%%', 'a'.repeat(1001)],
];

const LETTERS = [
  'a',
  'é',
  '\u0000',
  '\ud83d\ude00',
  '\ud800',
  '\udc00',
  '"',
  '\\',
  '\n',
  '<',
  '[',
  '%',
  '\u202e',
  '\ufeff',
];

/** Texts of letters that are hard to keep, some of them very long. */
export function hostileText(random: Random): string {
  const length = random.weighted([
    [6, 1],
    [4, 300],
    [3, 5000],
    [1, 20_000],
  ]);
  const letter = random.pick(LETTERS);
  return random.chance(0.3) ? `a${letter.repeat(length)}b` : letter.repeat(length);
}

const VERBATIM: readonly (() => Verbatim)[] = [
  () => new Verbatim('1e999'),
  () => new Verbatim('-1e999'),
  () => new Verbatim('-0'),
  () => new Verbatim('9'.repeat(400)),
  () => new Verbatim(`0.${'0'.repeat(5000)}1`),
  () => new Verbatim('{"a":1,"a":2}'),
  () => new Verbatim('{"__proto__":{"first":1}}'),
  () => new Verbatim('{"constructor":{"prototype":{}}}'),
  () => new Verbatim('{"toJSON":1,"toString":1,"valueOf":null,"hasOwnProperty":1}'),
  () => new Verbatim('"\\u0000\\ud800\\udfff\\udfff"'),
  () => new Verbatim(`[${Array(5000).fill('null').join()}]`),
  () => new Verbatim(`[${Array(5000).fill('"x"').join()}]`),
  () => new Verbatim(`{${Array.from({ length: 3000 }, (_, n) => `"k${n}":0`).join()}}`),
  () => new Verbatim(`{"${'k'.repeat(5000)}":0}`),
];

/** Lists or objects within each other, closed as they must be. */
function deepValue(random: Random): Verbatim {
  const depth = random.pick(DEPTHS);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"to":', '}]'],
    ['{"image":', '}'],
    ['{"input":', '}'],
  ]);
  return new Verbatim(`${open!.repeat(depth)}null${close!.repeat(depth)}`);
}

/** What is a key of something, also in a place where it is that of nothing, and what only looks like one. */
function keyOfTheWorld(random: Random, { ids, cursors, ...world }: World): unknown {
  const { contentHash, perceptualHash, url, imageId, collectionId } = world;
  const base64 = (text: string) => Buffer.from(text).toString('base64url');
  return random.pick([
    ...[contentHash, perceptualHash, url, imageId, collectionId, ...ids, ...cursors],
    ...[contentHash.toUpperCase(), contentHash.slice(1), `${contentHash}0`, 'g'.repeat(64), 'f'.repeat(16)],
    ...[
      'Entry:',
      'Entry:x',
      'Nothing:1',
      '__proto__:1',
      'Image:["a"]',
      'Image:["",""]',
      'Image:[1,2]',
      ':',
    ].map(base64),
    ...[`Image:["${collectionId}","\\u0000"]`, `Image:["${collectionId}","\\ud800"]`].map(base64),
    ...[`Collection:${'x'.repeat(5000)}`, `Image:${'['.repeat(50_000)}`, 'Query:', 'Node:1', 'Upload:1'].map(
      base64,
    ),
    ...['[]', '[null]', '["",""]', '[1,2]', '{}', 'null', '["2024-01-01T00:00:00.000000Z",""]'].map(base64),
    ...[
      '["\\u0000"]',
      '["2024-01-01T00:00:00.000000Z","\\ud800"]',
      '["9999-99-99T99:99:99.999999Z","x"]',
    ].map(base64),
    ...[`["2024-01-01T00:00:00.000000Z","${contentHash}"]`, '["0000-00-00T00:00:00.000000Z","x"]'].map(
      base64,
    ),
  ]);
}
