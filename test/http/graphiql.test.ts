import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { sendRaw } from '../fakes/raw-request.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const open = (headers: Record<string, string> = {}, path = '/graphql') =>
  sendRaw(`${gateway.url}${path}`, { headers: { ...BROWSER, ...headers } });
const filesOf = (page: string) =>
  [...page.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, address]) => address!);

describe('the page of GraphiQL', () => {
  it('is small, compressed only where that is asked for, and asked for again by its ETag', async () => {
    const plain = await open();
    expect(plain.headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
      vary: 'Accept, Accept-Encoding',
    });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body.length).toBeLessThan(30_000);
    for (const coding of ['gzip', 'br']) {
      const { headers, text } = await open({ 'accept-encoding': coding });
      expect([headers['content-encoding'], text]).toEqual([coding, plain.text]);
    }
    const { etag = '' } = plain.headers;
    expect((await open({ 'if-none-match': etag })).status).toBe(304);
  });

  it('runs no script but those of the gateway', async () => {
    const { headers, text } = await open();
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toContain('eval');
    for (const [, attributes, content] of text.matchAll(/<script([^>]*)>([^<]*)</g))
      expect(attributes?.includes('application/json') || content === '').toBe(true);
  });

  it('names its files by addresses that are right below any path', async () => {
    const [beside, within] = [await open(), await open({}, '/graphql/')];
    expect(filesOf(beside.text).length).toBeGreaterThanOrEqual(2);
    for (const address of filesOf(beside.text)) expect(address).toMatch(/^graphiql\//);
    for (const address of filesOf(within.text)) expect(address).toMatch(/^\.\.\/graphiql\//);
  });

  it('holds no text that could end an element', async () => {
    const { text } = await open();
    const [, settings = ''] = /<script type="application\/json"[^>]*>(.*?)<\/script>/s.exec(text) ?? [];
    expect(settings).not.toContain('<');
    expect(JSON.parse(settings)).toMatchObject({ needsKey: false, publicUrl: gateway.url });
  });
});

describe('the files of GraphiQL', () => {
  it('never change, are open to everybody, and come in the coding that is asked for', async () => {
    const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: 'read:read-key-of-the-test' });
    const closed = await startGateway({ ...(apiKeys && { apiKeys }) });
    for (const address of filesOf((await open()).text)) {
      const send = (headers: Record<string, string>, method = 'GET') =>
        sendRaw(`${closed.url}/${address}`, { headers, method });
      const plain = await send({});
      expect(plain.status).toBe(200);
      expect(plain.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'Accept-Encoding',
        'x-content-type-options': 'nosniff',
      });
      expect(plain.headers['content-encoding']).toBeUndefined();
      for (const coding of ['gzip', 'br']) {
        const compressed = await send({ 'accept-encoding': coding });
        expect([compressed.headers['content-encoding'], compressed.text === plain.text]).toEqual([
          coding,
          true,
        ]);
        expect(compressed.headers['content-length']).toBe(String(compressed.body.length));
      }
      const head = await send({ 'accept-encoding': 'br' }, 'HEAD');
      expect([head.headers['content-encoding'], head.body.length]).toEqual(['br', 0]);
    }
    await closed.close();
  });

  it.each(['', 'nothing.js', 'manifest.json', '.inputs', '../bin.js', '..%2fbin.js', '%2e%2e/bin.js'])(
    'are these alone: %j is not found',
    async (name) => {
      expect((await sendRaw(`${gateway.url}/graphiql/${name}`, {})).status).toBe(404);
    },
  );

  it('are only read', async () => {
    const { status, headers } = await sendRaw(`${gateway.url}/graphiql/x.js`, { method: 'POST' });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});
