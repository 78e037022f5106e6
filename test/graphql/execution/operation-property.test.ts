import fc from 'fast-check';
import { graphql } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { expect, it } from 'vitest';
import { asBadVariable } from '#src/graphql/execution/argument-errors.js';
import { createAsk } from './ask.js';

const typeDefs = /* GraphQL */ `
  enum Size { SMALL LARGE }
  input Options { size: Size! = SMALL  deep: [Inner!]! = [{ on: true }]  inner: Inner  lists: [[Float]] }
  input Inner { on: Boolean! = false  text: String = "x"  id: ID }
  input One @oneOf { a: Int  b: String }
  type Query {
    take(n: Int! = 1, list: [Int!], one: One, options: Options, deep: [Inner!]! = [], id: ID, size: Size = LARGE): String!
  }
`;
let received: object | undefined;
const take = (_root: unknown, args: object) => {
  received = args;
  return 'taken';
};
const resolvers = { Query: { take } };
const ask = createAsk({ typeDefs, resolvers });
const schema = createSchema({ typeDefs, resolvers });
const query = /* GraphQL */ `
  query ($n: Int! = 2, $list: [Int!], $one: One, $options: Options = { inner: {} }, $deep: [Inner!]! = [{}], $id: ID, $size: Size) {
    take(n: $n, list: $list, one: $one, options: $options, deep: $deep, id: $id, size: $size)
  }
`;

/** Mostly what the schema takes, and now and then something else. */
const orElse = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) });
const int = orElse(fc.oneof(fc.integer(), fc.constantFrom(2 ** 31, 1.5, -0, 1e21)));
const size = orElse(fc.constantFrom('SMALL', 'LARGE', 'OTHER', 'toString'));
const inner = orElse(
  fc.record({ on: orElse(fc.boolean()), text: orElse(fc.string()), id: int }, { requiredKeys: [] }),
);
const options = orElse(
  fc.record(
    {
      size,
      deep: orElse(fc.array(inner, { maxLength: 2 })),
      inner,
      lists: orElse(fc.array(orElse(fc.array(int, { maxLength: 2 })), { maxLength: 2 })),
    },
    { requiredKeys: [] },
  ),
);
const variables = fc.record(
  {
    n: int,
    list: orElse(fc.array(int, { maxLength: 3 })),
    one: orElse(fc.record({ a: int, b: orElse(fc.string()) }, { requiredKeys: [] })),
    options,
    deep: orElse(fc.array(inner, { maxLength: 2 })),
    id: int,
    size,
  },
  { requiredKeys: [] },
);

/** What an operation answers, and what its resolver is given. */
async function outcomeOf(run: () => Promise<{ data?: unknown; errors?: unknown }>) {
  received = undefined;
  const { data, errors } = await run();
  return { data, errors, received };
}

async function interpreted(variableValues: Record<string, unknown>) {
  const { data, errors } = await graphql({ schema, source: query, variableValues });
  return JSON.parse(JSON.stringify({ data, errors: errors?.map(asBadVariable) }));
}

it('reads variables as graphql-js does', async () => {
  await fc.assert(
    fc.asyncProperty(variables, async (given) => {
      const expected = await outcomeOf(() => interpreted(given));
      expect(await outcomeOf(() => ask({ query, variables: given }))).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
