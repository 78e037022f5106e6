import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPersisted } from '#src/graphql/persisted-queries.js';
import { type Answer, createRun } from './execution/ask.js';
import { resultOf, type StepsServer, serveSteps, WAYS } from './serve-steps.js';

const run = createRun({
  typeDefs: 'type Query { echo(text: String): String }',
  resolvers: { Query: { echo: (_root: unknown, { text }: { text: string }) => text } },
});
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const persistedQuery = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});

describe.each(Object.entries(WAYS))('by %s', (way, accept) => {
  let server: StepsServer;
  beforeAll(async () => {
    server = await serveSteps({ run: (params, method) => run(params, { method }) });
  });
  afterAll(() => server.close());

  async function ask(params: object, method: 'GET' | 'POST' = 'POST') {
    const texts = Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    const response =
      method === 'GET'
        ? await fetch(`${server.url}?${new URLSearchParams(texts)}`, { headers: { accept } })
        : await fetch(server.url, {
            method,
            headers: { 'content-type': 'application/json', accept },
            body: JSON.stringify(params),
          });
    const { data, errors }: Answer = await resultOf(response);
    return { status: response.status, data, errors };
  }

  it.each(['GET', 'POST'] as const)('a hash names the text that came with it, by %s', async (method) => {
    const query = `query ($text: String) { echo(text: $text) } # ${way} ${method}`;
    const named = persistedQuery(sha256(query));
    const unknown = await ask(named, method);
    expect(unknown.errors).toEqual([
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ]);
    const variables = { text: 'x' };
    for (const params of [{ ...named, query }, named])
      expect(await ask({ ...params, variables }, method)).toEqual({ status: 200, data: { echo: 'x' } });
  });

  it.each([
    ['another hash', sha256('{ echo }')],
    ['a hash in upper case', sha256('{ echo(text: "y") }').toUpperCase()],
  ])('a text with %s is refused with 400, and not kept', async (_what, hash) => {
    const refused = await ask({ ...persistedQuery(hash), query: '{ echo(text: "y") }' });
    expect([refused.status, refused.errors?.map(({ extensions }) => extensions)]).toEqual([
      400,
      [{ code: 'PERSISTED_QUERY_MISMATCH' }],
    ]);
    const after = await ask(persistedQuery(hash));
    expect(after.errors?.[0]?.message).toBe('PersistedQueryNotFound');
  });

  it.each([
    ['version', persistedQuery(sha256('{ echo }'), 2)],
    ['sha256Hash', persistedQuery(5)],
    ['version', { extensions: { persistedQuery: 'x' } }],
  ])('a bad %s is refused with 400', async (name, params) => {
    for (const query of [undefined, '{ echo }']) {
      const { status, errors } = await ask({ ...params, query });
      expect([status, errors]).toEqual([
        400,
        [{ message: expect.stringContaining(name), extensions: { code: 'BAD_REQUEST' } }],
      ]);
    }
  });
});

it('an unknown hash has the status 200 for clients of application/json, which read no other', async () => {
  const server = await serveSteps({ run: async () => ({ data: null }) });
  const body = JSON.stringify(persistedQuery(sha256('{ never }')));
  const statuses = [];
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const headers = { 'content-type': 'application/json', accept };
    statuses.push((await fetch(server.url, { method: 'POST', headers, body })).status);
  }
  server.close();
  expect(statuses).toEqual([200, 400]);
});

describe('the store of texts', () => {
  const remember = (find: ReturnType<typeof findPersisted>, query: string) =>
    find({ ...persistedQuery(sha256(query)), query });
  function isKept(find: ReturnType<typeof findPersisted>, query: string): boolean {
    try {
      return find(persistedQuery(sha256(query))).query === query;
    } catch (error) {
      if (error instanceof GraphQLError && error.message === 'PersistedQueryNotFound') return false;
      throw error;
    }
  }

  it('holds at most so many texts and characters, and what was used last', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 30 }), { maxLength: 40 }), (queries) => {
        const find = findPersisted({ maxQueries: 5, maxCharacters: 60 });
        for (const query of queries) remember(find, query);
        const kept = [...new Set(queries)].filter((query) => isKept(find, query));
        expect(kept.length).toBeLessThanOrEqual(5);
        expect(kept.join('').length).toBeLessThanOrEqual(60);
        const last = queries.at(-1);
        if (last) expect(kept).toContain(last);
      }),
    );
  });

  it('holds no text that is too long to run', () => {
    const find = findPersisted();
    const long = `{ a } #${'x'.repeat(100_000)}`;
    remember(find, long);
    expect(isKept(find, long)).toBe(false);
  });
});
