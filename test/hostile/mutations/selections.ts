import type { Draft, Mutation } from './draft.js';
import { DEPTHS } from './hostile-values.js';
import type { Random } from './random.js';

/** Puts another query in the place of the one there is: deep, wide, within itself, or none at all. */
export const replaceQuery: Mutation<Draft> = (draft, random) => {
  const [name, query] = random.pick(QUERIES);
  draft.params.query = query(random);
  return `query ${name}, ${String(draft.params.query).length} long`;
};

/** A longer one is refused before it is read. */
const MAX_LENGTH = 100_000;

const QUERIES: readonly (readonly [name: string, query: (random: Random) => string])[] = [
  ['of fields within each other', (random) => nested(random, '{node(id:"")', '{id}', '}')],
  ['of names within each other', (random) => nested(random, '{a', '', '}')],
  ['of inline fragments within each other', (random) => nested(random, '{...', '{__typename}', '}')],
  [
    'of typed fragments within each other',
    (random) => `{node(id:"")${nested(random, '{...on Entry', '{id}', '}')}}`,
  ],
  ['with a deep literal', (random) => `{node(id:${nested(random, '[', '1', ']')}){id}}`],
  ['with a deep object', (random) => `{similar(to:${nested(random, '{image:', '1', '}')}){perceptualHash}}`],
  ['with a deep type', (random) => `query($a:${nested(random, '[', 'Int', ']')}){__typename}`],
  ['with a deep default', (random) => `query($a:Int=${nested(random, '[', '1', ']')}){__typename}`],
  ['with a deep directive', (random) => `{__typename @skip(if:${nested(random, '{a:', '1', '}')})}`],
  [
    'of look-alikes of look-alikes',
    (random) => `{entries{nodes${repeated(random, '{similar{entry', '{id}', '}}')}}}`,
  ],
  ['of many fields', (random) => `{${'__typename '.repeat(random.pick([900, 3900, 9000]))}}`],
  ['of many aliases', (random) => `{${manyOf(random, (n) => `a${n}:__typename `)}}`],
  [
    'of many mutations',
    (random) =>
      `mutation{${manyOf(random, (n) => `m${n}:deleteEntry(input:{contentHash:"${'0'.repeat(64)}"}){__typename}`)}}`,
  ],
  [
    'of many fragments',
    (random) =>
      `{...f0}${manyOf(random, (n) => `fragment f${n} on Query{...f${n + 1}}`)}fragment f90 on Query{__typename}`,
  ],
  [
    'of fragments that double',
    () =>
      `{...f0}${Array.from({ length: 40 }, (_, n) => `fragment f${n} on Query{...f${n + 1} ...f${n + 1}}`).join('')}fragment f40 on Query{__typename}`,
  ],
  ['of a fragment within itself', () => '{...f}fragment f on Query{__typename ...f}'],
  ['of two fragments within each other', () => '{...f}fragment f on Query{...g}fragment g on Query{...f}'],
  ['of many operations', (random) => manyOf(random, (n) => `query q${n}{__typename}`)],
  ['of many variables', (random) => `query(${manyOf(random, (n) => `$v${n}:Int `)}){__typename}`],
  [
    'of many conditions',
    (random) =>
      `query(${manyOf(random, (n) => `$v${n}:Boolean=true `)}){${manyOf(random, (n) => `...@include(if:$v${n}){__typename}`)}}`,
  ],
  ['that conflicts', () => '{a:__typename a:services{name} ...{a:entries{nodes{id}}}}'],
  [
    'of fields that must be merged',
    (random) => `{${'entries{nodes{id url similar{entry{id}}}}'.repeat(random.pick([2, 60, 200]))}}`,
  ],
  ['with types', () => 'type Query{a:Int} extend type Entry{a:Int} schema{query:Query} {__typename}'],
  ['that is a subscription', () => 'subscription{entries{nodes{id}}}'],
  ['with operations without names', () => '{__typename}{__typename}'],
  [
    'of introspection within itself',
    (random) => `{__schema{types${repeated(random, '{fields{type', '{name}', '}}')}}}`,
  ],
  ['of a comment', (random) => `#${'x'.repeat(random.pick([1, 90_000, 200_000]))}`],
  ['of a comment before it', () => `#${'x'.repeat(90_000)}\n{__typename}`],
  ['of commas', () => `{${','.repeat(90_000)}__typename}`],
  [
    'of nothing',
    (random) => random.pick(['', ' ', '\ufeff', ',', '\u0000', '{}', '{', '}', '""', 'query', 'fragment']),
  ],
  ['that is too long', () => `{__typename}${' '.repeat(MAX_LENGTH)}`],
  ['with a description', () => '"what it is for" query A{__typename}'],
];

/** Closed or not. */
function nested(random: Random, open: string, middle: string, close: string): string {
  const depth = Math.min(random.pick(DEPTHS), Math.floor(MAX_LENGTH / (open.length + close.length)) - 1);
  return `${open.repeat(depth)}${random.chance(0.7) ? middle + close.repeat(depth) : ''}`;
}

/** A few times within each other. */
function repeated(random: Random, open: string, middle: string, close: string): string {
  const times = random.pick([2, 5, 9, 40]);
  return open.repeat(times) + middle + close.repeat(times);
}

function manyOf(random: Random, each: (n: number) => string): string {
  return Array.from({ length: random.pick([5, 90, 700]) }, (_, n) => each(n)).join('');
}
