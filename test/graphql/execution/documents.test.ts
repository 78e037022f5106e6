import { createSchema } from 'graphql-yoga';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseWithinLimits } from '#src/graphql/execution/document-limits.js';
import { Documents } from '#src/graphql/execution/documents.js';
import { Operation } from '#src/graphql/execution/operation.js';
import { queryCost } from '#src/graphql/execution/query-cost.js';
import { NoIntrospectionRule } from '#src/graphql/execution/validation-rules.js';

vi.mock('#src/graphql/execution/document-limits.js', { spy: true });
vi.mock('#src/graphql/execution/validation-rules.js', { spy: true });
vi.mock('#src/graphql/execution/query-cost.js', { spy: true });
const parses = () => vi.mocked(parseWithinLimits).mock.calls.length;
const validations = () => vi.mocked(NoIntrospectionRule).mock.calls.length;
const counts = () => vi.mocked(queryCost).mock.calls.length;

const schema = createSchema({
  typeDefs: /* GraphQL */ `
    type Query { item(id: ID): Item  items(first: Int! = 5): [Item!]  byIds(ids: [ID!]!): [Item] }
    type Item { id: ID!  left: Item  right: Item }
    type Mutation { change: Int }
  `,
});

let documents: Documents;
beforeEach(() => {
  documents = new Documents({ schema, introspection: false });
});
afterEach(() => vi.clearAllMocks());

const ask = (query: string, operationName?: string | null, method = 'POST') =>
  documents.operation(query, operationName, method);

function open(query: string, operationName?: string | null): Operation {
  const operation = ask(query, operationName);
  if (!(operation instanceof Operation)) throw operation.errors[0];
  return operation;
}

function errorsOf(...asked: Parameters<typeof ask>) {
  const refusal = ask(...asked);
  if (refusal instanceof Operation) throw new Error('It was not refused.');
  return refusal.errors;
}

describe('a document that comes again', () => {
  it('is parsed and validated once', () => {
    const operation = open('{ item { id } }');
    for (let n = 0; n < 3; n++) expect(open('{ item { id } }')).toBe(operation);
    expect([parses(), validations()]).toEqual([1, 1]);
  });

  it('is parsed and validated once for all its operations', () => {
    const query = 'query A { item { id } } query B { items { id } } mutation C { change }';
    const [a, b] = [open(query, 'A'), open(query, 'B')];
    expect([a.name, b.name]).toEqual(['A', 'B']);
    expect([open(query, 'B'), open(query, 'A')]).toEqual([b, a]);
    expect(open(query, 'A')).toBe(a);
    expect([open(query, 'C').kind, open(query, 'C').changes]).toEqual(['mutation', new Set(['change'])]);
    expect([parses(), validations()]).toEqual([1, 1]);
  });

  it.each([
    ['of broken syntax', '{ item { id }', 'GRAPHQL_PARSE_FAILED', 0],
    ['that is too large', `{ ${'item { id } '.repeat(600)} }`, 'FIELD_LIMIT_EXCEEDED', 0],
    ['that is too long', `{ item { id } } #${'x'.repeat(100_000)}`, 'PAYLOAD_TOO_LARGE', 0],
    ['that is not valid', '{ item { nothing } }', 'GRAPHQL_VALIDATION_FAILED', 1],
  ])('is refused with the same errors, once found: one %s', (_what, query, code, validated) => {
    const errors = errorsOf(query);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([code]);
    for (let n = 0; n < 3; n++) expect(errorsOf(query)).toBe(errors);
    expect([parses(), validations()]).toEqual([1, validated]);
  });

  it('is another one when its text differs at all', () => {
    expect(open('{ item { id } }')).not.toBe(open('{ item { id } } '));
  });
});

describe('what is kept', () => {
  const query = '{ item { id } }';
  /** Whether a query is still known after others have come. */
  function outlives(others: string[]): { document: boolean; operation: boolean } {
    const operation = open(query);
    for (const other of others) ask(other);
    const before = parses();
    const isSame = open(query) === operation;
    return { document: parses() === before, operation: isSame };
  }
  const numbered = (count: number, text: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => text(n));

  it('is bounded by the length of the documents, valid or not', () => {
    const long = (n: number) => `{ item { id } } #${'x'.repeat(90_000)}${n}`;
    const broken = (n: number) => `{ #${'x'.repeat(90_000)}${n}`;
    const both = { document: true, operation: true };
    const none = { document: false, operation: false };
    expect(outlives(numbered(5, long))).toEqual(both);
    expect(outlives(numbered(12, long))).toEqual(none);
    expect(outlives(numbered(12, broken))).toEqual(none);
  });

  it('is bounded by the number of documents', () => {
    expect(outlives(numbered(400, (n) => `{ a${n} }`)).document).toBe(true);
    expect(outlives(numbered(500, (n) => `{ b${n} }`)).document).toBe(false);
  });

  it('is bounded by the number of operations, also of one document', () => {
    const many = numbered(600, (n) => `query A${n} { __typename }`).join(' ');
    const first = open(many, 'A0');
    for (let n = 1; n < 500; n++) open(many, `A${n}`);
    expect(open(many, 'A0')).toBe(first);
    for (let n = 1; n < 600; n++) open(many, `A${n}`);
    expect(open(many, 'A0')).not.toBe(first);
    expect(parses()).toBe(1);
  });

  it('is not pushed out by a query that is too long to be read', () => {
    expect(outlives([`#${'x'.repeat(1_500_000)}`]).document).toBe(true);
  });
});

describe('the operation of a document', () => {
  const both = 'query A { item { id } } mutation B { change }';
  const unknown = { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } };

  it('is the only one, with its name or without', () => {
    for (const name of [undefined, null, '', 'A'])
      expect(open('query A { item { id } }', name)).toMatchObject({ kind: 'query', name: 'A' });
    expect(open('{ item { id } }')).toMatchObject({ kind: 'query', name: undefined });
  });

  it('is the one of the given name', () => {
    expect(open(both, 'A')).toMatchObject({ kind: 'query', name: 'A' });
    expect(open(both, 'B')).toMatchObject({ kind: 'mutation', name: 'B' });
  });

  it.each([
    ['two and no name', both, undefined],
    ['two and null', both, null],
    ['an unknown name', both, 'C'],
    ['a name for the one that has none', '{ item { id } }', 'A'],
    ['nothing but a fragment', 'fragment F on Item { id }', undefined],
    ['two of one name that is not asked for', 'query A { item { id } } query A { item { id } }', undefined],
  ])('is refused where there is %s', (_what, query, name) => {
    expect(errorsOf(query, name).map(({ extensions }) => extensions)).toEqual([unknown]);
  });

  it('cannot be a mutation by GET, valid or not', () => {
    for (const [query, name] of [
      [both, 'B'],
      ['mutation { change }', null],
      ['mutation { nothing }', null],
    ] as const)
      expect(errorsOf(query, name, 'GET').map(({ extensions }) => extensions)).toEqual([
        { code: 'BAD_REQUEST', http: { status: 405, headers: { Allow: 'POST' } } },
      ]);
    expect(ask(both, 'A', 'GET')).toBeInstanceOf(Operation);
    expect(ask(both, 'B', 'POST')).toBeInstanceOf(Operation);
  });

  it('cannot be of a kind that the schema does not have', () => {
    for (const query of ['subscription { change }', 'subscription { __typename }'])
      expect(errorsOf(query).map(({ message, extensions }) => [message, extensions])).toEqual([
        [
          'The schema has no subscription.',
          { code: 'GRAPHQL_VALIDATION_FAILED', http: { spec: true, status: 400 } },
        ],
      ]);
    expect(ask('subscription S { change } query A { item { id } }', 'A')).toBeInstanceOf(Operation);
  });

  it.each(['query ($__proto__: Int!) { items(first: $__proto__) { id } }', '{ __proto__: item { id } }'])(
    'cannot use the name that compiled code loses: %s',
    (query) => {
      expect(new Set(errorsOf(query).map(({ message }) => message))).toEqual(
        new Set(['Nothing can be named __proto__.']),
      );
    },
  );
});

describe('the cost of an operation', () => {
  it.each([
    ['has no variables', '{ items(first: 3) { id } }', 4],
    ['has variables that do not matter', 'query ($id: ID) { item(id: $id) { id } }', 2],
    [
      'has them where nothing is asked for',
      'query ($n: Int!) { items(first: $n) @skip(if: true) { id } item { id } }',
      2,
    ],
  ])('is counted once where it %s', (_where, query, cost) => {
    const operation = open(query);
    expect([operation.cost({ n: 9, id: 'a' }), operation.cost({ n: 3, id: 'b' })]).toEqual([cost, cost]);
    expect(counts()).toBe(1);
  });

  it.each([
    ['first', 'query ($v: Int!) { items(first: $v) { id } }', [3, 7], [4, 8]],
    [
      'the length of a list',
      'query ($v: [ID!]!) { byIds(ids: $v) { id } }',
      [['a'], ['a', 'b', 'c']],
      [2, 4],
    ],
    ['@skip', 'query ($v: Boolean!) { items @skip(if: $v) { id } item { id } }', [true, false], [2, 8]],
    [
      '@include',
      'query ($v: Boolean!) { items { id } ...F @include(if: $v) } fragment F on Query { item { id } }',
      [true, false],
      [8, 6],
    ],
  ])('is counted anew where variables give %s', (_what, query, values, costs) => {
    const operation = open(query);
    const before = counts();
    const again = [...values, ...values].map((v) => operation.cost({ v }));
    expect(again).toEqual([...costs, ...costs]);
    expect(counts()).toBe(before + 4);
  });
});
