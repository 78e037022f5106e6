import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '#src/config.js';
import { FaultyServer, html } from '../fakes/faulty-server.js';
import { noEntry } from '../fakes/imgcache-row.js';
import { picture, startGateway, type TestGateway } from '../harness/gateway.js';
import { Collector } from './collector.js';

const HASH = '0'.repeat(64);
const ENTRY = `query Named { entry(contentHash: "${HASH}") { contentHash } }`;
const STORE = 'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }';

let collector: Collector;
let imgcache: FaultyServer;
let gateway: TestGateway | undefined;

beforeEach(async () => {
  collector = await Collector.start();
  imgcache = await FaultyServer.start(noEntry);
});
afterEach(async () => {
  await gateway?.close();
  await imgcache[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

async function start(settings: Partial<Config> = {}): Promise<TestGateway> {
  gateway = await startGateway({ otlpEndpoint: collector.server.url, ...settings });
  return gateway;
}

/** Ends the gateway, which sends what there is. */
async function collect(): Promise<Collector> {
  await gateway?.close();
  gateway = undefined;
  return collector;
}

function ask(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway?.url}/graphql?secret=in-query`, {
    method: 'POST',
    body: JSON.stringify({ query }),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

describe('the spans of a query', () => {
  it('lead from the request over the operation and the resolver to the call of a service', async () => {
    await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    expect((await ask(ENTRY)).status).toBe(200);
    const { server } = await collect();

    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/v1/traces' });
    const [request, operation, resolver, call] = [
      'POST /graphql',
      'query',
      'Query.entry',
      'IMGCACHE GET',
    ].map((name) => collector.span(name));
    expect(collector.spans).toHaveLength(4);
    expect([request, operation, resolver, call].map((span) => span?.kind)).toEqual([2, 1, 1, 3]);
    expect([operation, resolver, call].map((span) => span?.parentSpanId)).toEqual(
      [request, operation, resolver].map((span) => span?.spanId),
    );
    expect(request?.parentSpanId).toBeUndefined();
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(request?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'http.route': '/graphql',
      'network.protocol.version': '1.1',
      'url.path': '/graphql',
      'url.scheme': 'http',
    });
    expect(operation?.attributes).toEqual({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Named',
    });
    expect(call?.attributes).toEqual({
      'peer.service': 'IMGCACHE',
      'http.request.method': 'GET',
      'lookalike.call.outcome': 'OK',
      'lookalike.call.tries': 1,
    });
  });

  it('go on with the trace of the request, and the service gets to know its place in it', async () => {
    await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    const [traceId, parentId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    await ask(ENTRY, { traceparent: `00-${traceId}-${parentId}-01`, tracestate: 'vendor=state' });
    await collect();
    expect(collector.span('POST /graphql')).toMatchObject({ traceId, parentSpanId: parentId });
    const { spanId } = collector.span('IMGCACHE GET');
    expect(imgcache.requests[0]?.headers).toMatchObject({
      traceparent: `00-${traceId}-${spanId}-01`,
      tracestate: 'vendor=state',
    });
  });

  it('begin a trace of their own where the request names none that is valid', async () => {
    await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    const invalid = [
      'nonsense',
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `ff-${'1'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${'1'.repeat(32)}-00f067aa0ba902b7-01-more`,
    ];
    for (const traceparent of invalid) await ask('{ __typename }', { traceparent });
    await collect();
    const requests = collector.spans.filter(({ kind }) => kind === 2);
    expect(requests.map(({ parentSpanId }) => parentSpanId)).toEqual(invalid.map(() => undefined));
  });

  it('are apart for requests at the same time', async () => {
    await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    const entry = (digit: string) => `{ entry(contentHash: "${digit.repeat(64)}") { contentHash } }`;
    await Promise.all(['1', '2', '3', '4'].map((digit) => ask(entry(digit))));
    await collect();
    const byId = new Map(collector.spans.map((span) => [span.spanId, span]));
    const calls = collector.spans.filter(({ kind }) => kind === 3);
    expect(new Set(calls.map(({ traceId }) => traceId)).size).toBe(4);
    for (const call of calls) expect(byId.get(call.parentSpanId!)?.traceId).toBe(call.traceId);
  });

  it('say what failed, and how often it was tried', async () => {
    imgcache.behave(html(500));
    await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES' });
    await ask(ENTRY);
    await collect();
    expect(collector.span('IMGCACHE GET')).toMatchObject({
      failed: true,
      attributes: {
        'error.type': 'UNAVAILABLE',
        'lookalike.call.outcome': 'UNAVAILABLE',
        'lookalike.call.tries': 3,
      },
    });
    expect(collector.span('Query.entry')).toMatchObject({
      failed: true,
      attributes: { 'error.type': 'ServiceError' },
    });
    expect(collector.span('POST /graphql').failed).toBe(false);
  });

  it('hold no secret and nothing of what was asked for', async () => {
    const apiKeys = loadConfig({ LOOKALIKE_API_KEYS: 'admin:the-secret-key-of-the-test' }).apiKeys!;
    await start({
      apiKeys,
      imgcacheUrl: imgcache.url.replace('://', '://user:hunter2@'),
      imgcacheDialect: 'IMAGES',
    });
    const authorization = 'Bearer the-secret-key-of-the-test';
    expect((await ask(ENTRY, { authorization })).status).toBe(200);
    await fetch(`${gateway?.url}/imgcache/images/lookup?url=https://private.example/`, {
      headers: { authorization },
    });
    await collect();
    expect(collector.spans.length).toBeGreaterThan(5);
    for (const secret of ['secret', 'hunter2', HASH, 'private.example', 'in-query'])
      expect(collector.text).not.toContain(secret);
  });
});

describe('the spans of an upload', () => {
  it('hold each decoding', async () => {
    const { upload } = await start();
    const input = { url: 'https://x.example/', clientName: 'test', image: { upload: null } };
    const { data } = await upload(STORE, { input }, { 'input.image.upload': picture('photos/03-fig.jpg') });
    expect(data.storeEntry.__typename).toBe('StoreEntrySuccess');
    await collect();
    const resolver = collector.span('Mutation.storeEntry');
    expect(collector.span('decode FACTS').parentSpanId).toBe(resolver.spanId);
    expect(resolver.parentSpanId).toBe(collector.span('mutation').spanId);
  });
});

describe('a sampler', () => {
  const parent = (flags: string) => ({ traceparent: `00-${'1'.repeat(32)}-00f067aa0ba902b7-${flags}` });

  it('may keep none, which the service is told', async () => {
    await start({ imgcacheUrl: imgcache.url, imgcacheDialect: 'IMAGES', tracesSampler: 'always_off' });
    await ask(ENTRY, parent('01'));
    await collect();
    expect(collector.server.requests).toEqual([]);
    expect(imgcache.requests[0]?.headers.traceparent).toMatch(/^00-1{32}-[\da-f]{16}-00$/);
  });

  it('may keep what its caller keeps, and a part of the others', async () => {
    await start({ tracesSampler: 'parentbased_traceidratio', tracesSamplerArg: 0 });
    await ask('{ __typename }', parent('00'));
    await ask('{ __typename }');
    await ask('mutation { __typename }', parent('01'));
    await collect();
    expect(collector.spans.map(({ name }) => name).sort()).toEqual(['POST /graphql', 'mutation']);
  });
});
