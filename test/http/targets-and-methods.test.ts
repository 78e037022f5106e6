import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAuthorization } from '#src/services/visualsnoop-signature.js';
import { rawRequest } from '../fakes/raw-request.js';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';

const { blake2b256: hash } = golden('photos/03-fig.jpg');
const QUERY = '/graphql?query=%7B__typename%7D';
const accept = 'application/json';

let gateway: TestGateway;
let keys: { publicKey: string; secretKey: string };
beforeAll(async () => {
  gateway = await startGateway({ corsOrigins: ['https://page.example'] });
  const input = { url: 'https://x.example/fig', clientName: 'test', image: { upload: null } };
  await gateway.upload(
    'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }',
    { input },
    { 'input.image.upload': picture('photos/03-fig.jpg') },
  );
  const { data } = await gateway.graphql(
    'mutation { createCollection(input: { name: "a" }) { ... on CreateCollectionSuccess { publicKey secretKey } } }',
  );
  keys = data.createCollection;
});
afterAll(() => gateway.close());

const send = (method: string, target: string, headers: Record<string, string> = {}) =>
  rawRequest(gateway.url, { method, target, headers });

describe('a Host', () => {
  it.each(['x:99999', 'a b', '[::1', 'a/b', 'a@b:c'])('that names no host is refused: %s', async (host) => {
    for (const path of ['/health', QUERY]) {
      const { status, body } = await send('GET', path, { accept, host });
      expect([path, status]).toEqual([path, 400]);
      expect(JSON.parse(body.toString())).toEqual({ error: 'The Host header names no host.' });
    }
  });

  it.each(['', 'pictures.example:8443', '[::1]:4000', 'bücher.example'])(
    'is taken as it is: %s',
    async (host) => {
      for (const path of ['/health', QUERY])
        expect((await send('GET', path, { accept, host })).status).toBe(200);
    },
  );
});

describe('the absolute form of a target', () => {
  const hosts = [
    'http://pictures.example',
    'HTTPS://pictures.example:8443',
    'http://me:secret@pictures.example',
  ];
  const paths = ['/health', '/ready', '/metrics', QUERY, `/files/${hash}`, `/imgcache/images/meta/${hash}`];
  it.each(paths)('is answered as its path is: %s', async (path) => {
    for (const host of hosts)
      expect([host, (await send('GET', `${host}${path}`, { accept })).status]).toEqual([host, 200]);
  });

  it('may have no path', async () => {
    for (const target of ['http://pictures.example', 'http://pictures.example?a=b'])
      expect((await send('GET', target)).headers.location).toBe('graphql');
  });

  it('is signed by its path alone', async () => {
    const path = '/visualsnoop/api/v1/images';
    const date = new Date().toUTCString();
    const authorization = formatAuthorization({ method: 'GET', path, date }, keys);
    const target = `http://pictures.example${path}?count=3`;
    expect((await send('GET', target, { date, authorization })).status).toBe(200);
  });

  it('names the host that a form may come from, whatever Host says', async () => {
    const target = 'http://pictures.example/imgcache/images';
    const from = (origin: string) =>
      rawRequest(gateway.url, { method: 'POST', target, headers: { origin, host: 'other.example' } });
    expect((await from('http://other.example')).status).toBe(403);
    expect((await from('http://pictures.example')).status).toBe(422);
  });
});

describe('/graphql', () => {
  it('may end in a slash', async () => {
    expect((await send('GET', '/graphql/?query=%7B__typename%7D', { accept })).status).toBe(200);
    const { status, headers } = await send('GET', '/graphql/', { accept: 'text/html' });
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const body = Buffer.from('{"query":"{ __typename }"}');
    const target = '/graphql/';
    const json = { 'content-type': 'application/json' };
    expect((await rawRequest(gateway.url, { method: 'POST', target, headers: json, body })).status).toBe(200);
    const form = { 'content-type': 'text/plain' };
    expect((await rawRequest(gateway.url, { method: 'POST', target, headers: form, body })).status).toBe(403);
  });

  it('answers HEAD with the head of GET', async () => {
    for (const [target, status] of [
      [QUERY, 200],
      ['/graphql?query=%7B', 400],
      ['/graphql', 400],
    ] as const) {
      const headers = { accept: 'application/graphql-response+json' };
      const [get, head] = [await send('GET', target, headers), await send('HEAD', target, headers)];
      expect([head.status, get.status, head.body.length]).toEqual([status, status, 0]);
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
    }
  });

  it('runs no mutation by HEAD', async () => {
    const query = 'mutation { createCollection(input: { name: "by HEAD" }) { __typename } }';
    const { status } = await send('HEAD', `/graphql?query=${encodeURIComponent(query)}`, { accept });
    expect(status).toBe(405);
    const { data } = await gateway.graphql('{ collections { nodes { name } } }');
    expect(JSON.stringify(data)).not.toContain('by HEAD');
  });

  it('says to OPTIONS, and to methods that there are not, which there are', async () => {
    const allow = 'GET, HEAD, POST, OPTIONS';
    const options = await send('OPTIONS', '/graphql');
    expect([options.status, options.headers.allow, options.body.length]).toEqual([204, allow, 0]);
    const put = await send('PUT', '/graphql');
    expect([put.status, put.headers.allow]).toEqual([405, allow]);
    expect(JSON.parse(put.body.toString()).errors[0].extensions.code).toBe('BAD_REQUEST');
  });

  it('runs nothing for who takes no answer', async () => {
    const query = 'mutation { createCollection(input: { name: "not acceptable" }) { __typename } }';
    const headers = { accept: 'image/png', 'content-type': 'application/json' };
    const body = Buffer.from(JSON.stringify({ query }));
    const answer = await rawRequest(gateway.url, { method: 'POST', target: '/graphql', headers, body });
    expect(answer.status).toBe(406);
    expect(JSON.parse(answer.body.toString()).errors[0].extensions.code).toBe('NOT_ACCEPTABLE');
    const { data } = await gateway.graphql('{ collections { nodes { name } } }');
    expect(JSON.stringify(data)).not.toContain('not acceptable');
  });
});
