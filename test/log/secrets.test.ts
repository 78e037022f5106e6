import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { formatAuthorization } from '#src/services/visualsnoop-signature.js';
import { FaultyServer, html } from '../fakes/faulty-server.js';
import { golden, picture, startGateway } from '../harness/gateway.js';
import { LogLines } from '../harness/log-lines.js';

/** A part of every secret here, which nothing else contains. */
const SECRET = 's3cr3t-0f-th3-t3st';
const ADMIN = `${SECRET}-admin-key`;

/** Everything there is to log is logged, and every request is slow. */
function watched() {
  const lines = new LogLines('trace');
  const onError = (err: unknown, requestId?: string) =>
    lines.log.error({ requestId, err }, 'unexpected error');
  return { lines, settings: { slowMs: 1 }, options: { log: lines.log, onError } };
}

/** In clear, and as Basic authentication has them. */
function expectNoSecret(log: string, more: readonly string[] = []): void {
  for (const secret of [SECRET, ...more]) expect(log).not.toContain(secret);
  for (const part of log.match(/[A-Za-z0-9+/]{8,}={0,2}/g) ?? [])
    expect(Buffer.from(part, 'base64').toString('latin1')).not.toContain(SECRET);
}

async function raw(url: string, head: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

it('No secret that a client sends comes into the log', async () => {
  const { lines, settings, options } = watched();
  const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: `admin:${ADMIN}` });
  const gateway = await startGateway({ ...settings, apiKeys }, options);
  const key = { authorization: `Bearer ${ADMIN}` };
  const basic = (user: string) => ({ authorization: `Basic ${Buffer.from(user).toString('base64')}` });
  const statuses: number[] = [];
  const ask = async (path: string, headers: Record<string, string>, init: RequestInit = {}) => {
    const answer = await fetch(gateway.url + path, { ...init, headers });
    statuses.push(answer.status);
    return answer.text();
  };
  const graphql = (query: string, variables: object) =>
    ask(
      '/graphql',
      { ...key, 'content-type': 'application/json' },
      { method: 'POST', body: JSON.stringify({ query, variables }) },
    );

  for (const path of [
    '/graphql',
    '/files/x',
    '/imgcache/images/x',
    '/visualsnoop/api/v1/images',
    '/nothing',
  ]) {
    const withKey = `${path}?key=${SECRET}`;
    await ask(withKey, {});
    await ask(withKey, key);
    await ask(withKey, { 'x-api-key': ADMIN, cookie: `session=${SECRET}` });
    await ask(withKey, { authorization: `Bearer ${SECRET}`, 'x-request-id': `with space ${SECRET}` });
    await ask(withKey, basic(`me:${SECRET}`));
    await ask(withKey, basic(`me:${ADMIN}`));
    await ask(withKey, { authorization: `VSHMAC public:${SECRET}`, date: new Date().toUTCString() });
  }
  await ask(`/imgcache/images/lookup?url=${encodeURIComponent(`https://me:${SECRET}@host/`)}`, key);
  await raw(gateway.url, `GET http://me:${SECRET}@host/graphql?key=${SECRET} HTTP/1.1`);
  await raw(gateway.url, `GET //me:${SECRET}@host/ HTTP/1.1`);
  await graphql('query ($url: String!) { entryByUrl(url: $url) { url } }', {
    url: `https://me:${SECRET}@host/`,
  });
  await graphql(`query { entryByUrl(url: "${SECRET}") { nothing } }`, {});
  await graphql('query ($url: Int!) { entryByUrl(url: $url) { url } }', { url: SECRET });
  const created = JSON.parse(
    await graphql(
      'mutation { createCollection(input: { name: "x" }) { ... on CreateCollectionSuccess { publicKey secretKey } } }',
      {},
    ),
  ).data.createCollection;
  const path = '/visualsnoop/api/v1/images';
  const date = new Date().toUTCString();
  const authorization = formatAuthorization({ method: 'GET', path, date }, created);
  await ask(path, { date, authorization });

  expect(new Set(statuses)).toEqual(new Set([200, 401, 404]));
  await gateway.close();
  expect(lines.with({ msg: 'request' }).length).toBeGreaterThanOrEqual(statuses.length + 2);
  expect(lines.with({ msg: 'slow request' }).length).toBeGreaterThan(0);
  expectNoSecret(lines.text, [created.secretKey, authorization.split(':')[1]!]);
});

it('No secret for a service comes into the log when the service fails', async () => {
  const { lines, settings, options } = watched();
  await using server = await FaultyServer.start(html(500));
  const visualsnoopKeys = [{ publicKey: 'public', secretKey: SECRET }];
  for (const port of [server.port, 1]) {
    const address = `http://me:${SECRET}@127.0.0.1:${port}/${SECRET}`;
    const urls = { imgcacheUrl: address, visualsnoopUrl: address, visualsnoopKeys };
    const gateway = await startGateway({ ...settings, ...urls }, options);
    for (let i = 0; i < 3; i++) {
      await gateway.graphql('{ collections { nodes { name } } services { message } }');
      await (await fetch(`${gateway.url}/imgcache/images/lookup?url=${SECRET}`)).text();
    }
    await gateway.close();
  }
  for (const service of ['IMGCACHE', 'VISUALSNOOP'])
    expect(lines.with({ msg: 'service call failed', service }).length).toBeGreaterThan(0);
  expect(server.requests.some(({ headers }) => headers.authorization?.startsWith('Basic '))).toBe(true);
  expectNoSecret(lines.text);
});

it('No secret comes into the log with an unexpected error', async () => {
  const { lines, settings, options } = watched();
  const gateway = await startGateway(settings, options);
  const { blake2b256: hash } = golden('photos/03-fig.jpg');
  const input = { url: `https://me:${SECRET}@host/`, clientName: SECRET, image: { upload: null } };
  const query = 'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }';
  await gateway.upload(query, { input }, { 'input.image.upload': picture('photos/03-fig.jpg') });
  rmSync(join(gateway.dataDir, 'blobs', hash.slice(0, 2)), { recursive: true });
  const headers = { authorization: `Bearer ${SECRET}`, cookie: SECRET };
  const answer = await fetch(`${gateway.url}/files/${hash}?key=${SECRET}`, { headers });
  expect(answer.status).toBe(500);
  await gateway.close();
  expect(lines.with({ msg: 'unexpected error' })).toMatchObject([
    { requestId: answer.headers.get('x-request-id'), err: { stack: expect.stringContaining('\n') } },
  ]);
  expectNoSecret(lines.text);
});
