import { blake3 } from 'hash-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { stageBytes } from '../fakes/memory-staging.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';

const PICTURE = tinyPicture('0f1e2d3c4b5a6978');
const HASH = await blake3(PICTURE);
const { contentHash: OLDER_HASH } = await stageBytes(PICTURE);
const URL = 'https://a.example/p/q.png';
const STORE = `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename
  ... on StoreEntrySuccess { status entry { contentHash bucket urls } } } }`;

/** The calls of the newer server's own client, as it makes them. */
function clientOf(gateway: TestGateway, headers: Record<string, string> = {}) {
  const base = `${gateway.url}/imgcache`;
  return {
    async store(url: string, bytes: Buffer, clientName: string, bucket = 'default', prefix?: string) {
      const form = new FormData();
      const fields = {
        url,
        client_name: clientName,
        bucket,
        content_hash: await blake3(bytes),
        ...(prefix && { prefix }),
      };
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      form.set('file', new Blob([new Uint8Array(bytes)]), 'image');
      return fetch(`${base}/cache`, { method: 'POST', body: form, headers });
    },
    get: (path: string, query: Record<string, string> = {}) =>
      fetch(`${base}${path}?${new URLSearchParams(query)}`, { headers }),
    delete: (hash: string, bucket = 'default') =>
      fetch(`${base}/cache/${hash}?bucket=${bucket}`, { method: 'DELETE', headers }),
  };
}

const jsonOf = async (response: Promise<Response>) => (await response).json();

describe('The client of the newer imgcache', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(async () => {
    await gateway.close();
    expect(gateway.reported).toEqual([]);
  });

  it('stores, finds, reads and deletes in its bucket, which the graph knows', async () => {
    const client = clientOf(gateway);
    expect(await jsonOf(client.get('/health'))).toEqual({ status: 'ok' });
    const stored = await client.store(URL, PICTURE, 'scraper', 'default', 'doors/left');
    expect(stored.status).toBe(201);
    const entry = (await stored.json()) as { hash: string };
    expect(entry).toMatchObject({
      hash: HASH,
      prefix: 'doors/left',
      aliases: [URL],
      perceptual_hash: '0f1e2d3c4b5a6978',
    });
    expect((await client.store(`${URL}?2`, PICTURE, 'scraper')).status).toBe(200);
    expect((await client.store(URL, PICTURE, 'scraper', 'parts')).status).toBe(201);
    const bytes = await client.get(`/cache/${HASH}`, { bucket: 'default' });
    expect(Buffer.from(await bytes.arrayBuffer())).toEqual(PICTURE);
    expect(await jsonOf(client.get(`/cache/meta/${HASH}`, { bucket: 'default' }))).toMatchObject({
      aliases: [URL, `${URL}?2`],
    });
    expect(await jsonOf(client.get('/cache/lookup', { url: `${URL}?2` }))).toMatchObject({
      bucket: 'default',
    });
    expect(await jsonOf(client.get('/cache/search', { url_contains: 'q.png' }))).toHaveLength(2);
    expect(
      await jsonOf(
        client.get('/cache/similar', {
          perceptual_hash: '0f1e2d3c4b5a6979',
          max_hamming_distance: '4',
          bucket: 'parts',
        }),
      ),
    ).toHaveLength(1);
    const { data } = await gateway.graphql(
      '{ buckets entries(filter: { bucket: "default" }) { nodes { contentHash urls } } }',
    );
    expect(data).toEqual({
      buckets: ['default', 'parts'],
      entries: { nodes: [{ contentHash: OLDER_HASH, urls: [URL, `${URL}?2`] }] },
    });
    const served = await client.get(`/cache/serve/${HASH}`, { bucket: 'parts' });
    expect(served.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    await served.arrayBuffer();
    expect((await client.delete(HASH)).status).toBe(204);
    expect((await client.delete(HASH)).status).toBe(404);
    expect((await client.get(`/cache/meta/${HASH}`, { bucket: 'parts' })).status).toBe(200);
    const older = await fetch(`${gateway.url}/imgcache/images/meta/${OLDER_HASH}?bucket=parts`);
    expect(await older.json()).toMatchObject({ url: URL, client_name: 'scraper' });
  });
});

describe('A gateway before another one', () => {
  it('speaks the older protocol with it, or the newer where that is set', async () => {
    const behind = await startGateway();
    const imgcacheUrl = `${behind.url}/imgcache`;
    const found = await startGateway({ imgcacheUrl });
    const set = await startGateway({ imgcacheUrl, imgcacheDialect: 'CACHE', imgcacheBucket: 'parts' });
    const dialectOf = async (gateway: TestGateway) => {
      const { data } = await gateway.graphql('{ services { name dialect } }');
      return data.services.find(({ name }: { name: string }) => name === 'IMGCACHE').dialect;
    };
    expect([await dialectOf(found), await dialectOf(set)]).toEqual(['IMAGES', 'CACHE']);
    const store = async (gateway: TestGateway, url: string, more: object = {}) => {
      const image = { base64: PICTURE.toString('base64') };
      const { data } = await gateway.graphql(STORE, { input: { url, clientName: 'c', image, ...more } });
      return data.storeEntry;
    };
    expect(await store(found, `${URL}?1`)).toMatchObject({
      status: 'CREATED',
      entry: { contentHash: OLDER_HASH },
    });
    expect(await store(set, `${URL}?2`)).toMatchObject({
      status: 'CREATED',
      entry: { contentHash: HASH, bucket: 'parts' },
    });
    expect(await store(set, `${URL}?3`)).toMatchObject({
      status: 'URL_ADDED',
      entry: { urls: [`${URL}?2`, `${URL}?3`] },
    });
    expect(await store(set, `${URL}?4`, { bucket: 'other' })).toMatchObject({ entry: { bucket: 'other' } });
    expect((await set.graphql('{ buckets }')).data.buckets).toEqual(['', 'other', 'parts']);
    const across = await jsonOf(clientOf(set).get('/browse', { order: 'asc' }));
    expect(across.items.map(({ bucket, url }: { bucket: string; url: string }) => [bucket, url])).toEqual([
      ['', `${URL}?1`],
      ['parts', `${URL}?2`],
      ['other', `${URL}?4`],
    ]);
    for (const gateway of [found, set, behind]) {
      await gateway.close();
      expect(gateway.reported).toEqual([]);
    }
  });
});

describe('Where keys are set', () => {
  it('each may do with the newer protocol what it may do with the older one', async () => {
    const [read, write, limited] = ['r', 'w', 'l'].map((letter) => letter.repeat(40));
    const { apiKeys } = loadConfig({
      LOOKALIKE_API_KEYS: `read:${read},write:${write},write@bucket=parts:${limited}`,
    });
    const gateway = await startGateway({ apiKeys: apiKeys! });
    const clientWith = (key: string) => clientOf(gateway, { 'x-api-key': key });
    expect((await clientOf(gateway).get('/browse')).status).toBe(401);
    expect((await clientWith(read!).store(URL, PICTURE, 'c')).status).toBe(403);
    expect((await clientWith(write!).store(URL, PICTURE, 'c')).status).toBe(201);
    expect((await clientWith(limited!).store(URL, PICTURE, 'c')).status).toBe(403);
    expect((await clientWith(limited!).store(URL, PICTURE, 'c', 'parts')).status).toBe(201);
    expect(await jsonOf(clientWith(limited!).get('/browse/buckets'))).toEqual({ buckets: ['parts'] });
    expect((await jsonOf(clientWith(limited!).get('/browse'))).items).toHaveLength(1);
    expect((await jsonOf(clientWith(read!).get('/browse'))).items).toHaveLength(2);
    const served = await clientWith(read!).get(`/cache/serve/${HASH}`, { bucket: 'default' });
    expect(served.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    await served.arrayBuffer();
    expect((await clientWith(read!).delete(HASH)).status).toBe(403);
    expect((await clientWith(limited!).delete(HASH)).status).toBe(403);
    await gateway.close();
    expect(gateway.reported).toEqual([]);
  });
});
