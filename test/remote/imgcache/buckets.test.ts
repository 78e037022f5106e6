import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createImgCacheClient, type ImgCacheClient } from '#src/remote/imgcache/client.js';
import type { ImgCache } from '#src/services/imgcache.js';
import { CacheServer } from '../../fakes/cache-server.js';
import { FaultyServer } from '../../fakes/faulty-server.js';
import { hashOf, noEntry } from '../../fakes/imgcache-row.js';
import { stageBytes } from '../../fakes/memory-staging.js';
import { failureOf } from '../../fakes/service-calls.js';
import { tinyPicture, tinyPictureFacts } from '../../fakes/tiny-picture.js';

const BYTES = tinyPicture('00000000000000ff');
const ORIGIN = { url: 'https://a.example/x.png', clientName: 'c' };

let server: CacheServer;
let client: ImgCacheClient;

beforeEach(async () => {
  server = await CacheServer.start();
  client = createImgCacheClient({ baseUrl: server.url, timeoutMs: 10_000, bucket: 'own' });
});
afterEach(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

async function store(imgcache: ImgCache, url = ORIGIN.url) {
  await using image = await stageBytes(BYTES, (_, bytes) => tinyPictureFacts(bytes));
  return await imgcache.store(image, { ...ORIGIN, url });
}

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

describe('The buckets of a remote imgcache', () => {
  it('hold an entry each of the same bytes, which says where it is where that was asked', async () => {
    const other = client.inBucket!('other');
    const own = await store(client, 'https://a.example/own');
    expect(await other.getMeta([own.entry.contentHash])).toEqual([null]);
    const { entry, status } = await store(other, 'https://a.example/other');
    expect([own.status, status]).toEqual(['CREATED', 'CREATED']);
    expect([own.entry.bucket, entry.bucket]).toEqual([undefined, 'other']);
    const { contentHash } = entry;
    expect(await client.getMeta([contentHash])).toEqual([own.entry]);
    expect(await other.getMeta([contentHash])).toEqual([entry]);
    expect(await other.lookup(['https://a.example/own', 'https://a.example/other'])).toEqual([null, entry]);
    for (const order of ['NEWEST_FIRST', 'LARGEST_FIRST'] as const)
      expect(await collect(other.search({ order }))).toEqual([entry]);
    const [brief] = await collect(other.search({ order: 'NEWEST_FIRST', mayBeBrief: true }));
    expect(brief).toMatchObject({ contentHash, bucket: 'other', brief: true });
    const similar = { perceptualHash: '00000000000000ff', maxHammingDistance: 0 };
    expect(await collect(other.similar(similar))).toEqual([{ entry, hammingDistance: 0 }]);
    expect(await other.count({ urlContains: 'other' })).toBe(1);
    expect(await other.delete(contentHash)).toBe(true);
    expect(await client.getMeta([contentHash])).toEqual([own.entry]);
  });

  it('are listed by name, with the one that is meant without a name told', async () => {
    expect(await client.listBuckets!()).toEqual([]);
    for (const name of ['z', 'a', '']) await store(client.inBucket!(name));
    expect(await client.listBuckets!()).toEqual(['', 'a', 'z']);
    expect(await client.defaultBucket!()).toBe('own');
  });

  it('are the same under the name of the one that is meant without a name', async () => {
    const { entry } = await store(client.inBucket!('own'));
    expect(await client.getMeta([entry.contentHash])).toEqual([entry]);
    expect(entry.bucket).toBeUndefined();
    expect(server.rows).toMatchObject([{ bucket: 'own' }]);
  });

  it('are none of a server that speaks the older dialect', async () => {
    await using older = await FaultyServer.start(noEntry);
    const lacking = createImgCacheClient({ baseUrl: older.url, timeoutMs: 10_000 });
    expect([await lacking.listBuckets!(), await lacking.defaultBucket!()]).toEqual([null, null]);
    const named = lacking.inBucket!('other');
    const failure = { code: 'UNSUPPORTED', retryable: false, message: 'This imgcache has no buckets.' };
    expect(await failureOf(named.getMeta([hashOf(1)]))).toMatchObject(failure);
    expect(await failureOf(collect(named.search({ order: 'NEWEST_FIRST' })))).toMatchObject(failure);
    expect(await failureOf(store(named))).toMatchObject(failure);
    expect(older.paths).toEqual([`/images/meta/${hashOf(0)}`]);
    await lacking.close();
  });
});
