import { GraphQLError } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { createMaskError } from '#src/plugins/mask-error.js';
import { useArgumentErrors } from '#src/plugins/use-argument-errors.js';
import { useJit } from '#src/plugins/use-jit.js';
import { ServiceError } from '#src/services/service.js';

const sdl = /* GraphQL */ `
  enum Size { SMALL LARGE }
  input Options { size: Size! = SMALL  deep: [Inner!]! = [{ on: true }]  inner: Inner }
  input Inner { on: Boolean! = false  text: String = "x" }
  type Query { echo(n: Int! = 1, list: [Int!], one: One, options: Options): String!  maybe: String  list: [Item]  node: Thing }
  input One @oneOf { a: Int  b: String }
  interface Thing { id: ID! }
  type Item implements Thing { id: ID!  name: String!  bad: String! }
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
    list: () => [{ id: 1, name: 'a' }, { id: 2, name: 'b' }, Promise.resolve(null)],
    node: () => ({ __typename: 'Item', id: 3, name: 'c' }),
  },
  Item: {
    bad: async ({ id }: { id: number }) => {
      if (id === 2) throw new GraphQLError('No.', { extensions: { code: 'NO' } });
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

function server(plugins: object[]) {
  const yoga = createYoga({
    schema: createSchema({ typeDefs: sdl, resolvers }),
    plugins,
    maskedErrors: { maskError: createMaskError(() => {}) },
    logging: false,
  });
  return async (query: string, variables?: object, operationName?: string) => {
    const body = JSON.stringify({ query, variables, operationName });
    const headers = { 'content-type': 'application/json' };
    return (await yoga.fetch('http://yoga/graphql', { method: 'POST', body, headers })).json();
  };
}

const compiled = server([useArgumentErrors(), useJit()]);
const interpreted = server([useArgumentErrors()]);

describe('a compiled operation answers as an interpreted one', () => {
  const cases: [behaviour: string, query: string, variables?: object][] = [
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
    ['of introspection', '{ __schema { queryType { name } types { name kind } } __typename }'],
  ];
  for (const [behaviour, query, variables] of cases) {
    it(behaviour, async () => {
      // Compiled code gives the path of an error, but not its line.
      const expected = withoutLocations(await interpreted(query, variables));
      expect(withoutLocations(await compiled(query, variables))).toEqual(expected);
      expect(withoutLocations(await compiled(query, variables))).toEqual(expected);
    });
  }
});

function withoutLocations(answer: { errors?: object[] }): object {
  return { ...answer, errors: answer.errors?.map((error) => ({ ...error, locations: undefined })) };
}

it('runs the fields of a mutation one after the other', async () => {
  order.length = 0;
  await compiled('mutation { first second }');
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});

it('keeps apart the operations of one document', async () => {
  const text = 'query A { a: echo(n: 1) } query B { b: echo(n: 2) }';
  for (const name of ['A', 'B', 'A'])
    expect(await compiled(text, undefined, name)).toEqual({
      data: { [name.toLowerCase()]: `{"n":${name === 'A' ? 1 : 2}}` },
    });
});
