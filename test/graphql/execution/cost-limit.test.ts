import { beforeEach, expect, it } from 'vitest';
import { BAD_DOCUMENT, createAsk } from './ask.js';

let calls = 0;
beforeEach(() => {
  calls = 0;
});

const typeDefs = 'type Query { items(first: Int! = 5): [Item!]!  one: Item } type Item { id: ID! }';
const item = () => ({ id: String(++calls) });
const resolvers = {
  Query: {
    items: (_root: unknown, { first }: { first: number }) => Array.from({ length: first }, item),
    one: item,
  },
};
const ask = createAsk({ typeDefs, resolvers }, { maxCost: 21 });
const query = 'query ($first: Int! = 20) { items(first: $first) { id } }';

it('says what an accepted query cost', async () => {
  expect(await ask({ query })).toMatchObject({ data: {}, extensions: { cost: 21 } });
  expect(await ask({ query: '{ __typename }' })).toMatchObject({ extensions: { cost: 0 } });
});

it('refuses what costs more with a code, the cost and the limit, and runs nothing', async () => {
  const answer = await ask({ query, variables: { first: 21 } });
  expect(answer).toEqual({
    errors: [
      {
        message: 'The query may cost 22, and the limit is 21. Ask for fewer items in its nested lists.',
        extensions: { code: 'COST_LIMIT_EXCEEDED', cost: 22, limit: 21, http: BAD_DOCUMENT },
      },
    ],
  });
  expect(calls).toBe(0);
});

it('counts the same document anew with other variables', async () => {
  for (const [first, cost] of [
    [1, 2],
    [20, 21],
    [5, 6],
  ])
    expect((await ask({ query, variables: { first } })).extensions).toEqual({ cost });
  for (let n = 0; n < 2; n++) {
    const { errors, data } = await ask({ query, variables: { first: 99 } });
    expect([data, errors?.[0]?.extensions]).toEqual([
      undefined,
      { code: 'COST_LIMIT_EXCEEDED', cost: 100, limit: 21, http: BAD_DOCUMENT },
    ]);
  }
  expect((await ask({ query, variables: { first: 20 } })).extensions).toEqual({ cost: 21 });
});

it('counts only the operation that runs', async () => {
  const both = 'query Small { one { id } } query Large { items(first: 99) { id } }';
  expect(await ask({ query: both, operationName: 'Small' })).toMatchObject({ extensions: { cost: 2 } });
  expect(await ask({ query: both, operationName: 'Large' })).toMatchObject({
    errors: [{ extensions: { cost: 100 } }],
  });
  expect((await ask({ query: both })).errors?.[0]?.extensions?.code).not.toBe('COST_LIMIT_EXCEEDED');
});

it('says no cost where nothing was run', async () => {
  expect((await ask({ query, variables: { first: 'x' } })).extensions).toBeUndefined();
});
