import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTrusted } from '#src/graphql/trusted-documents.js';
import { type Answer, createRun } from './execution/ask.js';
import { resultOf, type StepsServer, serveSteps, WAYS } from './serve-steps.js';

const typeDefs = 'type Query { echo(text: String): String }';
const resolvers = { Query: { echo: (_root: unknown, { text }: { text: string }) => text } };
const known = 'query ($text: String) { echo(text: $text) }';
const run = createRun({ typeDefs, resolvers });
const variables = { text: 'x' };

let server: StepsServer;
beforeAll(async () => {
  server = await serveSteps({
    findDocument: findTrusted(new Map([['abc', known]])),
    run: (params, method) => run(params, { method }),
  });
});
afterAll(() => server.close());

/** Asks either way, which must give the same. */
async function ask(params: object) {
  const answers = await Promise.all(Object.values(WAYS).map((accept) => askFor(accept, params)));
  expect(answers[0]).toEqual(answers[1]);
  return answers[0]!;
}

async function askFor(accept: string, params: object) {
  const headers = { 'content-type': 'application/json', accept };
  const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify(params) });
  const { data, errors }: Answer = await resultOf(response);
  return { status: response.status, data, errors };
}

describe('a trusted document', () => {
  const ways: [way: string, params: object][] = [
    ['documentId', { documentId: 'abc' }],
    ["Apollo's hash", { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } }],
    ['its exact text', { query: known }],
    ["its text and Apollo's hash", { query: known, extensions: { persistedQuery: { sha256Hash: 'abc' } } }],
  ];
  for (const [way, params] of ways) {
    it(`runs when it is named by ${way}`, async () => {
      expect(await ask({ ...params, variables })).toEqual({ status: 200, data: { echo: 'x' } });
    });
  }

  it('runs when a GET request names it', async () => {
    const extensions = encodeURIComponent('{"persistedQuery":{"sha256Hash":"abc"}}');
    for (const named of ['documentId=abc', `extensions=${extensions}`]) {
      const response = await fetch(`${server.url}?${named}&variables={"text":"x"}`, {
        headers: { accept: 'application/json' },
      });
      expect(await response.json()).toEqual({ data: { echo: 'x' }, extensions: { cost: 1 } });
    }
  });
});

describe('anything else', () => {
  const others: [what: string, params: object][] = [
    ['another text', { query: '{ echo }' }],
    ['the text of one with a space more', { query: `${known} ` }],
    ['introspection', { query: '{ __schema { queryType { name } } }' }],
    ['another text under the id of one', { documentId: 'abc', query: '{ echo }' }],
    ['an unknown id', { documentId: 'abd' }],
    // Of one that is "not found" or "not supported", a client would send the text.
    ['an unknown hash', { extensions: { persistedQuery: { version: 1, sha256Hash: 'abd' } } }],
    ['a name that every object has', { documentId: 'constructor' }],
    ['an id that is no text', { documentId: { toString: 'abc' } }],
    ['nothing at all', {}],
    ['extensions without a hash', { extensions: { persistedQuery: null } }],
  ];
  for (const [what, params] of others) {
    it(`is refused: ${what}`, async () => {
      const { status, data, errors } = await ask({ ...params, variables });
      expect([status, data, errors?.map(({ extensions }) => extensions)]).toEqual([
        403,
        undefined,
        [{ code: 'DOCUMENT_NOT_TRUSTED' }],
      ]);
    });
  }
});
