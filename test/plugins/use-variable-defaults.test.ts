import { createSchema, createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { useJit } from '#src/plugins/use-jit.js';
import { useVariableDefaults } from '#src/plugins/use-variable-defaults.js';

const schema = createSchema({
  typeDefs: /* GraphQL */ `
    enum Kind { A B }
    input Inner { kind: Kind! = B  n: Int! = 1 }
    input Outer { name: String!  update: Boolean! = false  inner: Inner  many: [[Inner!]!]  whole: Inner! = { n: 5 } }
    type Query { echo(n: Int! = 1, outer: Outer, list: [Outer!]): String! }
  `,
  resolvers: { Query: { echo: (_root: unknown, args: object) => JSON.stringify(args) } },
});

function server(plugins: object[]) {
  const yoga = createYoga({ schema, plugins, logging: false });
  return async (query: string, variables: object) => {
    const body = JSON.stringify({ query, variables });
    const headers = { 'content-type': 'application/json' };
    const answer = await yoga.fetch('http://yoga/graphql', { method: 'POST', body, headers });
    return answer.json();
  };
}

const compiled = server([useVariableDefaults(), useJit()]);
const interpreted = server([]);

describe('compiled operations have the defaults that graphql-js gives', () => {
  it.each([
    ['query ($n: Int! = 7) { echo(n: $n) }', {}],
    ['query ($n: Int! = 7) { echo(n: $n) }', { n: 8 }],
    ['query ($o: Outer) { echo(outer: $o) }', {}],
    ['query ($o: Outer) { echo(outer: $o) }', { o: null }],
    ['query ($o: Outer) { echo(outer: $o) }', { o: { name: 'x' } }],
    ['query ($o: Outer) { echo(outer: $o) }', { o: { name: 'x', update: true, inner: {} } }],
    ['query ($o: Outer) { echo(outer: $o) }', { o: { name: 'x', inner: null, many: [[{}, { n: 2 }], []] } }],
    ['query ($o: Outer = { name: "y" }) { echo(outer: $o) }', {}],
    ['query ($l: [Outer!]) { echo(list: $l) }', { l: { name: 'one alone' } }],
    ['query ($l: [Outer!]) { echo(list: $l) }', { l: [{ name: 'x' }, { name: 'y', whole: { kind: 'A' } }] }],
  ])('%s with %j', async (query, variables) => {
    const sorted = ({ data }: { data: { echo: string } }) => JSON.parse(data.echo);
    expect(sorted(await compiled(query, variables))).toEqual(sorted(await interpreted(query, variables)));
  });

  it('and refuse what has none', async () => {
    const { data, errors } = await compiled('query ($o: Outer) { echo(outer: $o) }', { o: {} });
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
  });
});
