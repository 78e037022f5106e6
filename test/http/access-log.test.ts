import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '#src/access/api-keys.js';
import { loadConfig } from '#src/config.js';
import { configFile } from '../harness/config-file.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { type LogLine, LogLines } from '../harness/log-lines.js';
import { until } from '../harness/patience.js';
import { type RemoteGateway, startRemoteGateway } from '../harness/remote-gateway.js';

const lines = new LogLines();
const key = createKey({ scope: 'write', name: 'scraper' });

let gateway: TestGateway;
let guarded: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ slowMs: 60_000 }, { log: lines.log });
  const config = configFile(JSON.stringify({ apiKeys: [key.entry] }));
  const { apiKeys } = loadConfig({}, config);
  guarded = await startGateway({ apiKeys }, { log: lines.log });
});
afterAll(async () => {
  await gateway.close();
  await guarded.close();
});
afterEach(() => lines.clear());

/** The line of the only request; it may come after the answer. */
async function line(): Promise<LogLine> {
  await until(() => lines.lines.length > 0);
  expect(lines.lines).toHaveLength(1);
  return lines.lines[0]!;
}

async function ask(path: string, init?: RequestInit, url = gateway.url): Promise<string> {
  return (await fetch(url + path, init)).text();
}

async function graphql(query: string, more: object = {}): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await ask('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, ...more }) });
}

describe('The line of a request', () => {
  it('says what was asked, without the query, and how it went', async () => {
    await ask('/files/x?key=secret', { headers: { 'x-request-id': 'mine' } });
    expect(await line()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestId: 'mine',
      method: 'GET',
      path: '/files/x',
      durationMs: expect.any(Number),
      status: 404,
      bytesSent: expect.any(Number),
      msg: 'request',
    });
  });

  it('counts the bytes of each answer for itself', async () => {
    for (let i = 0; i < 3; i++) await ask('/graphql', { headers: { accept: 'text/html' } });
    while (lines.lines.length < 3) await new Promise(setImmediate);
    const sizes = lines.lines.map(({ bytesSent }) => bytesSent);
    expect(sizes[0]).toBeGreaterThan(1000);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(100);
  });

  it('names the operation', async () => {
    await graphql('query One { __typename } query Two { __typename }', { operationName: 'Two' });
    expect(await line()).toMatchObject({ path: '/graphql', status: 200, kind: 'query', operation: 'Two' });
  });

  it('tells the kind of an operation without a name', async () => {
    await graphql('mutation { deleteImage(input: { collectionId: "x", imageId: "x" }) { __typename } }');
    const { kind, operation } = await line();
    expect([kind, operation]).toEqual(['mutation', undefined]);
  });

  it('bounds what clients choose', async () => {
    const name = 'N'.repeat(5000);
    await graphql(`query ${name} { __typename }`);
    expect((await line()).operation.length).toBeLessThan(300);
    lines.clear();
    await ask(`/files/${'x'.repeat(5000)}`);
    expect((await line()).path.length).toBeLessThan(300);
  });

  it('names the key by what its owner calls it', async () => {
    await ask('/files/x', { headers: { 'x-api-key': key.key } }, guarded.url);
    expect(await line()).toMatchObject({ status: 404, scope: 'write', caller: 'scraper' });
    expect(lines.text).not.toContain(key.key);
  });

  it('names the key also of who may not', async () => {
    const hash = '0'.repeat(64);
    const query = `mutation { createCollection(input: { name: "x" }) { __typename } }`;
    const headers = { 'content-type': 'application/json', 'x-api-key': key.key };
    await ask('/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) }, guarded.url);
    expect(await line()).toMatchObject({ status: 403, scope: 'write', caller: 'scraper', kind: 'mutation' });
    lines.clear();
    await ask(`/imgcache/images/${hash}`, { method: 'DELETE' }, guarded.url);
    expect(await line()).toMatchObject({ status: 401 });
    expect(lines.text).not.toMatch(/caller|scope/);
  });

  it('tells when the client went before it had its answer', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    const head = 'POST /imgcache/images HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n';
    socket.write(`${head}Content-Type: multipart/form-data; boundary=X\r\n\r\n--X\r\n`);
    await once(socket, 'connect');
    setTimeout(() => socket.destroy(), 100);
    const { status, aborted } = await line();
    expect([status, aborted]).toEqual([undefined, true]);
  });

  it('is for debugging only where something looks after the gateway', async () => {
    for (const path of ['/health', '/ready?x=1']) {
      await ask(path);
      expect(await line()).toMatchObject({ level: 'debug', msg: 'request' });
      lines.clear();
    }
  });
});

describe('A slow request', () => {
  // Longer than what is not delayed takes on a machine that has much else to do.
  const SLOW_MS = 250;
  const warnings = new LogLines('warn');
  let slow: RemoteGateway;
  beforeAll(async () => {
    slow = await startRemoteGateway({ settings: { slowMs: SLOW_MS }, options: { log: warnings.log } });
    slow.imgcache.delayMs = SLOW_MS;
  });
  afterAll(() => slow.close());
  afterEach(() => warnings.clear());

  const warningsOf = async (msg: string): Promise<LogLine[]> => {
    await until(() => warnings.with({ msg }).length > 0);
    return warnings.with({ msg });
  };

  it('is warned of, with its cost and its calls', async () => {
    const query =
      'query Slow { entries(filter: { urlContains: "x" }) { nodes { url } } collections { nodes { name } } }';
    await slow.graphql(query);
    expect(await warningsOf('slow request')).toEqual([
      {
        level: 'warn',
        time: expect.any(String),
        requestId: expect.any(String),
        method: 'POST',
        path: '/graphql',
        durationMs: expect.any(Number),
        kind: 'query',
        operation: 'Slow',
        cost: expect.any(Number),
        serviceCalls: 3,
        msg: 'slow request',
      },
    ]);
    const [request] = warnings.with({ msg: 'slow request' });
    const { requestId } = request!;
    expect(request!.durationMs).toBeGreaterThanOrEqual(SLOW_MS);
    expect(warnings.with({ msg: 'slow service call', requestId })).toMatchObject([
      { service: 'IMGCACHE', path: '/images/search' },
    ]);
  });

  it('by an old protocol is warned of too', async () => {
    await ask('/imgcache/images/lookup?url=x', {}, slow.url);
    expect(await warningsOf('slow request')).toMatchObject([
      { path: '/imgcache/images/lookup', serviceCalls: 1 },
    ]);
  });

  it('is the only one that is warned of', async () => {
    await ask('/health', {}, slow.url);
    await slow.graphql('{ __typename }');
    await ask('/imgcache/images/lookup?url=x', {}, slow.url);
    expect((await warningsOf('slow request')).map(({ path }) => path)).toEqual(['/imgcache/images/lookup']);
  });
});
