import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '#src/config.js';
import { sendRaw } from '../fakes/raw-request.js';
import { multipart, startGateway, type TestGateway } from '../harness/gateway.js';

const KEY = 'read-key-of-the-test';
/** Its response is above 1 KiB. */
const LONG = '{ __schema { types { name } } }';
const SHORT = '{ __typename }';

const gateways: TestGateway[] = [];
async function start(settings: Partial<Config> = {}): Promise<TestGateway> {
  const gateway = await startGateway(settings);
  gateways.push(gateway);
  return gateway;
}
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await start();
});
afterAll(() => Promise.all(gateways.map((each) => each.close())));

const get = (query: string, headers: Record<string, string> = {}, method = 'GET', { url } = gateway) =>
  sendRaw(`${url}/graphql?query=${encodeURIComponent(query)}`, {
    method,
    headers: { accept: 'application/json', ...headers },
  });
const post = (body: unknown, headers: Record<string, string> = {}) =>
  sendRaw(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('a response to GET', () => {
  it('may be kept, and is asked for again by its ETag', async () => {
    const first = await get(LONG);
    expect(first.headers).toMatchObject({
      'cache-control': 'no-cache',
      etag: expect.stringMatching(/^W\/"[\w-]{27}"$/),
      vary: 'Accept, Accept-Encoding',
    });
    const etag = first.headers.etag!;
    for (const known of [etag, `"x", ${etag}`, '*', etag.slice(2)])
      for (const coding of ['identity', 'gzip', 'br']) {
        const again = await get(LONG, { 'if-none-match': known, 'accept-encoding': coding });
        expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
        expect(again.headers).toMatchObject({ 'cache-control': 'no-cache', vary: 'Accept, Accept-Encoding' });
        expect(again.headers['content-encoding']).toBeUndefined();
      }
    const others = [
      await get(LONG, { 'if-none-match': '"x"' }),
      await get(SHORT, { 'if-none-match': etag }),
      await get(LONG, { 'if-none-match': etag, accept: 'application/graphql-response+json' }),
    ];
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('is another once the data is', async () => {
    const names = '{ collections { nodes { name } } }';
    const { etag } = (await get(names)).headers;
    await gateway.graphql('mutation { createCollection(input: { name: "new" }) { __typename } }');
    const changed = await get(names, { 'if-none-match': etag! });
    expect(changed.status).toBe(200);
    expect(changed.text).toContain('new');
  });

  it('has the same head by HEAD', async () => {
    const [{ headers: head, body }, { headers }] = [await get(LONG, {}, 'HEAD'), await get(LONG)];
    const of = ({ etag, vary, 'content-length': length }: typeof headers) => ({ etag, vary, length });
    expect([of(head), body.length]).toEqual([of(headers), 0]);
  });

  it('that refuses is not kept', async () => {
    const refused = await get('mutation { __typename }');
    expect([refused.status, refused.headers.etag, refused.headers['cache-control']]).toEqual([
      405,
      undefined,
      'no-cache',
    ]);
  });

  it('is for its client alone where keys are set, and names what it depends on', async () => {
    const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: `read:${KEY}` });
    const closed = await start({ ...(apiKeys && { apiKeys }), corsOrigins: ['https://a.example'] });
    const asked = { 'x-api-key': KEY, origin: 'https://a.example' };
    const { headers } = await get(LONG, asked, 'GET', closed);
    expect(headers).toMatchObject({
      'cache-control': 'private, no-cache',
      vary: 'Origin, Accept, Accept-Encoding, Authorization, X-API-Key',
      'access-control-allow-origin': 'https://a.example',
    });
    const known = { 'if-none-match': headers.etag! };
    expect((await get(LONG, { ...asked, ...known }, 'GET', closed)).status).toBe(304);
    expect((await get(LONG, known, 'GET', closed)).status).toBe(401);
  });
});

describe('a compressed response', () => {
  it('comes where it is asked for and long, the same otherwise', async () => {
    const plain = await post({ query: LONG });
    expect(plain.headers['content-encoding']).toBeUndefined();
    for (const coding of ['gzip', 'br']) {
      const compressed = await post({ query: LONG }, { 'accept-encoding': coding });
      expect(compressed.headers).toMatchObject({
        'content-encoding': coding,
        'content-length': String(compressed.body.length),
        'content-type': plain.headers['content-type'],
        vary: 'Accept, Accept-Encoding',
      });
      expect(compressed.text).toBe(plain.text);
      expect(compressed.body.length).toBeLessThan(plain.body.length / 2);
      const short = await post({ query: SHORT }, { 'accept-encoding': coding });
      expect([short.headers['content-encoding'], short.headers.vary]).toEqual([
        undefined,
        'Accept, Accept-Encoding',
      ]);
    }
  });

  it('comes for a short one too where nothing else is taken', async () => {
    const { headers } = await post({ query: SHORT }, { 'accept-encoding': 'gzip, identity;q=0' });
    expect(headers['content-encoding']).toBe('gzip');
  });

  it('is refused with 406 where none is taken, and nothing is run', async () => {
    const query = 'mutation { createCollection(input: { name: "never" }) { __typename } }';
    for (const headers of [
      { 'accept-encoding': '*;q=0' },
      { 'accept-encoding': 'gzip, identity;q=0', accept: 'text/event-stream' },
    ] as Record<string, string>[]) {
      const refused = await post({ query }, headers);
      expect([refused.status, JSON.parse(refused.text).errors[0].extensions.code]).toEqual([
        406,
        'NOT_ACCEPTABLE',
      ]);
    }
    expect((await post({ query: '{ collections { nodes { name } } }' })).text).not.toContain('never');
  });

  it('is none for streams, the old protocols and files', async () => {
    const asked = { 'accept-encoding': 'gzip, br' };
    const stream = await post({ query: LONG }, { ...asked, accept: 'text/event-stream' });
    expect(stream.text).toContain('event: next');
    for (const path of ['/imgcache/openapi.json', '/imgcache/images/search?url_contains=x', '/files/x']) {
      const { headers } = await sendRaw(`${gateway.url}${path}`, { headers: asked });
      expect([path, headers['content-encoding']]).toEqual([path, undefined]);
    }
    expect(stream.headers['content-encoding']).toBe('none'); // As Yoga tells proxies to leave it so.
  });

  it('of which the client goes away leaves nothing behind', async () => {
    const body = JSON.stringify({ query: LONG });
    const { hostname, port } = new URL(gateway.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST /graphql HTTP/1.1\r\nhost: x\r\naccept-encoding: br\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
          () => socket.destroy(),
        );
      }).on('close', () => resolve());
    });
    expect((await post({ query: SHORT })).status).toBe(200);
    expect(gateway.reported).toEqual([]);
  });
});

describe('a batch', () => {
  it('gives the responses that its operations have alone, in their order', async () => {
    const operations = [
      { query: LONG },
      { query: '{ nothing }' },
      { query: 'query ($n: Int!) { collections(first: $n) { nodes { name } } }', variables: { n: 1 } },
      { query: 'query ($n: Int!) { collections(first: $n) { nodes { name } } }', variables: { n: 'x' } },
      { query: '{' },
      { query: 1 },
      { wish: 1, query: SHORT },
      {},
      { operationName: '', query: SHORT },
    ];
    const alone = [];
    for (const operation of operations) alone.push((await post(operation)).text);
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const together = await post(operations, { accept, 'accept-encoding': 'br' });
      expect([together.status, together.headers['content-type'], together.text]).toEqual([
        200,
        `${accept}; charset=utf-8`,
        `[${alone.join(',')}]`,
      ]);
    }
  });

  it.each([
    [
      'of more than 10 operations',
      Array(11).fill({ query: SHORT }),
      413,
      'BATCH_LIMIT_EXCEEDED',
      'at most 10',
    ],
    ['of none', [], 400, 'BAD_REQUEST', 'one operation'],
    ['of nothing', [{ query: SHORT }, null], 400, 'BAD_REQUEST', 'JSON object'],
    ['of texts', ['x'], 400, 'BAD_REQUEST', 'JSON object'],
    ['within a batch', [[{ query: SHORT }]], 400, 'BAD_REQUEST', 'JSON object'],
  ])('%s is refused as a whole', async (_what, batch, status, code, message) => {
    const refused = await post(batch);
    expect(refused.status).toBe(status);
    expect(JSON.parse(refused.text).errors).toEqual([
      { message: expect.stringContaining(message), extensions: expect.objectContaining({ code }) },
    ]);
  });

  it('sees what its mutations changed', async () => {
    const create = (name: string) => ({
      query: `mutation { createCollection(input: { name: "${name}" }) { __typename } }`,
    });
    const names = { query: '{ collections(first: 100) { nodes { name } } }' };
    const { text } = await post([names, create('first of two'), names, create('second of two'), names]);
    const counts = JSON.parse(text).map(
      (result: object) => JSON.stringify(result).match(/of two/g)?.length ?? 0,
    );
    expect(counts).toEqual([0, 0, 1, 0, 2]);
  });

  it('may cost as much as one operation', async () => {
    const small = await start({ maxCost: 100 });
    const query = '{ collections(first: 30) { nodes { name } } }';
    const send = (count: number) =>
      sendRaw(`${small.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(Array(count).fill({ query })),
      });
    const { cost } = JSON.parse((await send(1)).text)[0].extensions;
    const allowed = Math.floor(100 / cost);
    expect(JSON.parse((await send(allowed)).text).every(({ data }: { data?: unknown }) => data)).toBe(true);
    const refused = JSON.parse((await send(allowed + 1)).text);
    expect(refused).toHaveLength(allowed + 1);
    for (const { data, errors } of refused)
      expect([data, errors[0].extensions]).toEqual([
        undefined,
        { code: 'COST_LIMIT_EXCEEDED', cost: cost * (allowed + 1), limit: 100 },
      ]);
  });

  it('has no uploads, and is not sent as a stream', async () => {
    const form = multipart('', {}, { x: new Uint8Array([1]) });
    form.set('operations', JSON.stringify([{ query: SHORT, variables: { x: null } }]));
    form.set('map', JSON.stringify({ 0: ['0.variables.x'] }));
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      body: form,
      headers: { 'apollo-require-preflight': '1' },
    });
    const { errors } = (await response.json()) as { errors: { message: string }[] };
    expect([response.status, errors[0]?.message]).toEqual([400, expect.stringContaining('batch')]);
    const stream = await post([{ query: SHORT }], { accept: 'text/event-stream' });
    expect([stream.status, stream.text]).toEqual([400, expect.stringContaining('batch')]);
  });
});
