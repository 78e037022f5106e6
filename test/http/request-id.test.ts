import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { golden, multipart, picture, startGateway, type TestGateway } from '../harness/gateway.js';

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;
const { blake2b256: hash } = golden('photos/03-fig.jpg');
const ORIGIN = 'https://page.example';

let gateway: TestGateway;
let guarded: TestGateway;
const told: [error: unknown, requestId: string | undefined][] = [];

beforeAll(async () => {
  gateway = await startGateway(
    { corsOrigins: [ORIGIN] },
    { onError: (error, requestId) => told.push([error, requestId]) },
  );
  guarded = await startGateway({
    apiKeys: [{ scope: 'read', digest: Buffer.alloc(32), collections: null }],
  });
  const input = { url: 'https://x.example/fig', clientName: 'test', image: { upload: null } };
  const query = 'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }';
  await gateway.upload(query, { input }, { 'input.image.upload': picture('photos/03-fig.jpg') });
});
afterAll(async () => {
  await gateway.close();
  await guarded.close();
});

/** Past fetch, which refuses some of these headers. */
async function idOf(
  path: string,
  {
    url = gateway.url,
    method = 'GET',
    headers = {},
    body = '',
  }: { url?: string; method?: string; headers?: Record<string, string | string[]>; body?: string } = {},
): Promise<[status: number, id: string | undefined]> {
  const { hostname, port } = new URL(url);
  const asked = request({ hostname, port, path, method, headers });
  asked.end(body);
  const [response] = await once(asked, 'response');
  response.resume();
  await once(response, 'end');
  return [response.statusCode, response.headers['x-request-id']];
}

describe('The id of a request', () => {
  for (const id of ['a', '7c1d0d1e-2d9c-4b57-8f5c-58d1a0f1e2b3', 'web:42_a.b-c', 'x'.repeat(128)])
    it(`is the one that its client sends: ${id.slice(0, 40)}`, async () => {
      expect(await idOf('/health', { headers: { 'X-Request-Id': id } })).toEqual([200, id]);
    });

  const unsafe: [what: string, id: string | string[]][] = [
    ['an empty one', ''],
    ['a long one', 'x'.repeat(129)],
    ['one with a space', 'a b'],
    ['one with a quote', 'a"b'],
    ['one beyond ASCII', 'ä'],
    ['two', ['a', 'b']],
  ];
  for (const [what, id] of unsafe)
    it(`is a new one in the place of ${what}`, async () => {
      const [status, own] = await idOf('/health', { headers: { 'X-Request-Id': id } });
      expect(status).toBe(200);
      expect(own).toMatch(UUID);
    });

  it('is a new one where none is sent', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await idOf('/health'))[1]));
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(20);
  });

  const json = { 'content-type': 'application/json' };
  const answers: [what: string, status: number, path: string, options?: Parameters<typeof idOf>[1]][] = [
    ['a query', 200, '/graphql', { method: 'POST', headers: json, body: '{"query":"{__typename}"}' }],
    ['a query that is none', 400, '/graphql', { method: 'POST', headers: json, body: '{' }],
    ['another method', 405, '/graphql', { method: 'PUT', headers: json }],
    ['GraphiQL', 200, '/graphql', { headers: { accept: 'text/html' } }],
    ['a possible forgery', 403, '/graphql', { method: 'POST', headers: { 'content-type': 'text/plain' } }],
    [
      'a preflight',
      204,
      '/graphql',
      { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': 'POST' } },
    ],
    [
      'a preflight of files',
      204,
      '/files/x',
      { method: 'OPTIONS', headers: { 'access-control-request-method': 'GET' } },
    ],
    ['a file', 200, `/files/${hash}`],
    ['a file that is known', 304, `/files/${hash}`, { headers: { 'if-none-match': '*' } }],
    ['a part beyond a file', 416, `/files/${hash}`, { headers: { range: 'bytes=99999999-' } }],
    ['a file that is not there', 404, '/files/x'],
    ["imgcache's protocol", 200, `/imgcache/images/meta/${hash}`],
    ["bytes by imgcache's protocol", 200, `/imgcache/images/${hash}`],
    ["a list by imgcache's protocol", 200, '/imgcache/images/search?url_contains=fig'],
    ["a refusal by imgcache's protocol", 422, '/imgcache/images/similar?perceptual_hash=x'],
    [
      'a form of another site',
      403,
      '/imgcache/images',
      { method: 'POST', headers: { origin: 'https://else.example' } },
    ],
    ["VisualSnoop's protocol", 401, '/visualsnoop/api/v1/images'],
    ['readiness', 200, '/ready'],
    ['the root', 302, '/'],
    ['nothing', 404, '/nothing'],
  ];
  for (const [what, status, path, options] of answers)
    it(`comes with the answer to ${what}`, async () => {
      const headers = { ...options?.headers, 'x-request-id': 'mine' };
      expect(await idOf(path, { ...options, headers })).toEqual([status, 'mine']);
    });

  it('comes with a refusal of who has no key', async () => {
    for (const path of ['/graphql', '/files/x', '/imgcache/health', '/metrics'])
      expect(await idOf(path, { url: guarded.url, headers: { 'x-request-id': 'mine' } })).toEqual([
        401,
        'mine',
      ]);
  });

  it('comes with the answer to an upload', async () => {
    const body = multipart(
      'query ($to: SimilarToInput!) { similar(to: $to) { perceptualHash } }',
      { to: { image: { upload: null } } },
      { 'to.image.upload': picture('photos/03-fig.jpg') },
    );
    const headers = { 'apollo-require-preflight': '1', 'x-request-id': 'mine' };
    const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', body, headers });
    expect(answer.headers.get('x-request-id')).toBe('mine');
  });

  it('may be sent and read by the pages of allowed origins', async () => {
    const headers = {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-request-id',
    };
    const preflight = await fetch(`${gateway.url}/graphql`, { method: 'OPTIONS', headers });
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/\bx-request-id\b/);
    const answer = await fetch(`${gateway.url}/files/${hash}`, { headers: { origin: ORIGIN } });
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/\bx-request-id\b/);
  });
});

it('An unexpected error is reported with the id that its client can name', async () => {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(gateway.url + path, {
      ...init,
      headers: { ...init.headers, 'x-request-id': `of ${path}`.replace(/\W/g, '-').slice(0, 40) },
    });
  rmSync(join(gateway.dataDir, 'blobs', hash.slice(0, 2)), { recursive: true });
  const query = `{ similar(to: { contentHash: "${hash}" }) { images { rank } } }`;
  const answers = [
    await ask(`/files/${hash}`),
    await ask(`/imgcache/images/${hash}`),
    await ask('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([500, 500, 200]);
  const ids = answers.map(({ headers }) => headers.get('x-request-id'));
  expect(told.map(([, requestId]) => requestId)).toEqual(ids);
  expect(await answers[2]!.json()).toMatchObject({
    errors: [
      { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: ids[2] } },
    ],
  });
});
