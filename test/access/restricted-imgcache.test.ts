import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { restrictToBuckets } from '#src/access/restricted-imgcache.js';
import { createImgCacheClient, type ImgCacheClient } from '#src/remote/imgcache/client.js';
import type { ImgCache } from '#src/services/imgcache.js';
import { CacheServer } from '../fakes/cache-server.js';
import { MemoryImgCache } from '../fakes/memory-imgcache.js';
import { stageBytes } from '../fakes/memory-staging.js';
import { failureOf } from '../fakes/service-calls.js';
import { tinyPicture, tinyPictureFacts } from '../fakes/tiny-picture.js';

const ORIGIN = { url: 'https://a.example/x.png', clientName: 'c' };

let server: CacheServer;
let imgcache: ImgCacheClient;
let contentHash: string;

beforeAll(async () => {
  server = await CacheServer.start();
  imgcache = createImgCacheClient({ baseUrl: server.url, timeoutMs: 10_000, bucket: 'own' });
});
afterAll(async () => {
  await imgcache.close();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  server.rows.length = 0;
  for (const bucket of ['own', 'a', 'b']) ({ contentHash } = (await store(imgcache.inBucket!(bucket))).entry);
});

const staged = () => stageBytes(tinyPicture('00000000000000ff'), (_, bytes) => tinyPictureFacts(bytes));

async function store(target: ImgCache) {
  await using image = await staged();
  return await target.store(image, ORIGIN);
}

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

/** Every call about entries. */
const CALLS: Record<string, (target: ImgCache) => Promise<unknown>> = {
  getMeta: (target) => target.getMeta([contentHash]),
  lookup: (target) => target.lookup([ORIGIN.url]),
  getUrls: (target) => target.getUrls([contentHash]),
  getFewUrls: (target) => target.getFewUrls([], 1),
  countUrls: (target) => target.countUrls([contentHash]),
  search: (target) => collect(target.search({ order: 'NEWEST_FIRST' })),
  count: (target) => target.count({}),
  listClients: (target) => target.listClients({ startsWith: '', limit: 1 }),
  similar: (target) => collect(target.similar({ perceptualHash: '00000000000000ff', maxHammingDistance: 0 })),
  getBytes: async (target) => (await target.getBytes(contentHash))?.stream.destroy(),
  store,
  delete: (target) => target.delete(contentHash),
};

describe.each(Object.entries(CALLS))('A key limited to buckets, at %s', (_, call) => {
  const refusal = { code: 'REFUSED', message: 'The key is not good for this bucket of imgcache.' };

  it('reaches these', async () => {
    const restricted = restrictToBuckets(['a', 'own'], imgcache);
    await call(restricted);
    await call(restricted.inBucket!('a'));
    await call(restricted.inBucket!('own'));
  });

  it('reaches no other, named or not, and changes nothing', async () => {
    const before = structuredClone(server.rows.map(({ bytes: _bytes, ...row }) => row));
    const restricted = restrictToBuckets(['a'], imgcache);
    server.requests.reset();
    for (const target of [restricted, restricted.inBucket!('b'), restricted.inBucket!('own')])
      expect(await failureOf(call(target))).toMatchObject(refusal);
    expect(server.requests.requests).toEqual([]);
    expect(server.rows.map(({ bytes: _bytes, ...row }) => row)).toEqual(before);
  });

  it('reaches nothing of an imgcache without buckets', async () => {
    const restricted = restrictToBuckets(['a'], new MemoryImgCache());
    expect(await failureOf(call(restricted))).toMatchObject(refusal);
    expect(restricted.inBucket).toBeUndefined();
  });
});

it('A key limited to buckets sees the names of these alone, and how the service is', async () => {
  const restricted = restrictToBuckets(['a', 'absent'], imgcache);
  expect(await restricted.listBuckets!()).toEqual(['a']);
  expect(await restricted.hashing!()).toBe('BLAKE3');
  await restricted.health();
  expect(restrictToBuckets(['a'], new MemoryImgCache()).listBuckets).toBeUndefined();
});
