import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  createClient,
  EntryByUrlDocument,
  type EntryByUrlQuery,
  LookalikeError,
  ServicesDocument,
  SimilarDocument,
} from '#src/client/index.js';
import { fakeFetch } from './fake-fetch.js';

const url = 'http://gateway/graphql';

describe('request', () => {
  it('posts the document with its variables and resolves to the data', async () => {
    const { fetch, sent } = fakeFetch({ data: { entryByUrl: null } });
    const data = await createClient({ url, fetch }).request(EntryByUrlDocument, { url: 'https://a/b.png' });
    expectTypeOf(data).toEqualTypeOf<EntryByUrlQuery>();
    expect(data).toEqual({ entryByUrl: null });
    expect(sent).toHaveLength(1);
    expect(sent[0]!.url).toBe(url);
    expect(sent[0]!.init).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(sent[0]!.init.body)).toEqual({
      query: EntryByUrlDocument,
      variables: { url: 'https://a/b.png' },
    });
  });

  it('takes plain text as a document', async () => {
    const { fetch } = fakeFetch({ data: { __typename: 'Query' } });
    const data = await createClient({ url, fetch }).request<{ __typename: string }, object>('{ __typename }');
    expect(data).toEqual({ __typename: 'Query' });
  });

  it('sends headers given as fields and headers given as a function, which it asks each time', async () => {
    const { fetch, sent } = fakeFetch({ data: { services: [] } });
    await createClient({ url, fetch, headers: { authorization: 'A' } }).request(ServicesDocument);
    let token = 0;
    const client = createClient({ url, fetch, headers: async () => ({ authorization: `${++token}` }) });
    await client.request(ServicesDocument);
    await client.request(ServicesDocument);
    expect(sent.map(({ init }) => init.headers.authorization)).toEqual(['A', '1', '2']);
  });

  it('rejects with the code, the status and all the errors of a refused request', async () => {
    const errors = [
      { message: 'first: 1 to 100.', extensions: { code: 'BAD_USER_INPUT' } },
      { message: 'And more.' },
    ];
    const { fetch } = fakeFetch({ errors }, 400);
    const error = await failure(createClient({ url, fetch }).request(ServicesDocument));
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', message: 'first: 1 to 100.', status: 400, errors });
    expect(error.data).toBeUndefined();
  });

  it('gives an error without a code one of its own', async () => {
    const { fetch } = fakeFetch({ errors: [{ message: 'Syntax Error' }] }, 400);
    expect(await failure(createClient({ url, fetch }).request('{'))).toMatchObject({ code: 'GRAPHQL_ERROR' });
  });

  describe('with an answer of which a part failed', () => {
    const data = { similar: { perceptualHash: null, entries: [], images: null, matches: [], searches: [] } };
    const errors = [
      {
        message: 'VisualSnoop cannot be reached.',
        path: ['similar', 'images'],
        extensions: { code: 'SERVICE_UNAVAILABLE' },
      },
    ];
    const to = { perceptualHash: '0123456789abcdef' };

    it('rejects, with the data in the error', async () => {
      const { fetch } = fakeFetch({ data, errors });
      const error = await failure(createClient({ url, fetch }).request(SimilarDocument, { to }));
      expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', data, errors });
    });

    it('resolves to the data when onPartial takes the error', async () => {
      const { fetch } = fakeFetch({ data, errors });
      const taken: LookalikeError[] = [];
      const onPartial = (error: LookalikeError) => taken.push(error);
      expect(await createClient({ url, fetch }).request(SimilarDocument, { to }, { onPartial })).toEqual(
        data,
      );
      expect(taken).toMatchObject([{ code: 'SERVICE_UNAVAILABLE', errors }]);
    });

    it('rejects in spite of onPartial when nothing is left', async () => {
      const { fetch } = fakeFetch({ data: { similar: null }, errors });
      const onPartial = () => expect.unreachable();
      const answer = createClient({ url, fetch }).request(SimilarDocument, { to }, { onPartial });
      expect(await failure(answer)).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    });
  });

  for (const [what, text] of [
    ['a page of a proxy', '<html>Bad Gateway</html>'],
    ['JSON that is no GraphQL', { error: 'There is nothing here.' }],
    ['nothing', ''],
  ] as const)
    it(`rejects ${what} as a bad response`, async () => {
      const { fetch } = fakeFetch(text, 502);
      const error = await failure(createClient({ url, fetch }).request(ServicesDocument));
      expect(error).toMatchObject({ code: 'BAD_RESPONSE', status: 502, errors: [] });
    });

  it('rejects a failed connection as a network error with its cause', async () => {
    const cause = new TypeError('fetch failed');
    const fetch = () => Promise.reject(cause);
    const error = await failure(createClient({ url, fetch }).request(ServicesDocument));
    expect(error).toMatchObject({ code: 'NETWORK_ERROR', cause, status: undefined });
  });

  it('tells a page of another origin what the gateway may lack', async () => {
    const page = new URL('http://localhost:5173/gallery');
    vi.stubGlobal('location', page);
    try {
      const fetch = () => Promise.reject(new TypeError('Failed to fetch'));
      const messageFor = async (address: string) =>
        ((await failure(createClient({ url: address, fetch }).request(ServicesDocument))) as Error).message;
      expect(await messageFor('http://127.0.0.1:4000/graphql')).toMatch(
        /LOOKALIKE_CORS_ORIGINS=http:\/\/localhost:5173\?$/,
      );
      for (const address of ['/graphql', 'http://localhost:5173/graphql', 'http://'])
        expect(await messageFor(address)).not.toContain('LOOKALIKE_CORS_ORIGINS');
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('rejects with the reason of its signal', async () => {
    const reason = new Error('The user went away.');
    const controller = new AbortController();
    const fetch = (_url: string, { signal }: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        if (signal?.aborted) reject(signal.reason);
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    const answer = createClient({ url, fetch }).request(ServicesDocument, {}, { signal: controller.signal });
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });
});

async function failure(answer: Promise<unknown>): Promise<LookalikeError> {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LookalikeError);
  return error as LookalikeError;
}
