import { GraphQLError, graphql } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { asBadVariable } from '#src/graphql/execution/argument-errors.js';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import { ServiceError } from '#src/services/errors.js';
import { createAsk } from './ask.js';

const sdl = /* GraphQL */ `
  enum Size { SMALL LARGE }
  input Options { size: Size! = SMALL  deep: [Inner!]! = [{ on: true }]  inner: Inner }
  input Inner { on: Boolean! = false  text: String = "x" }
  type Query {
    echo(n: Int! = 1, list: [Int!], one: One, options: Options): String!
    maybe: String
    unexpected: String
    list: [Item]
    node: Thing
  }
  input One @oneOf { a: Int  b: String }
  interface Thing { id: ID! }
  type Item implements Thing { id: ID!  name: String!  bad: String!  missing: String! }
  type Mutation { first: Int!  second: Int! }
`;
const order: string[] = [];
const resolvers = {
  Query: {
    echo: (_root: unknown, args: object) => JSON.stringify(args),
    maybe: () => {
      throw new ServiceError('imgcache is away.', {
        service: 'IMGCACHE',
        code: 'UNAVAILABLE',
        retryable: true,
      });
    },
    unexpected: () => {
      throw new Error('secret');
    },
    list: () => [{ id: '1', name: 'a' }, { id: '2', name: 'b' }, Promise.resolve(null)],
    node: () => ({ __typename: 'Item', id: '3', name: 'c' }),
  },
  Item: {
    bad: async ({ id }: { id: string }) => {
      if (id === '2') throw new GraphQLError('No.', { extensions: { code: 'NO' } });
      return 'x';
    },
  },
  Mutation: {
    first: async () => {
      order.push('first begins');
      await null;
      return order.push('first ends');
    },
    second: () => order.push('second'),
  },
};

const REQUEST_ID = 'test';
const maskError = createMaskError(() => {});
const compiled = createAsk({ typeDefs: sdl, resolvers }, { maskError });
const schema = createSchema({ typeDefs: sdl, resolvers });

/** What graphql-js answers, with its errors as clients see them. */
async function interpreted(source: string, variableValues?: Record<string, unknown>): Promise<object> {
  const { data, errors } = await graphql({ schema, source, variableValues });
  const shown = errors?.map((error) =>
    data === undefined ? asBadVariable(error) : maskError(error, REQUEST_ID),
  );
  return JSON.parse(JSON.stringify({ data, errors: shown }));
}

describe('a compiled operation answers as an interpreted one', () => {
  const cases: [behaviour: string, query: string, variables?: Record<string, unknown>][] = [
    ['with a literal', '{ echo(n: 2) }'],
    ['with a default of the argument', '{ echo }'],
    ['with a variable', 'query ($n: Int!) { echo(n: $n) }', { n: 3 }],
    ['with a default of a non-null variable', 'query ($n: Int! = 20) { echo(n: $n) }'],
    ['with a default of a nullable variable', 'query ($l: [Int!] = [1, 2]) { echo(list: $l) }'],
    [
      'with null for a nullable variable that has a default',
      'query ($l: [Int!] = [1]) { echo(list: $l) }',
      { l: null },
    ],
    ['without a nullable variable', 'query ($l: [Int!]) { echo(list: $l) }'],
    ['with defaults of input fields', 'query ($o: Options) { echo(options: $o) }', { o: {} }],
    [
      'with defaults of nested input fields',
      'query ($o: Options) { echo(options: $o) }',
      { o: { size: 'LARGE', deep: [{}, { on: true }], inner: { text: null } } },
    ],
    [
      'with a default that leaves out input fields',
      'query ($o: Options! = { inner: {} }) { echo(options: $o) }',
    ],
    ['with @oneOf as it must be', 'query ($o: One) { echo(one: $o) }', { o: { a: 1 } }],
    ['with @oneOf given twice', 'query ($o: One) { echo(one: $o) }', { o: { a: 1, b: 'x' } }],
    ['with @oneOf given null', 'query ($o: One) { echo(one: $o) }', { o: { a: null } }],
    ['with a variable of the wrong type', 'query ($n: Int!) { echo(n: $n) }', { n: 'x' }],
    ['with a missing variable', 'query ($n: Int!) { echo(n: $n) }'],
    [
      'with @skip and @include',
      'query ($no: Boolean! = false) { a: echo @include(if: $no) b: echo @skip(if: $no) }',
    ],
    [
      'with fragments on an interface',
      '{ node { __typename id ... on Item { name } ...F } } fragment F on Thing { again: id }',
    ],
    ['with an error of a service', '{ maybe echo }'],
    ['with an error in an item of a list', '{ list { id name bad } }'],
    ['with an unexpected error', '{ unexpected echo }'],
    ['with null where there must be none', '{ node { ... on Item { missing } } echo }'],
    [
      'with a variable named like what every object has',
      'query ($toString: Int! = 2, $constructor: [Int!]) { echo(n: $toString, list: $constructor) }',
    ],
    [
      'with many bad items in a variable',
      'query ($l: [Int!]) { echo(list: $l) }',
      { l: Array(60).fill('x') },
    ],
    [
      'without any data',
      '{ a: echo b: list { id name } c: node { id ...F } } fragment F on Item { missing }',
    ],
    ['of introspection', '{ __schema { queryType { name } types { name kind } } __typename }'],
  ];
  for (const [behaviour, query, variables] of cases) {
    it(behaviour, async () => {
      const expected = comparable(await interpreted(query, variables));
      for (let n = 0; n < 2; n++)
        expect(comparable(await compiled({ query, variables: variables ?? null }))).toEqual(expected);
    });
  }
});

/** Compiled code gives the path of an error, but not its line. */
function comparable({ data, errors }: { data?: unknown; errors?: object[] }): object {
  return { data, errors: errors?.map((error) => ({ ...error, locations: undefined })) };
}

it('runs the fields of a mutation one after the other', async () => {
  order.length = 0;
  await compiled({ query: 'mutation { first second }' });
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});

it('keeps apart the operations of one document', async () => {
  const query = 'query A { a: echo(n: 1) } query B { b: echo(n: 2) }';
  for (const name of ['A', 'B', 'A'])
    expect(await compiled({ query, operationName: name })).toMatchObject({
      data: { [name.toLowerCase()]: `{"n":${name === 'A' ? 1 : 2}}` },
    });
});
