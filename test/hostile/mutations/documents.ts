import { type DocumentNode, Kind, Lexer, parse, Source, TokenKind, visit } from 'graphql';
import type { Draft, Mutation } from './draft.js';
import { mutate } from './draft.js';
import { hostileLiteral, literalOf } from './hostile-literals.js';
import { hostileText } from './hostile-values.js';
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

interface Text {
  query: string;
  draft: Draft;
}

interface Span {
  start: number;
  end: number;
}

const MUTATIONS: readonly Mutation<Text>[] = [
  inlineVariables,
  inlineVariables,
  replaceLiteral,
  replaceLiteral,
  replaceLiteral,
  changeVariableType,
  addDefault,
  addDirective,
  addDirective,
  rename,
  dropArguments,
  changeTokens,
  changeTokens,
  insertCharacter,
];

/** Writes the variables as literals into the query, and then changes one. */
function inlineVariables(text: Text, random: Random): string | null {
  const document = read(text.query);
  const variables = text.draft.params.variables as Record<string, unknown> | undefined;
  if (!document || !variables || text.draft.files.length > 0) return null;
  const uses: (Span & { name: string })[] = [];
  const definitions: Span[] = [];
  visit(document, {
    VariableDefinition: ({ loc }) => {
      definitions.push(loc!);
      return false;
    },
    Variable: ({ loc, name }) => void uses.push({ ...spanOf(loc!), name: name.value }),
  });
  if (uses.some(({ name }) => !Object.hasOwn(variables, name))) return null;
  const replaced = [
    ...definitions.map((span) => ({ ...spanOf(span), by: '' })),
    ...uses.map((use) => ({ ...use, by: literalOf(variables[use.name]) })),
  ];
  for (const { start, end, by } of replaced.sort((a, b) => b.start - a.start))
    text.query = text.query.slice(0, start) + by + text.query.slice(end);
  text.query = text.query.replace(/\(\s*,*\s*\)/g, '');
  delete text.draft.params.variables;
  const done = replaceLiteral(text, random);
  return done && `all inline, ${done}`;
}

function replaceLiteral(text: Text, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, {
    enter: (node) => {
      if (/Value$|^Variable$/.test(node.kind) && node.loc) spans.push(spanOf(node.loc));
      return node.kind === Kind.VARIABLE_DEFINITION ? false : undefined;
    },
  });
  const literal = hostileLiteral(random, text.draft.world);
  return replace(text, spans, random, literal) && `literal ${short(literal)}`;
}

const TYPES = [
  ...[
    'Int',
    'Int!',
    'Float!',
    'String',
    'Boolean',
    'ID',
    '[Int]',
    '[String]',
    '[[String!]!]!',
    'Upload',
    'Upload!',
  ],
  ...[
    'ContentHash',
    'DateTime',
    'ImageInput',
    'SimilarToInput!',
    'Entry',
    'Node',
    'Error',
    'ServiceName',
    'Nope',
  ],
  ...['__Type', '', `${'['.repeat(3000)}Int${']'.repeat(3000)}`, 'T'.repeat(5000)],
];

function changeVariableType(text: Text, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, { VariableDefinition: ({ type }) => void spans.push(spanOf(type.loc!)) });
  const type = random.pick(TYPES);
  return replace(text, spans, random, type) && `type ${short(type)}`;
}

function addDefault(text: Text, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, {
    VariableDefinition: ({ type, defaultValue }) =>
      void spans.push({ start: type.loc!.end, end: (defaultValue ?? type).loc!.end }),
  });
  const literal = hostileLiteral(random, text.draft.world);
  return replace(text, spans, random, ` = ${literal}`) && `default ${short(literal)}`;
}

const DIRECTIVES = [
  ...[
    '@skip(if: null)',
    '@include(if: null)',
    '@skip',
    '@include(if: "true")',
    '@skip(if: true) @skip(if: false)',
  ],
  ...[
    '@skip(if: true)',
    '@include(if: false)',
    '@include(if: $nothing)',
    '@skip(unless: true)',
    '@skip(if: [true])',
  ],
  ...['@nothing', '@deprecated', '@specifiedBy(url: "x")', '@oneOf', '@defer', '@stream', '@__proto__', '@'],
  ...[`@${'d'.repeat(5000)}`, '@include(if: true)'.repeat(900), '@skip(if: {a: 1})', '@cost(value: 1)'],
];

/** Of a constant, or of a variable that is defined for it. */
function addDirective(text: Text, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, {
    Field: ({ name, arguments: given = [], loc }) => {
      const end = (given.at(-1) ?? name).loc!.end;
      const after = given.length > 0 ? text.query.indexOf(')', end) + 1 : end;
      if (after <= loc!.end) spans.push({ start: after, end: after });
    },
    InlineFragment: ({ typeCondition }) =>
      void (typeCondition && spans.push({ start: typeCondition.loc!.end, end: typeCondition.loc!.end })),
    FragmentSpread: ({ name }) => void spans.push({ start: name.loc!.end, end: name.loc!.end }),
    OperationDefinition: ({ selectionSet }) =>
      void spans.push({ start: selectionSet.loc!.start, end: selectionSet.loc!.start }),
  });
  if (random.chance(0.5)) {
    const directive = random.pick(DIRECTIVES);
    return replace(text, spans, random, ` ${directive} `) && `directive ${short(directive)}`;
  }
  const name = random.pick(['skip', 'include']);
  if (!replace(text, spans, random, ` @${name}(if: $condition) `)) return null;
  const definition = `$condition: ${random.pick(['Boolean', 'Boolean!', 'Boolean = true', 'Boolean! = false', 'Boolean = null'])}`;
  const before = text.query;
  text.query = text.query.replace(/^(\s*(?:query|mutation)\s*\w*\s*)(?:\(|(?=\{))/, (all, head) =>
    all.endsWith('(') ? `${head}(${definition}, ` : `${head}(${definition})`,
  );
  if (text.query === before) return null;
  const { params } = text.draft;
  const value = random.pick<unknown>([null, undefined, true, false, 0, 'true', [true]]);
  const variables = (params.variables ?? {}) as Record<string, unknown>;
  params.variables = value === undefined ? variables : { ...variables, condition: value };
  return `@${name} by ${definition}, given ${short(value)}`;
}

const NAMES = [
  '__proto__',
  'constructor',
  '__typename',
  '__schema',
  'toString',
  'nope',
  'n'.repeat(5000),
  'é',
  '0a',
];

function rename(text: Text, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, { Name: ({ loc }) => void spans.push(spanOf(loc!)) });
  const name = random.pick([...NAMES, 'a: nope', '__proto__: id', `${'a'.repeat(5000)}: id`]);
  return replace(text, spans, random, name) && `name ${short(name)}`;
}

function dropArguments(text: Text, random: Random): string | null {
  const spans: Span[] = [];
  visitText(text.query, { Argument: ({ loc }) => void spans.push(spanOf(loc!)) });
  const by = random.pick(['', 'nope: 1', 'first: 1, first: 1', `${'n'.repeat(3000)}: 1`]);
  return replace(text, spans, random, by) && `argument replaced by ${short(by)}`;
}

const SIGNS = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '!',
  '$',
  '=',
  ':',
  '@',
  '|',
  '&',
  '...',
  '"',
  '"""',
  'fragment',
  'on',
  '#',
];

function changeTokens(text: Text, random: Random): string | null {
  const tokens = tokensOf(text.query);
  if (tokens.length === 0) return null;
  const token = random.pick(tokens);
  const written = text.query.slice(token.start, token.end);
  const by = random.pick([
    '',
    `${written} ${written}`,
    random.pick(SIGNS),
    random.pick(SIGNS),
    `${written} ${random.pick(SIGNS)}`,
  ]);
  return replace(text, [token], random, by) && `${short(written)} becomes ${short(by)}`;
}

function insertCharacter(text: Text, random: Random): string {
  const at = random.below(text.query.length + 1);
  const inserted = hostileText(random);
  text.query = text.query.slice(0, at) + inserted + text.query.slice(at);
  return `inserted ${short(inserted)}`;
}

function replace(text: Text, spans: readonly Span[], random: Random, by: string): boolean | null {
  if (spans.length === 0) return null;
  const { start, end } = random.pick(spans);
  text.query = text.query.slice(0, start) + by + text.query.slice(end);
  return true;
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

function visitText(query: string, visitor: Parameters<typeof visit>[1]): void {
  const document = read(query);
  if (document) visit(document, visitor);
}

/** Null for what an earlier mutation has made unreadable, or too deep to be read here. */
function read(query: string): DocumentNode | null {
  try {
    return parse(query, { maxTokens: 3000 });
  } catch {
    return null;
  }
}

function tokensOf(query: string): Span[] {
  const lexer = new Lexer(new Source(query));
  const tokens: Span[] = [];
  try {
    while (lexer.advance().kind !== TokenKind.EOF && tokens.length < 3000) tokens.push(spanOf(lexer.token));
  } catch {
    // What is left can be read by nobody.
  }
  return tokens;
}
