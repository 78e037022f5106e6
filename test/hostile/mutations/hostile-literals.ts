import { DEPTHS, hostileValue } from './hostile-values.js';
import type { Random } from './random.js';
import { Verbatim } from './verbatim.js';
import type { World } from './world.js';

/** A literal of the query language that its place might not expect; not all of them can be parsed. */
export function hostileLiteral(random: Random, world: World): string {
  return random.weighted<(random: Random) => string>([
    [3, (random) => random.pick(LITERALS)],
    [2, deepLiteral],
    [3, (random) => literalOf(hostileValue(random, world))],
    [1, () => 'null'],
  ])(random);
}

const LITERALS: readonly string[] = [
  ...[
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '00',
    '1.',
    '.5',
    '1.5',
    '1e400',
    '-',
    '1_0',
    '0x1',
    '1a',
    '9'.repeat(400),
  ],
  ...['NULL', 'FOO', '__proto__', 'on', 'IMGCACHE', 'n'.repeat(5000)],
  ...['$nothing', '$__proto__', '$', '[$a, $b]', '{ a: $nothing }'],
  ...[
    '""',
    '"\\u0000"',
    '"\\uD800"',
    '"\\u{10FFFF}"',
    '"\\u{D800}"',
    '"\\u{110000}"',
    '"\\q"',
    '"a\nb"',
    '"',
  ],
  ...[
    '""""""',
    '"""\n  a\n\n b\\""" """',
    '"""',
    `"""${'"'.repeat(50)}`,
    `"${'x'.repeat(5000)}"`,
    `"${'😀'.repeat(3000)}"`,
  ],
  ...['[]', '{}', '[null]', '[[]]', '[,]', '{a}', '{a: 1, a: 2}', '{__proto__: {}}', '{input: {input: {}}}'],
  ...['{upload: null}', '{base64: null}', '{upload: null, base64: null}', '{base64: "", upload: "x"}'],
  ...['{contentHash: null}', '{member: {}}', '{member: null, image: {}}', '{image: {base64: "AAAA"}}'],
  ...[`[${'1,'.repeat(3000)}]`, `[${'"",'.repeat(150)}]`, `{${'a:1 '.repeat(1000)}}`],
];

function deepLiteral(random: Random): string {
  const depth = random.pick(DEPTHS);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{a:', '}'],
    ['[{image:', '}]'],
    ['{to:', '}'],
  ]);
  const isClosed = random.chance(0.7);
  return `${open!.repeat(depth)}${isClosed ? `1${close!.repeat(depth)}` : ''}`;
}

/** A value as a literal. */
export function literalOf(value: unknown): string {
  if (value instanceof Verbatim) return value.json.replace(/"(\w+)":/g, '$1:');
  if (Array.isArray(value)) return `[${value.map(literalOf).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, member]) => `${key}: ${literalOf(member)}`)}}`;
}
