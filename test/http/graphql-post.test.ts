import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../harness/gateway.js';

const HASH = 'ab'.repeat(32);

/** Bodies, by what they are. */
const BODIES: Record<string, unknown> = {
  'a query': { query: '{ services { name mode } }' },
  'a query with variables': {
    query: 'query Of($h: ContentHash!) { entry(contentHash: $h) { url } }',
    variables: { h: HASH },
    operationName: 'Of',
  },
  'a variable with a default': {
    query: 'query ($n: Int! = 2) { collections(first: $n) { nodes { name } } }',
  },
  'a mutation that fails as expected': {
    query: 'mutation { deleteEntry(contentHash: "zz") { __typename } }',
  },
  'an unknown collection': {
    query: '{ collection(collectionId: "nobody") { name images { nodes { id } } } }',
  },
  'a failing field beside one that does not fail': {
    query:
      '{ services { name } similar(to: { member: { collectionId: "none", imageId: "x" } }) { searches { status } } }',
  },
  'a bad argument': { query: '{ entries(first: 1000) { nodes { url } } }' },
  'a bad variable': {
    query: 'query ($h: ContentHash!) { entry(contentHash: $h) { url } }',
    variables: { h: 1 },
  },
  'a missing variable': { query: 'query ($h: ContentHash!) { entry(contentHash: $h) { url } }' },
  'an unknown field': { query: '{ servicez { name } }' },
  'a syntax error': { query: '{ services { name }' },
  'two operations and no name': { query: 'query A { services { name } } query B { services { mode } }' },
  'two operations and a name': {
    query: 'query A { services { name } } query B { services { mode } }',
    operationName: 'B',
  },
  'an unknown operation': { query: 'query A { services { name } }', operationName: 'Z' },
  'too deep a query': { query: `{ ${'a { '.repeat(50)} b ${'}'.repeat(50)} }` },
  'too long a query': { query: `{ services { name } } # ${'x'.repeat(200_000)}` },
  'too costly a query': {
    query:
      '{ entries(first: 100) { nodes { similar(first: 100) { entry { similar(first: 100) { entry { url } } } } } } }',
  },
  'a subscription': { query: 'subscription { services { name } }' },
  'a variable named like what every object has': {
    query: 'query ($toString: Int! = 1) { collections(first: $toString) { nodes { name } } }',
  },
  'an unknown parameter': { query: '{ services { name } }', wish: 1 },
  'a query that is no text': { query: 1 },
  'variables that are a list': { query: '{ services { name } }', variables: [] },
  'extensions that are a text': { query: '{ services { name } }', extensions: 'x' },
  'no query': {},
  'an empty query': { query: '' },
  'a batch': [{ query: '{ services { name } }' }],
  null: null,
  'a text': 'x',
};

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

async function post(text: string, accept: string) {
  const headers = { 'content-type': 'application/json', accept };
  const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body: text });
  const { status } = response;
  const body = JSON.parse((await response.text()) || 'null');
  return { status, contentType: response.headers.get('content-type'), body };
}

/** Yoga drops where in the query the error of a resolver arose. */
function withoutLocations({ body, ...rest }: Awaited<ReturnType<typeof post>>) {
  return {
    ...rest,
    body: { ...body, errors: body.errors?.map((error: object) => ({ ...error, locations: null })) },
  };
}

// A parameter of the media type is what only Yoga's own handling understands.
describe.each(['application/json', 'application/graphql-response+json'])('an answer in %s', (mediaType) => {
  it.each(Object.entries(BODIES))('to %s is that of Yoga', async (_name, body) => {
    const text = JSON.stringify(body);
    const answer = await post(text, mediaType);
    const expected = await post(text, `${mediaType};charset=utf-8`);
    expect(withoutLocations(answer)).toEqual(withoutLocations(expected));
    expect(answer.contentType).toBe(`${mediaType}; charset=utf-8`);
  });

  it.each(['', '{', '\u0000'])('to the body %j is that of Yoga', async (body) => {
    const expected = await post(body, `${mediaType};charset=utf-8`);
    expect(await post(body, mediaType)).toEqual(expected);
  });
});

describe('the media type of an answer', () => {
  it.each([
    ['*/*', 'application/json'],
    ['application/json, text/event-stream', 'application/json'],
    ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json'],
    ['application/json;q=0.1, application/graphql-response+json', 'application/json'],
    ['text/event-stream, application/json', 'application/json'],
  ])('is, for %s, %s', async (accept, mediaType) => {
    const { contentType } = await post(JSON.stringify({ query: '{ services { name } }' }), accept);
    expect(contentType).toBe(`${mediaType}; charset=utf-8`);
  });

  it('comes with the place of an error in the query', async () => {
    const { body } = await post(JSON.stringify(BODIES['a bad argument']), 'application/json');
    expect(body.errors).toEqual([expect.objectContaining({ locations: [{ line: 1, column: 3 }] })]);
  });

  it('is none for a client that takes no JSON', async () => {
    const { status } = await post(JSON.stringify({ query: '{ services { name } }' }), 'text/html');
    expect(status).toBe(406);
  });
});
