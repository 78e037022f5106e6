import { Kind, visit } from 'graphql';
import { variablesOf } from './draft.js';
import { hostileLiteral, literalOf } from './hostile-literals.js';
import { type QueryText, readQuery, replaceOne, type Span, spanOf, visitText } from './query-text.js';
import type { Random } from './random.js';
import { short } from './variables.js';

/** Writes the variables into the query, as literals; false where that cannot be done. */
export function inlineVariables(text: QueryText): boolean {
  const { params, files } = text.draft;
  const document = readQuery(text.query);
  const variables = variablesOf(text.draft);
  if (!document || !variables || files.length > 0) return false;
  const replaced: (Span & { by: string })[] = [];
  visit(document, {
    VariableDefinition: ({ loc }) => {
      replaced.push({ ...spanOf(loc!), by: '' });
      return false;
    },
    Variable: ({ loc, name }) =>
      void replaced.push({ ...spanOf(loc!), by: literalOf(variables[name.value] ?? null) }),
  });
  for (const { start, end, by } of replaced.sort((a, b) => b.start - a.start))
    text.query = text.query.slice(0, start) + by + text.query.slice(end);
  text.query = text.query.replace(/\([\s,]*\)/g, '');
  delete params.variables;
  return true;
}

/** The same, and then changes a literal. */
export function changeInlined(text: QueryText, random: Random): string | null {
  if (!inlineVariables(text)) return null;
  const done = replaceLiteral(text, random);
  return done && `all inline, ${done}`;
}

export function replaceLiteral(text: QueryText, random: Random): string | null {
  const literal = hostileLiteral(random, text.draft.world);
  return replaceOne(text, literalsIn(text.query), random, literal) ? `literal ${short(literal)}` : null;
}

/** The places of values and of variables that are used. */
export function literalsIn(query: string): Span[] {
  const spans: Span[] = [];
  visitText(query, {
    enter: ({ kind, loc }) => {
      if (/Value$|^Variable$/.test(kind) && loc) spans.push(spanOf(loc));
      return kind === Kind.VARIABLE_DEFINITION ? false : undefined;
    },
  });
  return spans;
}

const TYPES = [
  ...['Int', 'Int!', 'Float!', 'String', 'Boolean', 'ID', '[Int]', '[String]', '[[String!]!]!', 'Upload'],
  ...[
    'Upload!',
    'ContentHash',
    'DateTime',
    'ImageInput',
    'SimilarToInput!',
    'Entry',
    'Node',
    'Error',
    'Nope',
  ],
  ...['ServiceName', '__Type', '', `${'['.repeat(3000)}Int${']'.repeat(3000)}`, 'T'.repeat(5000)],
];

export function changeVariableType(text: QueryText, random: Random): string | null {
  const type = random.pick(TYPES);
  return replaceOne(text, typesIn(text.query), random, type) ? `type ${short(type)}` : null;
}

/** Makes a variable nullable that is not, or the other way round, and mostly gives null. */
export function changeNullability(text: QueryText, random: Random): string | null {
  const types = typesIn(text.query);
  if (types.length === 0) return null;
  const type = random.pick(types);
  const written = text.query.slice(type.start, type.end);
  const changed = written.endsWith('!') ? written.slice(0, -1) : `${written}!`;
  replaceOne(text, [type], random, changed);
  const variables = variablesOf(text.draft);
  if (variables && random.chance(0.7)) variables[type.name] = null;
  return `$${type.name} of ${changed}, given ${short(variables?.[type.name])}`;
}

export function typesIn(query: string): (Span & { name: string })[] {
  const types: (Span & { name: string })[] = [];
  visitText(query, {
    VariableDefinition: ({ variable, type }) =>
      void types.push({ ...spanOf(type.loc!), name: variable.name.value }),
  });
  return types;
}

export function addDefault(text: QueryText, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, {
    VariableDefinition: ({ type, defaultValue }) =>
      void spans.push({ start: type.loc!.end, end: (defaultValue ?? type).loc!.end }),
  });
  const literal = hostileLiteral(random, text.draft.world);
  return replaceOne(text, spans, random, ` = ${literal}`) ? `default ${short(literal)}` : null;
}
