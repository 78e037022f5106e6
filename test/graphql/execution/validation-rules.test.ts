import { getIntrospectionQuery } from 'graphql';
import { expect, it } from 'vitest';
import { BAD_DOCUMENT, createAsk } from './ask.js';

const typeDefs = 'type Query { secret(word: String): String }';
const closed = createAsk({ typeDefs }, { introspection: false });
const open = createAsk({ typeDefs }, { introspection: true });

it('refuses introspection with a code, again when it comes again', async () => {
  for (const query of [
    getIntrospectionQuery(),
    '{ __type(name: "Query") { name } }',
    '{ ...F } fragment F on Query { x: __schema { __typename } }',
  ])
    for (let n = 0; n < 2; n++) {
      const { data, errors } = await closed({ query });
      expect([data, errors?.map(({ extensions }) => extensions)]).toEqual([
        undefined,
        [{ code: 'INTROSPECTION_DISABLED', http: BAD_DOCUMENT }],
      ]);
    }
});

it('still tells the type of what was asked for', async () => {
  expect(await closed({ query: '{ __typename secret }' })).toMatchObject({
    data: { __typename: 'Query', secret: null },
  });
});

it('hides suggestions, which are there otherwise', async () => {
  for (const query of ['{ secre }', '{ secret(wor: "x") }']) {
    expect((await open({ query })).errors?.[0]?.message).toContain('Did you mean');
    const { errors } = await closed({ query });
    expect(errors?.[0]?.message).toMatch(/^(?:Cannot query field|Unknown argument) (?!.*Did you mean)/);
  }
});
