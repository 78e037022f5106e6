import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '#src/config.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';

const A = 'https://a.example';
const EVIL = 'https://evil.example';
const KEY = 'read-key-of-the-test';
/** Of what the graph answers, where keys are set. */
const VARY = 'Accept, Accept-Encoding, Authorization, X-API-Key';

const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: `read:${KEY}` });
const gateways: TestGateway[] = [];
async function start(settings: Partial<Config>): Promise<TestGateway> {
  const gateway = await startGateway({ ...settings, ...(apiKeys && { apiKeys }) });
  gateways.push(gateway);
  return gateway;
}
afterAll(() => Promise.all(gateways.map((gateway) => gateway.close())));

const corsHeaders = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

const UPLOAD_HEADERS = 'authorization,content-type,x-api-key,apollo-require-preflight,x-graphql-yoga-csrf';

function preflight(
  gateway: TestGateway,
  path: string,
  origin: string,
  asked = UPLOAD_HEADERS,
): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': asked,
  };
  return fetch(`${gateway.url}${path}`, { method: 'OPTIONS', headers });
}

const query = (gateway: TestGateway, headers: Record<string, string>) =>
  fetch(`${gateway.url}/graphql?query=%7B__typename%7D`, { headers });

describe('CORS', () => {
  it('is closed unless it is opened', async () => {
    const gateway = await start({});
    for (const path of [
      '/graphql',
      '/files/x',
      '/imgcache/images',
      '/visualsnoop/api/v1/images',
      '/metrics',
      '/health',
    ]) {
      const answer = await preflight(gateway, path, A);
      expect([path, corsHeaders(answer)]).toEqual([path, {}]);
    }
    const refused = await query(gateway, { origin: A });
    expect([corsHeaders(refused), refused.headers.get('vary')]).toEqual([{}, null]);
    const answer = await query(gateway, { origin: A, 'x-api-key': KEY });
    expect([corsHeaders(answer), answer.headers.get('vary')]).toEqual([{}, VARY]);
  });

  describe('opened for some origins', () => {
    let gateway: TestGateway;
    beforeAll(async () => {
      gateway = await start({ corsOrigins: [A, 'http://b.example:8080'] });
    });

    it('grants them a preflight, with the headers that uploads need and without a key', async () => {
      const paths: [string, string][] = [
        ['/graphql', 'GET, HEAD, POST'],
        ['/files/x', 'GET, HEAD'],
        ['/thumbnails/x', 'GET, HEAD'],
        ['/collections/x', 'GET, HEAD'],
        ['/imgcache/images', 'GET'],
      ];
      for (const [path, methods] of paths) {
        const answer = await preflight(gateway, path, A);
        expect([path, answer.status, answer.headers.get('vary')]).toEqual([
          path,
          204,
          'Origin, Access-Control-Request-Headers',
        ]);
        expect(answer.headers.get('access-control-allow-origin')).toBe(A);
        expect(answer.headers.get('access-control-allow-methods')).toBe(methods);
        expect(answer.headers.get('access-control-allow-headers')).toBe(UPLOAD_HEADERS);
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      }
    });

    it('lets them send whatever headers they ask for', async () => {
      for (const asked of [
        'traceparent,tracestate,baggage,sentry-trace',
        'apollographql-client-name, apollographql-client-version, x-apollo-operation-name',
        'X-Requested-With',
        'cache-control,if-range,range',
      ]) {
        const answer = await preflight(gateway, '/graphql', A, asked);
        expect([answer.status, answer.headers.get('access-control-allow-headers')]).toEqual([204, asked]);
      }
      const none = await preflight(gateway, '/graphql', A, '');
      expect([none.status, none.headers.get('access-control-allow-headers')]).toEqual([204, null]);
    });

    it('lets them read answers, refusals too', async () => {
      const [allowed, refused, file] = await Promise.all([
        query(gateway, { origin: 'http://b.example:8080', 'x-api-key': KEY }),
        query(gateway, { origin: A }),
        fetch(`${gateway.url}/files/x`, { headers: { origin: A, 'x-api-key': KEY } }),
      ]);
      expect([allowed.status, refused.status, file.status]).toEqual([200, 401, 404]);
      expect(allowed.headers.get('access-control-allow-origin')).toBe('http://b.example:8080');
      for (const answer of [refused, file]) expect(answer.headers.get('access-control-allow-origin')).toBe(A);
      expect(allowed.headers.get('vary')).toBe(`Origin, ${VARY}`);
      for (const answer of [refused, file]) expect(answer.headers.get('vary')).toBe('Origin');
    });

    it('tells caches that the answer depends on the origin, whoever asks', async () => {
      for (const origin of [{}, { origin: EVIL }]) {
        const answer = await query(gateway, { ...origin, 'x-api-key': KEY });
        expect([corsHeaders(answer), answer.headers.get('vary')]).toEqual([{}, `Origin, ${VARY}`]);
      }
    });

    it('grants nothing to other origins, other paths, and writes over the old protocol', async () => {
      for (const origin of [
        EVIL,
        'null',
        'https://a.example.evil.example',
        'https://sub.a.example',
        'http://a.example',
        'https://A.example',
      ])
        expect([origin, corsHeaders(await preflight(gateway, '/graphql', origin))]).toEqual([origin, {}]);
      for (const path of ['/visualsnoop/api/v1/images', '/metrics'])
        expect(corsHeaders(await preflight(gateway, path, A))).toEqual({});
      const written = await fetch(`${gateway.url}/imgcache/images`, {
        method: 'POST',
        headers: { origin: A },
      });
      expect([written.status, corsHeaders(written)]).toEqual([401, {}]);
    });
  });

  it('opened for all origins lets every page read answers that it has a key for', async () => {
    const gateway = await start({ corsOrigins: '*' });
    const answer = await query(gateway, { origin: EVIL, 'x-api-key': KEY });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    const { headers } = await preflight(gateway, '/graphql', EVIL, 'traceparent');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-headers')).toBe('traceparent');
    expect(headers.get('vary')).toBe('Access-Control-Request-Headers');
  });
});
