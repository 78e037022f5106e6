import { getOperationAST, parse } from 'graphql';
import { compileQuery } from 'graphql-jit';
import { createSchema } from 'graphql-yoga';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCompiledCode } from '#src/graphql/execution/execution.js';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import { Operation } from '#src/graphql/execution/operation.js';
import { createAsk } from './ask.js';

vi.mock('graphql-jit', { spy: true });
const compilations = () => vi.mocked(compileQuery).mock.calls.length;
afterEach(() => vi.clearAllMocks());

const typeDefs = /* GraphQL */ `
  input Filter { text: String = "any"  size: Int! = 7 }
  input Tree { left: Tree  name: String = "leaf" }
  interface Thing { id: ID!  others: [Thing!]! }
  type A implements Thing { id: ID!  others: [Thing!]! }
  type B implements Thing { id: ID!  others: [Thing!]! }
  type C implements Thing { id: ID!  others: [Thing!]! }
  type Query { a: Int  b: Int  c: Int  d: Int  e: Int  list(first: Int! = 20, filter: Filter): String  tree(tree: Tree): String  thing: Thing }
  type Mutation { first: Int  second: Int }
`;
const echo = (_root: unknown, args: object) => JSON.stringify(args);
const thing = (): object => ({ __typename: 'A', id: '1', others: () => [thing()] });
const parts = {
  typeDefs,
  resolvers: {
    Query: { a: () => 1, b: () => 2, c: () => 3, d: () => 4, e: () => 5, list: echo, tree: echo, thing },
    Mutation: { first: async () => 1, second: () => 2 },
  },
};
const schema = createSchema(parts);

/** @param compiledCode its own, unless it is shared */
function open(query: string, compiledCode = createCompiledCode()) {
  const document = parse(query);
  return new Operation(document, getOperationAST(document)!, {
    schema,
    hideSuggestions: false,
    compiledCode,
  });
}

function run(operation: Operation, given: Record<string, unknown> = {}) {
  const read = operation.readVariables(given);
  if ('errors' in read) throw read.errors[0];
  return operation.execute({}, read.variables);
}

describe('an operation', () => {
  it('is compiled when it first runs, and once', async () => {
    const operation = open('{ a }');
    expect(compilations()).toBe(0);
    for (let n = 0; n < 3; n++) expect(await run(operation)).toEqual({ data: { a: 1 } });
    expect(compilations()).toBe(1);
  });

  it('is compiled once for all values of variables that are in no condition', async () => {
    const operation = open('query ($n: Int!, $yes: Boolean!) { list(first: $n) a @include(if: $yes) }');
    for (const n of [1, 2, 3])
      expect(await run(operation, { n, yes: true })).toMatchObject({ data: { a: 1 } });
    expect(compilations()).toBe(1);
  });

  it('is compiled for the values of its conditions, up to 16 of them, and then interpreted', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const operation = open(
      `query (${names.map((name) => `$${name}: Boolean!`)}) { ${names.map((name) => `${name} @include(if: $${name})`).join(' ')} }`,
    );
    for (let turn = 0; turn < 2; turn++)
      for (let bits = 0; bits < 32; bits++) {
        const chosen = names.filter((_, n) => bits & (1 << n));
        const given = Object.fromEntries(names.map((name) => [name, chosen.includes(name)]));
        const { data } = await run(operation, given);
        expect(Object.keys(data!)).toEqual(chosen);
      }
    expect(compilations()).toBe(16);
  });

  it('is compiled again when others took its room', async () => {
    const kept = createCompiledCode(10);
    const [one, other] = [open('{ a b c }', kept), open('{ a b c d }', kept)];
    for (const operation of [one, other, one]) await run(operation);
    expect(compilations()).toBe(2);
    await run(open('{ a b c e }', kept));
    await run(one); // Was asked for last, and is still there.
    expect(compilations()).toBe(3);
    await run(other);
    expect(compilations()).toBe(4);
  });

  it('counts in what is kept with the length of its document', async () => {
    const kept = createCompiledCode(1000);
    await run(open(`{ a } #${'x'.repeat(16_000)}`, kept));
    expect(kept.size).toBe(0);
    await run(open(`{ a } #${'x'.repeat(10_000)}`, kept));
    expect(kept.size).toBe(1);
  });

  it('is interpreted where compiling it would take fields without end', async () => {
    const deep = (depth: number): string => (depth === 0 ? 'id' : `others { ${deep(depth - 1)} }`);
    const { data } = await run(open(`{ thing { ${deep(9)} } }`));
    expect(compilations()).toBe(0);
    expect(JSON.stringify(data)).toContain('"id":"1"');
  });

  it('is interpreted where a variable is of a type that contains itself', async () => {
    const operation = open('query ($t: Tree) { tree(tree: $t) }');
    expect(await run(operation, { t: { left: {} } })).toEqual({
      data: { tree: '{"tree":{"left":{"name":"leaf"},"name":"leaf"}}' },
    });
    expect(compilations()).toBe(0);
  });

  it('keeps the default of an input field whose variable is not given', async () => {
    const operation = open('query ($t: String, $s: Int) { list(filter: { text: $t, size: $s }) }');
    for (const [given, filter] of [
      [{}, { text: 'any', size: 7 }],
      [
        { t: 'x', s: 1 },
        { text: 'x', size: 1 },
      ],
      [{ t: null }, { text: null, size: 7 }],
    ])
      expect(await run(operation, given)).toEqual({ data: { list: JSON.stringify({ first: 20, filter }) } });
  });
});

describe("a client's mistake that shows only when the operation runs", () => {
  const reported: unknown[] = [];
  const ask = createAsk(parts, { maskError: createMaskError((error) => reported.push(error)) });

  it.each([
    [
      'null for an argument with a default',
      'query ($n: Int) { a list(first: $n) }',
      { n: null },
      'Argument "first"',
    ],
    [
      'null in place of its own default',
      'query ($n: Int = 2) { list(first: $n) }',
      { n: null },
      'Argument "first"',
    ],
    [
      'null for an input field with a default',
      'query ($n: Int) { list(filter: { size: $n }) }',
      { n: null },
      'Argument "filter"',
    ],
    [
      'null for a condition',
      'query ($x: Boolean = true) { a b @include(if: $x) }',
      { x: null },
      'Argument "if"',
    ],
  ])('is told as such: %s', async (_what, query, variables, named) => {
    const { errors } = await ask({ query, variables });
    expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })]);
    expect(errors![0]!.message).toContain(named);
    expect(reported).toEqual([]);
  });

  it.each([100, 3000, 20_000])(
    'is told before anything recurses: a variable nested %d deep',
    async (depth) => {
      const ids = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
      const { errors } = await ask({
        query: 'query ($f: Filter) { list(filter: $f) }',
        variables: { f: ids },
      });
      expect(errors).toHaveLength(1);
      expect(errors![0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
      expect(errors![0]!.message).toMatch(/^Variable "\$f"/);
      expect(reported).toEqual([]);
    },
  );
});
