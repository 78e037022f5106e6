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
  'an empty name of an operation': { query: '{ services { name } }', operationName: '' },
  'two operations and an empty name': {
    query: 'query A { services { name } } query B { services { mode } }',
    operationName: '',
  },
  'the hash of a query without its text': {
    extensions: { persistedQuery: { version: 1, sha256Hash: HASH } },
  },
  'the hash of a query with its text': {
    query: '{ services { name } }',
    extensions: { persistedQuery: { version: 1, sha256Hash: HASH } },
  },
  'a long bad variable': {
    query: 'query ($h: ContentHash!) { entry(contentHash: $h) { url } }',
    variables: { h: 'x'.repeat(5000) },
  },
  'a long unknown field': { query: `{ ${'x'.repeat(5000)} }` },
  'a long unknown parameter': { query: '{ services { name } }', ['x'.repeat(5000)]: 1 },
  'a file that is none': {
    query: 'query ($f: Upload!) { similar(to: { image: { upload: $f } }) { perceptualHash } }',
    variables: { f: 'x.jpg' },
  },
  'a file that is null': {
    query: 'query ($f: Upload) { similar(to: { image: { upload: $f } }) { perceptualHash } }',
    variables: { f: null },
  },
  'a variable named like what every object has': {
    query: 'query ($toString: Int! = 1) { collections(first: $toString) { nodes { name } } }',
  },
  'an unknown parameter': { query: '{ services { name } }', wish: 1 },
  'a query that is no text': { query: 1 },
  'variables that are a list': { query: '{ services { name } }', variables: [] },
  'extensions that are a text': { query: '{ services { name } }', extensions: 'x' },
  'no query': {},
  'an empty query': { query: '' },
  null: null,
  'a text': 'x',
};

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

async function answerTo(query: string, init: RequestInit) {
  const response = await fetch(`${gateway.url}/graphql${query}`, init);
  const { status } = response;
  const text = await response.text();
  // An answer as a stream has one event of data.
  const body = JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? text);
  return { status, contentType: response.headers.get('content-type'), body };
}

const post = (text: string, accept: string) =>
  answerTo('', { method: 'POST', headers: { 'content-type': 'application/json', accept }, body: text });

/** The other ways, of which Yoga goes the last. */
const otherWays = {
  form(text: string, accept: string) {
    const body = new FormData();
    body.set('operations', text);
    body.set('map', '{}');
    return answerTo('', { method: 'POST', headers: { 'apollo-require-preflight': '1', accept }, body });
  },
  address(params: object, accept: string) {
    const texts = Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' && name !== 'extensions' ? value : JSON.stringify(value),
    ]);
    return answerTo(`?${new URLSearchParams(texts)}`, { headers: { accept } });
  },
  stream: (text: string) => post(text, 'text/event-stream'),
};

/** Yoga drops where in the query the error of a resolver arose. */
function withoutLocations({ body, ...rest }: Awaited<ReturnType<typeof post>>) {
  return {
    ...rest,
    body: { ...body, errors: body.errors?.map((error: object) => ({ ...error, locations: null })) },
  };
}

const isObject = (body: unknown): body is Record<string, unknown> =>
  typeof body === 'object' && body !== null;

/** An address has these parameters alone, an empty one as if it were not there, and runs no mutation. */
function fitsAddress(body: unknown): body is Record<string, unknown> {
  if (!isObject(body)) return false;
  const { query = 'none', variables, operationName, extensions, ...others } = body;
  return typeof query === 'string' && /^(?!mutation|$)/.test(query) && Object.keys(others).length === 0;
}

describe.each(['application/json', 'application/graphql-response+json'])('an answer in %s', (mediaType) => {
  it.each(Object.entries(BODIES))('to %s is the same by all ways', async (_name, body) => {
    const text = JSON.stringify(body);
    const answer = withoutLocations(await post(text, mediaType));
    if (isObject(body)) expect(answer).toEqual(withoutLocations(await otherWays.form(text, mediaType)));
    if (fitsAddress(body)) expect(answer).toEqual(withoutLocations(await otherWays.address(body, mediaType)));
    expect(answer.body).toEqual(withoutLocations(await otherWays.stream(text)).body);
    expect(answer.contentType).toBe(`${mediaType}; charset=utf-8`);
  });

  it.each(['', '{', '\u0000'])('to the body %j is that of Yoga', async (body) => {
    const { status, body: answer } = await post(body, mediaType);
    const expected = await otherWays.stream(body);
    expect([status, answer]).toEqual([expected.status, expected.body]);
  });

  it('repeats at most 200 characters of what was sent', async () => {
    for (const name of ['a long bad variable', 'a long unknown field', 'a long unknown parameter']) {
      const { body } = await post(JSON.stringify(BODIES[name]), mediaType);
      expect([name, body.errors[0].message.match(/x/g).length <= 200]).toEqual([name, true]);
    }
    const input = `{ collectionId: "${'x'.repeat(5000)}", imageId: "a" }`;
    const query = `mutation { deleteImage(input: ${input}) { ... on NotFoundError { message } } }`;
    const { body } = await post(JSON.stringify({ query }), mediaType);
    expect(body.data.deleteImage.message.match(/x/g).length).toBeLessThanOrEqual(200);
  });
});

describe('the media type of an answer', () => {
  it.each([
    ['*/*', 'application/json'],
    ['application/json, text/event-stream', 'application/json'],
    ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json'],
    ['application/json;q=0.1, application/graphql-response+json', 'application/graphql-response+json'],
    ['application/json;q=0, */*', 'application/graphql-response+json'],
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
    const { status, body } = await post(JSON.stringify({ query: '{ services { name } }' }), 'text/html');
    expect([status, body.errors[0].extensions.code]).toEqual([406, 'NOT_ACCEPTABLE']);
  });
});
