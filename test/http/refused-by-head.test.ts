import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { formatAuthorization } from '#src/services/visualsnoop-signature.js';
import { multipartBody, multipartType } from '../fakes/multipart-body.js';
import { rawRequest } from '../fakes/raw-request.js';
import { picture, startGateway, type TestGateway } from '../harness/gateway.js';

const KEY = 'read-key-of-the-test';
const VISUALSNOOP = '/visualsnoop/api/v1/image';

let gateway: TestGateway;
let guarded: TestGateway;
let keys: { publicKey: string; secretKey: string };
beforeAll(async () => {
  gateway = await startGateway({ maxUploadBytes: 1_000_000 });
  const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: `read:${KEY}` });
  guarded = await startGateway(apiKeys && { apiKeys });
  const { data } = await gateway.graphql(
    'mutation { createCollection(input: { name: "a" }) { ... on CreateCollectionSuccess { publicKey secretKey } } }',
  );
  keys = data.createCollection;
});
afterAll(async () => {
  await gateway.close();
  await guarded.close();
});

type Headers = Record<string, string | number>;
const json = { 'content-type': 'application/json' };
const form = { 'content-type': multipartType(), 'apollo-require-preflight': '1' };
const signed = (): Headers => {
  const date = new Date().toUTCString();
  return { date, authorization: formatAuthorization({ method: 'POST', path: VISUALSNOOP, date }, keys) };
};

/** Sends a head with Expect, and the body once it is asked for; gives the status lines that came until the end. */
function expectContinue(
  { url }: TestGateway,
  target: string,
  headers: Headers,
  body: Buffer = Buffer.alloc(0),
): Promise<string[]> {
  const { hostname, port } = new URL(url);
  const lines = Object.entries({
    host: 'x',
    expect: '100-continue',
    'content-length': body.length,
    ...headers,
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () =>
      socket.write(`POST ${target} HTTP/1.1\r\n${head}\r\n`),
    );
    const end = () => {
      socket.destroy();
      resolve([...received.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status!));
    };
    socket.on('error', reject).on('close', end);
    socket.on('data', (data) => {
      const before = received.length;
      received += data;
      if (before === 0 && received.startsWith('HTTP/1.1 100')) socket.write(body);
      if (/^HTTP\/1\.1 [2-5]/m.test(received)) end();
    });
  });
}

describe('who asks whether to continue', () => {
  const refused: [
    what: string,
    status: string,
    at: () => TestGateway,
    target: string,
    headers: () => Headers,
  ][] = [
    [
      'of too long a JSON body',
      '413',
      () => gateway,
      '/graphql',
      () => ({ ...json, 'content-length': 3_000_000 }),
    ],
    ['of too long a form', '413', () => gateway, '/graphql', () => ({ ...form, 'content-length': 10 ** 9 })],
    [
      'of a form without its header',
      '403',
      () => gateway,
      '/graphql',
      () => ({ 'content-type': multipartType() }),
    ],
    ['of another type', '415', () => gateway, '/graphql', () => ({ 'content-type': 'image/png' })],
    [
      'of a compressed body',
      '415',
      () => gateway,
      '/graphql',
      () => ({ ...json, 'content-encoding': 'gzip' }),
    ],
    ['without a key', '401', () => guarded, '/graphql', () => json],
    ['without a key, of imgcache', '401', () => guarded, '/imgcache/images', () => form],
    [
      'with a key that is not enough',
      '403',
      () => guarded,
      '/imgcache/images',
      () => ({ ...form, 'x-api-key': KEY }),
    ],
    [
      'with a form of another site',
      '403',
      () => gateway,
      '/imgcache/images',
      () => ({ ...form, origin: 'http://a.example' }),
    ],
    ['without a signature', '401', () => gateway, VISUALSNOOP, () => ({})],
    [
      'of too large a picture',
      '413',
      () => gateway,
      VISUALSNOOP,
      () => ({ ...signed(), 'content-length': 2_000_000 }),
    ],
    ['where nothing is', '404', () => gateway, '/nowhere', () => json],
  ];
  for (const [what, status, at, target, headers] of refused)
    it(`is refused at once: ${what}`, async () => {
      const all = { 'content-length': 100_000, ...headers() };
      expect(await expectContinue(at(), target, all)).toEqual([status]);
    });

  it('is asked for the body, and answered', async () => {
    const photo = picture('photos/03-fig.jpg');
    const store = multipartBody([
      { name: 'url', value: 'https://x.example/' },
      { name: 'client_name', value: 'c' },
      { name: 'file', value: photo, filename: 'a' },
    ]);
    const upload = multipartBody([
      {
        name: 'operations',
        value:
          '{"query":"query ($f: ImageInput!) { similar(to: { image: $f }) { perceptualHash } }","variables":{"f":{"upload":null}}}',
      },
      { name: 'map', value: '{"0":["variables.f.upload"]}' },
      { name: '0', value: photo, filename: 'a' },
    ]);
    const query = Buffer.from('{"query":"{ __typename }"}');
    expect(await expectContinue(gateway, '/graphql', json, query)).toEqual(['100', '200']);
    const events = { ...json, accept: 'text/event-stream' };
    expect(await expectContinue(gateway, '/graphql', events, query)).toEqual(['100', '200']);
    expect(await expectContinue(gateway, '/graphql', form, upload)).toEqual(['100', '200']);
    expect(await expectContinue(gateway, '/imgcache/images', form, store)).toEqual(['100', '201']);
    expect(await expectContinue(gateway, VISUALSNOOP, signed(), photo)).toEqual(['100', '201']);
  });
});

describe('a compressed body', () => {
  it.each(['gzip', 'br', 'GZIP', 'identity, deflate'])(
    'in %s is a 415 that says what is understood',
    async (coding) => {
      for (const target of ['/graphql', '/imgcache/images', VISUALSNOOP]) {
        const headers = { ...json, 'content-encoding': coding };
        const body = gzipSync('{"query":"{ __typename }"}');
        const answer = await rawRequest(gateway.url, { method: 'POST', target, headers, body });
        expect([answer.status, answer.headers['accept-encoding']]).toEqual([415, 'identity']);
        expect(answer.body.toString()).toContain('Content-Encoding');
      }
    },
  );

  it('that is none is read', async () => {
    for (const coding of ['', 'identity', 'Identity']) {
      const headers = { ...json, 'content-encoding': coding };
      const body = Buffer.from('{"query":"{ __typename }"}');
      const answer = await rawRequest(gateway.url, { method: 'POST', target: '/graphql', headers, body });
      expect(answer.status).toBe(200);
    }
  });
});
