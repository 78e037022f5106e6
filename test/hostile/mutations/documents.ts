import { addCondition, addDirective } from './document-directives.js';
import {
  addDefault,
  changeInlined,
  changeNullability,
  changeVariableType,
  replaceLiteral,
} from './document-values.js';
import { type Draft, type Mutation, mutate } from './draft.js';
import { hostileText } from './hostile-values.js';
import { type QueryText, replaceOne, type Span, spanOf, tokensOf, visitText } from './query-text.js';
import type { Random } from './random.js';
import { short } from './variables.js';

/** Changes the text of the query. */
export const mutateDocument: Mutation<Draft> = (draft, random) => {
  const { query } = draft.params;
  if (typeof query !== 'string') return null;
  const text = { query, draft };
  const done = mutate(text, MUTATIONS, random);
  draft.params.query = text.query;
  return `document: ${done}`;
};

const MUTATIONS: readonly Mutation<QueryText>[] = [
  ...[changeInlined, changeInlined, replaceLiteral, replaceLiteral, addDefault],
  ...[changeVariableType, changeNullability, changeNullability],
  ...[addDirective, addCondition, addCondition],
  ...[rename, replaceArgument, changeTokens, changeTokens, insertText],
];

const NAMES = [
  ...['__proto__', 'constructor', '__typename', '__schema', 'toString', 'nope', 'n'.repeat(5000), 'é', '0a'],
  ...['a: nope', '__proto__: id', `${'a'.repeat(5000)}: id`],
];

function rename(text: QueryText, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, { Name: ({ loc }) => void spans.push(spanOf(loc!)) });
  const name = random.pick(NAMES);
  return replaceOne(text, spans, random, name) ? `name ${short(name)}` : null;
}

function replaceArgument(text: QueryText, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, { Argument: ({ loc }) => void spans.push(spanOf(loc!)) });
  const by = random.pick(['', 'nope: 1', 'first: 1, first: 1', 'id: 1', `${'n'.repeat(3000)}: 1`]);
  return replaceOne(text, spans, random, by) ? `argument replaced by ${short(by)}` : null;
}

const SIGNS = ['{', '}', '(', ')', '[', ']', '!', '$', '=', ':', '@', '|', '&', '...', '"', '"""', '#', 'on'];

function changeTokens(text: QueryText, random: Random): string | null {
  const tokens = tokensOf(text.query);
  if (tokens.length === 0) return null;
  const token = random.pick(tokens);
  const written = text.query.slice(token.start, token.end);
  const sign = random.pick(SIGNS);
  const by = random.pick(['', sign, sign, `${written} ${written}`, `${written} ${sign}`]);
  replaceOne(text, [token], random, by);
  return `${short(written)} becomes ${short(by)}`;
}

function insertText(text: QueryText, random: Random): string {
  const at = random.below(text.query.length + 1);
  const inserted = hostileText(random);
  text.query = text.query.slice(0, at) + inserted + text.query.slice(at);
  return `inserted ${short(inserted)}`;
}
