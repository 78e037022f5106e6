import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
} from 'graphql';
import type { Random } from './random.js';

/** A document, and what its operations are called. */
export interface RandomDocument {
  query: string;
  operations: string[];
}

/** By name. One of a Boolean with a default may be null, and must not be at a condition. */
const DEFINITIONS: Readonly<Record<string, string>> = {
  t: 'Boolean!',
  f: 'Boolean! = false',
  d: 'Boolean = true',
  n: 'Int',
  m: 'Int! = 3',
  s: 'Size',
  note: 'String = "x"',
  o: 'Options',
  l: '[Int!]',
};

const MAX_DEPTH = 4;
const FRAGMENTS = 5;
const CONDITIONS = ['true', 'false', '$t', '$f', '$d'];
/** Arguments by the ending that their field's alias gets, so that only equal ones are merged. */
const ARGUMENTS: Readonly<Record<string, Record<string, string>>> = {
  kids: { K: '(first: 1)', L: '(first: $m)', M: '(first: $n)' },
  take: {
    T: '(n: 2)',
    U: '(n: $n)',
    V: '(options: $o, list: $l)',
    W: '(n: $m, options: { size: $s, note: $note })',
    X: '(options: { inner: { count: $n, inner: $o } }, list: [$m, 2])',
    Y: '(list: $m, options: { tags: "one", size: LARGE })',
  },
  pick: { P: '(one: { n: $n })', Q: '(one: { text: $note })', R: '(one: { n: $m })' },
  add: { A: '(n: $m)', B: '(n: 2)' },
  change: { A: '(n: $n)' },
};

/** Mostly as they are declared, and now and then not. */
export function randomVariables({ chance, pick }: Random): Record<string, unknown> {
  const values: Record<string, readonly unknown[]> = {
    t: [true, false],
    f: [true, false],
    d: [true, false, true, false, null],
    n: [1, 2, 0, 3, null],
    m: [1, 2],
    s: ['SMALL', 'LARGE', null],
    note: ['y', null],
    o: [{}, null, { size: 'LARGE', inner: { note: null, tags: [] } }, { tags: 'one' }],
    l: [[1, 2], [], 3, null],
  };
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => (name === 't' ? chance(98) : chance(60)))
      .map(([name, items]) => [name, pick(items)]),
  );
}

/** Prints a document over a schema, which is often but not always valid. */
export function randomDocument({ below, chance, pick }: Random, schema: GraphQLSchema): RandomDocument {
  const composite = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLCompositeType => isCompositeType(type) && !type.name.startsWith('__'),
  );
  const shared = composite.filter(({ name }) => name !== 'Query' && name !== 'Mutation');

  function directives(): string {
    if (chance(55)) return '';
    const one = (name: string) => `@${name}(if: ${pick(CONDITIONS)})`;
    if (chance(15)) return ` ${one('skip')} ${one('include')}`;
    return ` ${one(chance(50) ? 'skip' : 'include')}`;
  }

  function field(parent: GraphQLCompositeType, depth: number, fragment: number): string {
    const fields = isUnionType(parent) ? [] : Object.values(parent.getFields());
    const candidates = fields.filter(({ type }) => depth < MAX_DEPTH || !isCompositeType(getNamedType(type)));
    if (candidates.length === 0 || chance(8)) return `${pick(['', 'type: '])}__typename${directives()}`;
    const { name, type } = pick(candidates);
    const given = ARGUMENTS[name];
    const ending = given && chance(70) ? pick(Object.keys(given)) : '';
    const alias = ending || chance(20) ? `${name}${ending || 'Z'}: ` : '';
    const head = `${alias}${name}${ending && given![ending]}${directives()}`;
    const named = getNamedType(type);
    return isCompositeType(named) ? `${head} ${selections(named, depth + 1, fragment)}` : head;
  }

  /** @param fragment that the selection stands in: it spreads later ones only */
  function selection(parent: GraphQLCompositeType, depth: number, fragment: number): string {
    if (parent.name !== 'Query' && parent.name !== 'Mutation') {
      if (chance(20) && fragment + 1 < FRAGMENTS)
        return `...F${fragment + 1 + below(FRAGMENTS - fragment - 1)}${directives()}`;
      if (chance(15)) {
        const on = pick(isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]);
        return `... on ${on.name}${directives()} ${selections(on, depth, fragment)}`;
      }
    }
    if (chance(8)) return `...${directives()} ${selections(parent, depth + 1, fragment)}`;
    return field(parent, depth, fragment);
  }

  function selections(parent: GraphQLCompositeType, depth: number, fragment: number): string {
    const count = 1 + below(depth > 2 ? 2 : 4);
    return `{ ${Array.from({ length: count }, () => selection(parent, depth, fragment)).join(' ')} }`;
  }

  const fragments = Array.from({ length: FRAGMENTS }, (_, n) => {
    const on = pick(shared);
    return `fragment F${n} on ${on.name} ${selections(on, 2, n)}`;
  });

  /** The text with those of the fragments that it spreads. */
  function closure(text: string): Set<string> {
    const texts = new Set([text]);
    for (const each of texts)
      for (const [, n] of each.matchAll(/\.\.\.F(\d)/g)) texts.add(fragments[Number(n)]!);
    return texts;
  }

  const names = Array.from({ length: 1 + below(3) }, (_, n) => `O${n}`);
  const texts = new Set<string>();
  const operations = names.map((name) => {
    const kind = chance(25) ? 'mutation' : 'query';
    const root = kind === 'query' ? schema.getQueryType()! : schema.getMutationType()!;
    const body = selections(root, 0, -1);
    const [, ...spread] = closure(body);
    for (const text of spread) texts.add(text);
    const used = new Set([body, ...spread].join(' ').match(/(?<=\$)\w+/g));
    const defined = [...used].map((variable) => `$${variable}: ${DEFINITIONS[variable]}`).join(', ');
    return `${kind} ${name}${defined && `(${defined})`} ${body}`;
  });
  return { query: [...operations, ...texts].join('\n'), operations: names };
}
