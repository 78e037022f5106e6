import { describe, expect, it } from 'vitest';
import {
  createImgCacheClient,
  type ImgCacheClient,
  type ImgCacheClientOptions,
} from '#src/remote/imgcache/client.js';
import { CacheServer } from '../../fakes/cache-server.js';
import { FaultyServer, forwardTo, html, json } from '../../fakes/faulty-server.js';
import { hashOf, noEntry } from '../../fakes/imgcache-row.js';
import { MemoryImgCache } from '../../fakes/memory-imgcache.js';
import { MemoryStaging, stageBytes } from '../../fakes/memory-staging.js';
import { failureOf } from '../../fakes/service-calls.js';
import { tinyPicture, tinyPictureFacts } from '../../fakes/tiny-picture.js';
import { startWireServer } from '../../fakes/wire-server.js';

function connect(
  baseUrl: string,
  options: Partial<ImgCacheClientOptions> = {},
): ImgCacheClient & AsyncDisposable {
  const client = createImgCacheClient({ baseUrl, timeoutMs: 10_000, ...options });
  return { ...client, [Symbol.asyncDispose]: () => client.close() };
}

const IN_IMAGES = `/images/meta/${hashOf(0)}`;
const IN_CACHE = `/cache/meta/${hashOf(0)}`;
const get = (...paths: string[]) => paths.map((path) => `GET ${path}`);
const picture = () => stageBytes(tinyPicture('00000000000000ff'), (_, bytes) => tinyPictureFacts(bytes));
const ORIGIN = { url: 'https://a.example/x.png', clientName: 'c' };

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

describe('The dialect of a remote imgcache', () => {
  it('is found out once, by what only an imgcache says, and told', async () => {
    await using server = await CacheServer.start();
    await using client = connect(server.url);
    expect(client.dialect()).toBeNull();
    expect(await client.getMeta([hashOf(1)])).toEqual([null]);
    expect(client.dialect()).toBe('CACHE');
    expect(await client.hashing()).toBe('BLAKE3');
    await client.getMeta([hashOf(2)]);
    const asked = [
      IN_IMAGES,
      IN_CACHE,
      `/cache/meta/${hashOf(1)}?bucket=default`,
      `/cache/meta/${hashOf(2)}?bucket=default`,
    ];
    expect(server.requests.requests).toEqual(get(...asked));
  });

  it('is the older one where the server speaks it', async () => {
    await using server = await FaultyServer.start(noEntry);
    await using client = connect(server.url);
    expect(await client.hashing()).toBe('BLAKE2B');
    expect(client.dialect()).toBe('IMAGES');
    expect(server.paths).toEqual([IN_IMAGES]);
  });

  it('is found out by the first of many calls at once', async () => {
    await using server = await CacheServer.start();
    await using client = connect(server.url);
    await Promise.all([1, 2, 3].map((index) => client.getMeta([hashOf(index)])));
    expect(server.requests.counts).toMatchObject({ [`GET ${IN_IMAGES}`]: 1, [`GET ${IN_CACHE}`]: 1 });
  });

  it('costs nothing where it is set', async () => {
    await using server = await CacheServer.start();
    await using client = connect(server.url, { dialect: 'CACHE', bucket: 'parts & more' });
    expect(client.dialect()).toBe('CACHE');
    await client.getMeta([hashOf(1)]);
    expect(server.requests.requests).toEqual(get(`/cache/meta/${hashOf(1)}?bucket=parts+%26+more`));
  });

  it('stays as it is set where the server speaks the other one, which is no imgcache then', async () => {
    await using server = await CacheServer.start();
    await using client = connect(server.url, { dialect: 'IMAGES' });
    const failure = await failureOf(client.getMeta([hashOf(1)]));
    expect(failure).toMatchObject({ code: 'BAD_RESPONSE', retryable: false });
    expect(failure.message).toBe('imgcache does not answer at the address that is set for it.');
    expect(server.requests.requests).toEqual(get(`/images/meta/${hashOf(1)}`));
  });

  it('is found out anew, without a failure, when another server has taken the place of the first', async () => {
    const staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));
    const older = await startWireServer({ imgcache: new MemoryImgCache(), staging });
    await using newer = await CacheServer.start();
    await using server = await FaultyServer.start(forwardTo(older.url));
    await using client = connect(server.url);
    await using image = await picture();
    const first = await client.store(image, ORIGIN);
    expect([first.entry.contentHash, client.dialect()]).toEqual([image.contentHash, 'IMAGES']);

    await server.leave();
    expect(await failureOf(client.getMeta([hashOf(1)]))).toMatchObject({ code: 'UNAVAILABLE' });
    await server.comeBack();
    server.behave(forwardTo(newer.url));
    const { entry, status } = await client.store(image, ORIGIN);
    expect([status, entry.contentHash, client.dialect()]).toEqual(['CREATED', await image.blake3(), 'CACHE']);

    server.behave(forwardTo(older.url));
    const found = await collect(client.search({ order: 'NEWEST_FIRST' }));
    expect(found.map(({ contentHash }) => contentHash)).toEqual([image.contentHash]);
    expect(client.dialect()).toBe('IMAGES');
    server.behave(forwardTo(newer.url));
    const bytes = await client.getBytes(entry.contentHash);
    expect(Buffer.concat(await bytes!.stream.toArray())).toEqual(tinyPicture('00000000000000ff'));
    server.behave(forwardTo(older.url));
    expect(
      await collect(client.similar({ perceptualHash: '00000000000000ff', maxHammingDistance: 0 })),
    ).toHaveLength(1);
    await older.close();
  });

  it('is none of a server that says nothing of the kind', async () => {
    for (const behaviour of [html(404), json({ detail: 'Not Found' }, 404)]) {
      await using server = await FaultyServer.start(behaviour);
      await using client = connect(server.url);
      expect(await failureOf(client.health())).toMatchObject({ code: 'BAD_RESPONSE', retryable: false });
      expect(client.dialect()).toBeNull();
      expect(server.paths).toEqual([IN_IMAGES, IN_CACHE]);
    }
  });

  it('is asked for again after the server could not be asked', async () => {
    await using server = await FaultyServer.start(html(503));
    await using client = connect(server.url);
    expect(await failureOf(client.hashing())).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    server.behave(noEntry);
    expect(await client.hashing()).toBe('BLAKE2B');
  });

  it('does not count as a failure of the service', async () => {
    await using server = await CacheServer.start();
    await using client = connect(server.url);
    await client.health();
    expect(client.status().recentCalls.failed).toBe(0);
  });

  it('says nothing for a page that answers everything', async () => {
    await using server = await FaultyServer.start(html(200));
    await using client = connect(server.url);
    expect(await failureOf(client.delete(hashOf(1)))).toMatchObject({ code: 'BAD_RESPONSE' });
  });
});
