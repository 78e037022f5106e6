import { setTimeout } from 'node:timers/promises';
import { createSchema } from 'graphql-yoga';
import { beforeEach, describe, expect, it } from 'vitest';
import { anonymous } from '#src/access/identity.js';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import { createPrepareOperation } from '#src/graphql/execution/prepare-operation.js';
import { noteOfBatch, runBatch } from '#src/graphql/execution/run-batch.js';

const journal: string[] = [];
beforeEach(() => {
  journal.length = 0;
});

/** Takes time, so that what runs at once is seen. */
async function act(name: string): Promise<string> {
  journal.push(`${name} begins`);
  await setTimeout(5);
  journal.push(`${name} ends`);
  return name;
}

const MAX_COST = 20;
const prepareOperation = createPrepareOperation<object>({
  schema: createSchema({
    typeDefs:
      'type Query { read(name: String!): String items(first: Int! = 5): [Item] } type Item { id: ID } type Mutation { change(name: String!): String }',
    resolvers: {
      Query: {
        read: (_root: unknown, { name }: { name: string }) => act(name),
        items: () => [],
      },
      Mutation: { change: (_root: unknown, { name }: { name: string }) => act(name) },
    },
  }),
  maxCost: MAX_COST,
  introspection: true,
  maskError: createMaskError(() => {}),
});

function prepare(queries: readonly string[]) {
  const origin = { method: 'POST', identity: anonymous, requestId: 'test', context: () => ({}) };
  return queries.map((query) => prepareOperation({ query }, origin));
}

async function run(queries: readonly string[]) {
  const finished: unknown[] = [];
  const results = await runBatch(prepare(queries), {
    maxCost: MAX_COST,
    finish(result, note) {
      finished.push(note?.kind ?? null);
      return result;
    },
  });
  return { results: JSON.parse(JSON.stringify(results)), finished };
}

const read = (name: string) => `{ read(name: "${name}") }`;
const change = (name: string) => `mutation { change(name: "${name}") }`;
const items = (first: number) => `{ items(first: ${first}) { id } }`;

describe('a batch', () => {
  it('of queries runs all at once', async () => {
    const { results } = await run([read('a'), read('b')]);
    expect(results.map(({ data }: { data: unknown }) => data)).toEqual([{ read: 'a' }, { read: 'b' }]);
    expect(journal.slice(0, 2)).toEqual(['a begins', 'b begins']);
  });

  it('with a mutation runs one after the other, in their order', async () => {
    const { finished } = await run([read('a'), change('b'), read('c')]);
    expect(journal).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(finished).toEqual(['query', 'mutation', 'query']);
  });

  it('gives what fails its errors, and the others their data', async () => {
    const { results } = await run([read('a'), '{ nothing }', '{', items(30)]);
    expect(
      results.map(({ errors }: { errors?: { extensions: object }[] }) => errors?.[0]?.extensions),
    ).toEqual([
      undefined,
      expect.objectContaining({ code: 'GRAPHQL_VALIDATION_FAILED' }),
      expect.objectContaining({ code: 'GRAPHQL_PARSE_FAILED' }),
      expect.objectContaining({ code: 'COST_LIMIT_EXCEEDED', cost: 31, limit: MAX_COST }),
    ]);
    expect(results[0]).toEqual({ data: { read: 'a' }, extensions: { cost: 1 } });
  });

  it('may cost as much as one operation; beyond that nothing runs', async () => {
    const allowed = await run([items(9), items(9)]);
    expect(allowed.results.every(({ data }: { data?: unknown }) => data)).toBe(true);
    const { results } = await run([items(9), read('a'), '{', items(9)]);
    const cost = 21;
    const tooCostly = {
      errors: [
        {
          message: expect.stringContaining(`The operations of the batch may cost ${cost} together`),
          extensions: expect.objectContaining({ code: 'COST_LIMIT_EXCEEDED', cost, limit: MAX_COST }),
        },
      ],
    };
    expect([results[0], results[1], results[3]]).toEqual([tooCostly, tooCostly, tooCostly]);
    expect(results[2].errors[0].extensions.code).toBe('GRAPHQL_PARSE_FAILED');
    expect(journal).toEqual([]);
  });

  it('is noted with the cost of what runs, and as a mutation where it has one', () => {
    expect(noteOfBatch(prepare([items(9), items(30), read('a')]))).toMatchObject({ kind: 'query', cost: 11 });
    expect(noteOfBatch(prepare([read('a'), change('b')]))).toMatchObject({
      kind: 'mutation',
      name: undefined,
    });
    expect(noteOfBatch(prepare(['{']))).toBeNull();
  });
});
