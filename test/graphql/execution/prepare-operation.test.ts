import { GraphQLError } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Identity } from '#src/access/identity.js';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import { BAD_DOCUMENT, createAsk, type Scope } from './ask.js';

const typeDefs = /* GraphQL */ `
  type Query { items(first: Int! = 5): [Item!]  fail: Int  refuse: Int  missing: [Item!]  mine: String }
  type Item { id: ID!  name: String! }
  type Mutation { change: Int }
`;
const run: string[] = [];
const reported: [message: string, requestId: string | undefined][] = [];
const resolvers = {
  Query: {
    items: (_root: unknown, { first }: { first: number }) => {
      run.push('items');
      return Array.from({ length: first }, (_, id) => ({ id: String(id) }));
    },
    fail: () => {
      throw new Error('secret');
    },
    refuse: () => {
      throw new GraphQLError('Not now.', { extensions: { code: 'NOT_NOW' } });
    },
    missing: () => [{ id: '1' }],
    mine: (_root: unknown, _args: unknown, { owner }: { owner: string }) => owner,
  },
  Mutation: { change: () => run.push('change') },
};
const maskError = createMaskError((error, requestId) => reported.push([(error as Error).message, requestId]));
const ask = createAsk({ typeDefs, resolvers }, { maxCost: 50, maskError });

let scope: Scope;
beforeEach(() => {
  run.length = 0;
  reported.length = 0;
  scope = { id: 'request-1', operation: null };
});

describe('an error', () => {
  it('of the kind that is hidden carries the id of the scope, in the answer and in the report', async () => {
    const extensions = { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' };
    expect(await ask({ query: '{ fail items(first: 1) { id } }' }, { scope })).toMatchObject({
      data: { fail: null, items: [{ id: '0' }] },
      errors: [{ message: 'Unexpected error.', path: ['fail'], extensions }],
    });
    expect(reported).toEqual([['secret', 'request-1']]);
  });

  it('that is made for clients is as it was made', async () => {
    expect(await ask({ query: '{ refuse }' }, { scope })).toMatchObject({
      errors: [{ message: 'Not now.', path: ['refuse'], extensions: { code: 'NOT_NOW' } }],
    });
    expect(reported).toEqual([]);
  });

  it('is null where there must be none, and hidden', async () => {
    expect(await ask({ query: '{ missing { name } }' }, { scope })).toMatchObject({
      data: { missing: null },
      errors: [
        {
          message: 'Unexpected error.',
          path: ['missing', 0, 'name'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' },
        },
      ],
    });
    expect(reported).toEqual([['Cannot return null for non-nullable field Item.name.', 'request-1']]);
  });
});

describe('a mutation', () => {
  it('runs by POST, and by GET is refused with 405 and not run', async () => {
    expect(await ask({ query: 'mutation { change }' })).toMatchObject({ data: { change: 1 } });
    run.length = 0;
    const both = 'query A { items(first: 0) { id } } mutation B { change }';
    for (const params of [{ query: 'mutation { change }' }, { query: both, operationName: 'B' }])
      expect(await ask(params, { method: 'GET' })).toEqual({
        errors: [
          {
            message: 'Can only perform a mutation operation from a POST request.',
            extensions: { code: 'BAD_REQUEST', http: { status: 405, headers: { Allow: 'POST' } } },
          },
        ],
      });
    expect(run).toEqual([]);
    await ask({ query: both, operationName: 'A' }, { method: 'GET' });
    expect(run).toEqual(['items']);
  });
});

describe('the notes of a request', () => {
  const named = 'query Some($n: Int! = 2) { items(first: $n) { id } }';

  it('say which operation it runs, since when, and what it costs', async () => {
    const before = performance.now();
    await ask({ query: named }, { scope });
    expect(scope.operation).toMatchObject({ kind: 'query', name: 'Some', cost: 3 });
    expect(scope.operation?.startedAt).toBeGreaterThanOrEqual(before);
    expect(scope.operation?.startedAt).toBeLessThanOrEqual(performance.now());
  });

  it('have the cost of what was refused for it', async () => {
    await ask({ query: named, variables: { n: 60 } }, { scope });
    expect(scope.operation).toMatchObject({ name: 'Some', cost: 61 });
  });

  it('have no cost where it was not counted', async () => {
    await ask({ query: named, variables: { n: 'x' } }, { scope });
    expect(scope.operation).toMatchObject({ name: 'Some', cost: undefined });
    const reader: Identity = { scope: 'read', collections: null };
    await ask({ query: 'mutation { change }' }, { scope, identity: reader });
    expect(scope.operation).toMatchObject({ kind: 'mutation', name: undefined, cost: undefined });
  });

  it.each([
    ['broken', { query: '{' }],
    ['not valid', { query: '{ nothing }' }],
    ['without the operation', { query: named, operationName: 'Other' }],
    ['a mutation by GET', { query: 'mutation { change }' }],
  ])('have no operation where the document is %s', async (_what, params) => {
    await ask(params, { scope, method: 'GET' });
    expect(scope.operation).toBeNull();
  });
});

describe('the context', () => {
  it('is made for each run, and only for what runs', async () => {
    let made = 0;
    const context = () => ({ owner: `number ${++made}` });
    for (const params of [
      { query: '{' },
      { query: '{ nothing }' },
      { query: 'query ($n: Int!) { items(first: $n) { id } }' },
      { query: '{ items(first: 90) { id } }' },
    ])
      expect((await ask(params, { context })).data).toBeUndefined();
    expect(made).toBe(0);
    for (const mine of ['number 1', 'number 2'])
      expect(await ask({ query: '{ mine }' }, { context })).toEqual({
        data: { mine },
        extensions: { cost: 1 },
      });
  });
});

describe('an operation with several faults', () => {
  it('is told that it may not before its variables are looked at, and of these before its cost', async () => {
    const query = 'mutation ($n: Boolean!) { change @skip(if: $n) }';
    const reader: Identity = { scope: 'read', collections: null };
    const codes = async (...asked: Parameters<typeof ask>) =>
      (await ask(...asked)).errors?.map(({ extensions }) => extensions);
    expect(await codes({ query }, { identity: reader })).toEqual([
      { code: 'FORBIDDEN', http: { status: 403 } },
    ]);
    const costly = 'query ($n: Int!, $m: Int!) { items(first: $n) { id } a: items(first: $m) { id } }';
    expect(await codes({ query: costly, variables: { n: 90, m: 'x' } })).toEqual([
      { code: 'BAD_USER_INPUT', http: BAD_DOCUMENT },
    ]);
    expect(await codes({ query: costly, variables: { n: 90, m: 1 } })).toEqual([
      { code: 'COST_LIMIT_EXCEEDED', cost: 93, limit: 50, http: BAD_DOCUMENT },
    ]);
    expect(run).toEqual([]);
  });
});

it('takes null for variables and for the name of the operation, as for none', async () => {
  const query = '{ items(first: 1) { id } }';
  expect(await ask({ query, variables: null, operationName: null })).toEqual({
    data: { items: [{ id: '0' }] },
    extensions: { cost: 2 },
  });
});
