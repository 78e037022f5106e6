import { variablesOf } from './draft.js';
import { type QueryText, replaceOne, type Span, visitText } from './query-text.js';
import type { Random } from './random.js';
import { short } from './variables.js';

const DIRECTIVES = [
  ...['@skip(if: null)', '@include(if: null)', '@skip', '@include(if: "true")', '@skip(if: {a: 1})'],
  ...['@skip(if: true)', '@include(if: false)', '@skip(if: true) @skip(if: false)', '@skip(if: [true])'],
  ...['@include(if: $nothing)', '@skip(unless: true)', '@include(if: true)'.repeat(900), '@cost(value: 1)'],
  ...['@nothing', '@deprecated', '@specifiedBy(url: "x")', '@oneOf', '@defer', '@stream', '@__proto__', '@'],
  `@${'d'.repeat(5000)}`,
];

export function addDirective(text: QueryText, random: Random): string | null {
  const directive = random.pick(DIRECTIVES);
  return replaceOne(text, placesOfDirectives(text.query), random, ` ${directive} `)
    ? `directive ${short(directive)}`
    : null;
}

const CONDITIONS = ['Boolean', 'Boolean!', 'Boolean = true', 'Boolean! = false', 'Boolean = null', 'String'];
const HEAD = /^(\s*(?:query|mutation)\s*\w*\s*)(\(|(?=\{))/;

/** @skip or @include by a variable that is defined for it. */
export function addCondition(text: QueryText, random: Random): string | null {
  const name = random.pick(['skip', 'include']);
  const places = placesOfDirectives(text.query);
  if (!HEAD.test(text.query) || !replaceOne(text, places, random, ` @${name}(if: $condition) `)) return null;
  const definition = `$condition: ${random.pick(CONDITIONS)}`;
  text.query = text.query.replace(HEAD, (_, head, bracket) =>
    bracket ? `${head}(${definition}, ` : `${head}(${definition})`,
  );
  const given = random.pick<Record<string, unknown>>([
    {},
    ...[null, true, false, 0, 'true', [true]].map((condition) => ({ condition })),
  ]);
  text.draft.params.variables = { ...variablesOf(text.draft), ...given };
  return `@${name} by ${definition}, given ${short(given.condition)}`;
}

/** Behind fields with their arguments, behind spreads, and before the selections of operations. */
function placesOfDirectives(query: string): Span[] {
  const ends: number[] = [];
  visitText(query, {
    Field: ({ name, arguments: given = [] }) => {
      const end = (given.at(-1) ?? name).loc!.end;
      ends.push(given.length > 0 ? query.indexOf(')', end) + 1 : end);
    },
    InlineFragment: ({ typeCondition }) => void (typeCondition && ends.push(typeCondition.loc!.end)),
    FragmentSpread: ({ name }) => void ends.push(name.loc!.end),
    OperationDefinition: ({ selectionSet }) => void ends.push(selectionSet.loc!.start),
  });
  return ends.map((end) => ({ start: end, end }));
}
