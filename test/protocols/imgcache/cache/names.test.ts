import { blake3 } from 'hash-wasm';
import { describe, expect, it, vi } from 'vitest';
import { createImgCacheClient } from '#src/remote/imgcache/client.js';
import { FaultyServer } from '../../../fakes/faulty-server.js';
import { MemoryBuckets } from '../../../fakes/memory-buckets.js';
import { MemoryImgCache } from '../../../fakes/memory-imgcache.js';
import { MemoryStaging, stageBytes } from '../../../fakes/memory-staging.js';
import { tinyPicture, tinyPictureFacts } from '../../../fakes/tiny-picture.js';
import { startWireServer } from '../../../fakes/wire-server.js';
import { formOf, send, store } from './requests.js';

const PICTURE = tinyPicture('00000000000000ff');
const BLAKE3 = await blake3(PICTURE);
const { contentHash: BLAKE2B } = await stageBytes(PICTURE);
const staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));

describe('Bytes', () => {
  it('are named by their BLAKE3, and found by either hash', async () => {
    const server = await startWireServer({ imgcache: new MemoryBuckets(), staging });
    expect((await store(server, PICTURE)).json.hash).toBe(BLAKE3);
    for (const hash of [BLAKE3, BLAKE2B]) {
      expect((await send(server, 'GET', `/cache/meta/${hash}`)).json.hash).toBe(BLAKE3);
      expect((await send(server, 'GET', `/cache/${hash}`)).status).toBe(200);
      expect((await send(server, 'GET', `/cache/serve/${hash}`)).headers.etag).toBe(`"${hash}"`);
      expect((await send(server, 'GET', `/cache/lookup?url=x&version=${hash}`)).json.hash).toBe(BLAKE3);
    }
    expect((await send(server, 'GET', `/images/meta/${BLAKE2B}`)).json.content_hash).toBe(BLAKE2B);
    expect((await send(server, 'DELETE', `/cache/${BLAKE2B}`)).status).toBe(204);
    await server.close();
  });

  it('have the name that the service has where their BLAKE3 is not known yet', async () => {
    const imgcache = new MemoryBuckets();
    vi.spyOn(imgcache, 'getBlake3').mockImplementation(async (hashes) => hashes.map(() => null));
    vi.spyOn(imgcache, 'findByBlake3').mockImplementation(async (hashes) => hashes.map(() => null));
    const server = await startWireServer({ imgcache, staging });
    expect((await store(server, PICTURE)).json.hash).toBe(BLAKE2B);
    expect((await send(server, 'GET', `/cache/meta/${BLAKE2B}`)).status).toBe(200);
    expect((await send(server, 'GET', `/cache/meta/${BLAKE3}`)).status).toBe(404);
    await server.close();
  });

  it.each(['x', BLAKE3.toUpperCase(), `${BLAKE3}0`, '..', '%00', '%F0%9F%98%80'])(
    'have no such name, and nobody is asked: %s',
    async (hash) => {
      const imgcache = new MemoryBuckets();
      const asked = [
        vi.spyOn(imgcache, 'getMeta'),
        vi.spyOn(imgcache, 'findByBlake3'),
        vi.spyOn(imgcache, 'delete'),
      ];
      const server = await startWireServer({ imgcache, staging });
      for (const [method, path] of [
        ['GET', `/cache/${hash}`],
        ['GET', `/cache/meta/${hash}`],
        ['GET', `/cache/serve/${hash}`],
        ['DELETE', `/cache/${hash}`],
      ] as const)
        expect((await send(server, method, path)).json).toEqual({ detail: 'Not found' });
      const version = await send(server, 'GET', `/cache/lookup?url=x&version=${hash}`);
      expect(version.status).toBe(hash === '%00' ? 422 : 404);
      for (const spy of asked) expect(spy).not.toHaveBeenCalled();
      await server.close();
    },
  );
});

/** An imgcache without buckets, and one that is found out to be so. */
const WITHOUT_BUCKETS = {
  'in memory': async () => ({ imgcache: new MemoryImgCache(), close: async () => {} }),
  'remote, of the older protocol': async () => {
    const behind = await startWireServer({ imgcache: new MemoryImgCache(), staging });
    const imgcache = createImgCacheClient({ baseUrl: behind.url, timeoutMs: 10_000 });
    return {
      imgcache,
      async close() {
        await imgcache.close();
        await behind.close();
      },
    };
  },
};

describe.each(Object.entries(WITHOUT_BUCKETS))('An imgcache without buckets, %s', (_, start) => {
  it('is the bucket without a name, and has no other', async () => {
    const { imgcache, close } = await start();
    const server = await startWireServer({ imgcache, staging });
    const stored = await store(server, PICTURE, { bucket: '', prefix: 'doors', meta: '{"a":1}' });
    expect(stored).toMatchObject({
      status: 201,
      // What it cannot keep is not told to be there.
      json: { hash: BLAKE2B, bucket: '', prefix: null, meta: null, retrieved_at: null },
    });
    for (const query of ['', '&bucket='])
      for (const path of [
        '/cache/lookup?url=https://a.example/x.png',
        '/cache/search?url_contains=',
        '/cache/similar?perceptual_hash=ff',
        '/browse?',
      ])
        expect((await send(server, 'GET', path + query)).text, path + query).toContain(BLAKE2B);
    expect((await send(server, 'GET', `/cache/lookup?url=x&version=${BLAKE2B}`)).status).toBe(200);
    expect((await send(server, 'GET', '/browse?prefix=doors')).json.items).toEqual([]);
    expect((await send(server, 'GET', '/browse/buckets')).json).toEqual({ buckets: [''] });
    expect((await send(server, 'GET', '/browse/prefixes?bucket=')).json).toEqual({ prefixes: [] });
    for (const path of [
      `/cache/${BLAKE2B}?`,
      '/browse?',
      '/cache/search?url_contains=&',
      '/browse/prefixes?',
    ])
      expect((await send(server, 'GET', `${path}bucket=b`)).json).toMatchObject({
        detail: [{ loc: ['query', 'bucket'], input: 'b' }],
      });
    const refused = await send(server, 'POST', '/cache', { parts: await formOf(PICTURE, { bucket: 'b' }) });
    expect(refused.json).toMatchObject({ detail: [{ loc: ['body', 'bucket'] }] });
    const wrong = await store(server, PICTURE, { content_hash: BLAKE2B });
    expect(wrong.json).toEqual({ detail: 'content_hash does not match uploaded content' });
    await server.close();
    await close();
  });
});

it('A remote imgcache that refuses an image does so in the words that it used', async () => {
  const detail = "Rejected: content resolved to 'application/octet-stream', not an image.";
  await using behind = await FaultyServer.start(({ request, response }) => {
    response.writeHead(request.method === 'POST' ? 422 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ detail: request.method === 'POST' ? detail : 'Not found' }));
  });
  const imgcache = createImgCacheClient({ baseUrl: behind.url, timeoutMs: 10_000, dialect: 'CACHE' });
  const server = await startWireServer({ imgcache, staging });
  expect(await store(server, PICTURE)).toMatchObject({ status: 422, json: { detail } });
  await server.close();
  await imgcache.close();
});
