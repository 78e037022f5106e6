import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { useOperations } from '#src/graphql/use-operations.js';
import { useTrustedDocuments } from '#src/graphql/use-trusted-documents.js';
import { type Answer, createRun } from './execution/ask.js';

const typeDefs = 'type Query { echo(text: String): String }';
const resolvers = { Query: { echo: (_root: unknown, { text }: { text: string }) => text } };
const known = 'query ($text: String) { echo(text: $text) }';
const run = createRun({ typeDefs, resolvers });
const yoga = createYoga({
  plugins: [
    useTrustedDocuments({ documents: new Map([['abc', known]]) }),
    useOperations({ run: (params, method) => run(params, { method }) }),
  ],
  logging: false,
});
const variables = { text: 'x' };

async function ask(params: object) {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const body = JSON.stringify(params);
  const response = await yoga.fetch('http://yoga/graphql', { method: 'POST', headers, body });
  const { data, errors } = (await response.json()) as Answer;
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
      const response = await yoga.fetch(`http://yoga/graphql?${named}&variables={"text":"x"}`, {
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
