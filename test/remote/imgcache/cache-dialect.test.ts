import fc from 'fast-check';
import { blake3 } from 'hash-wasm';
import { describe, expect, it } from 'vitest';
import { createImgCacheClient, type ImgCacheClient } from '#src/remote/imgcache/client.js';
import type { Entry } from '#src/services/entry.js';
import { RefusedImageError } from '#src/services/entry-origin.js';
import type { EntryQuery } from '#src/services/entry-query.js';
import { CacheServer } from '../../fakes/cache-server.js';
import { FaultyServer, json } from '../../fakes/faulty-server.js';
import { hashOf } from '../../fakes/imgcache-row.js';
import { selectEntries } from '../../fakes/memory-imgcache.js';
import { stageBytes } from '../../fakes/memory-staging.js';
import { failureOf } from '../../fakes/service-calls.js';
import { tinyPicture, tinyPictureFacts } from '../../fakes/tiny-picture.js';

function connect(baseUrl: string, bucket?: string): ImgCacheClient & AsyncDisposable {
  const client = createImgCacheClient({ baseUrl, timeoutMs: 10_000, dialect: 'CACHE', bucket });
  return { ...client, [Symbol.asyncDispose]: () => client.close() };
}

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

const ORIGIN = { url: 'https://a.example/p/q.png', clientName: 'c' };
const staged = (bytes: Buffer) => stageBytes(bytes, (_, all) => tinyPictureFacts(all));

/** A row as if it had been stored long ago. */
function addRow(server: CacheServer, index: number, changes: object = {}): void {
  const time = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString().replace('Z', '000');
  server.rows.push({
    bucket: 'default',
    prefix: null,
    url: `https://a.example/${index}.png`,
    hash: hashOf(index),
    mime_type: 'image/png',
    size_bytes: index,
    filename: `${index}.png`,
    width: 9,
    height: 8,
    perceptual_hash: '00000000000000ff',
    file_extension: '.png',
    client_name: 'c',
    created_at: time,
    retrieved_at: time,
    meta: null,
    aliases: [`https://a.example/${index}.png`],
    bytes: Buffer.alloc(0),
    ...changes,
  });
}

describe('An imgcache with /cache', () => {
  it('stores bytes under their BLAKE3, in the bucket that is set, and gives them back', async () => {
    await using server = await CacheServer.start();
    await using client = connect(server.url, 'parts');
    const bytes = tinyPicture('0123456789abcdef');
    await using image = await staged(bytes);
    const { entry, status } = await client.store(image, ORIGIN);
    const contentHash = await blake3(bytes);
    expect(status).toBe('CREATED');
    expect(entry).toMatchObject({
      contentHash,
      originalFilename: 'q.png',
      perceptualHash: '0123456789abcdef',
    });
    expect(entry.lookupTime).toBe(entry.createdAt);
    expect(server.rows).toMatchObject([{ bucket: 'parts', hash: contentHash, client_name: 'c' }]);
    const again = await client.store(image, ORIGIN);
    expect(again).toEqual({ status: 'UNCHANGED', entry: { ...entry, retrievedAt: expect.any(String) } });
    expect(again.entry.retrievedAt! > entry.retrievedAt!).toBe(true);
    expect(await client.getMeta([contentHash, hashOf(1)])).toEqual([again.entry, null]);
    expect(await client.lookup([ORIGIN.url])).toEqual([again.entry]);
    expect(await client.getUrls([contentHash, hashOf(1)])).toEqual([[ORIGIN.url], []]);
    const read = await client.getBytes(contentHash, { start: 1, end: 3 });
    expect(Buffer.concat(await read!.stream.toArray()).toString()).toBe('PNG');
    expect(read).toMatchObject({ fileSizeBytes: bytes.length, contentType: 'image/png' });
    expect([await client.delete(contentHash), await client.delete(contentHash)]).toEqual([true, false]);
    expect(server.rows).toEqual([]);
  });

  it('knows nothing of other buckets', async () => {
    await using server = await CacheServer.start();
    addRow(server, 1, { bucket: 'other' });
    addRow(server, 2);
    await using client = connect(server.url);
    expect(await client.getMeta([hashOf(1)])).toEqual([null]);
    expect(await client.lookup(['https://a.example/1.png'])).toEqual([null]);
    expect(await client.getBytes(hashOf(1))).toBeNull();
    expect(await client.delete(hashOf(1))).toBe(false);
    const hashes = (entries: readonly Entry[]) => entries.map(({ contentHash }) => contentHash);
    expect(hashes(await collect(client.search({ order: 'NEWEST_FIRST' })))).toEqual([hashOf(2)]);
    expect(hashes(await collect(client.search({ order: 'LARGEST_FIRST' })))).toEqual([hashOf(2)]);
    expect(await client.count({})).toBe(1);
    expect(await client.listClients({ startsWith: '', limit: 10 })).toEqual([{ name: 'c', entryCount: 1 }]);
    const similar = await collect(
      client.similar({ perceptualHash: '00000000000000ff', maxHammingDistance: 64 }),
    );
    expect(hashes(similar.map(({ entry }) => entry))).toEqual([hashOf(2)]);
  });

  it('refuses what is no image, and what is not what its hash says', async () => {
    await using server = await CacheServer.start();
    await using client = connect(server.url);
    await using text = await staged(Buffer.from('text'));
    await expect(client.store(text, ORIGIN)).rejects.toThrow(new RefusedImageError('NOT_AN_IMAGE'));
    await using image = await staged(tinyPicture('00000000000000ff'));
    const other = { ...image, blake3: async () => hashOf(1) };
    await expect(client.store(other, ORIGIN)).rejects.toThrow(new RefusedImageError('OTHER_BYTES'));
    expect(server.rows).toEqual([]);
    expect(client.status().recentCalls.failed).toBe(0);
  });

  it('takes no other refusal for one of the image', async () => {
    await using server = await FaultyServer.start(json({ detail: [{ loc: ['body', 'url'] }] }, 422));
    await using client = connect(server.url);
    await using image = await staged(tinyPicture('00000000000000ff'));
    const failure = await failureOf(client.store(image, ORIGIN));
    expect(failure).toMatchObject({
      code: 'REFUSED',
      message: 'imgcache refused the request with status 422.',
    });
  });

  it('is not believed when it stored something else', async () => {
    await using server = await CacheServer.start();
    addRow(server, 7);
    const { bytes: _, ...row } = server.rows[0]!;
    await using liar = await FaultyServer.start(json(row, 201));
    await using client = connect(liar.url);
    await using image = await staged(tinyPicture('00000000000000ff'));
    expect(await failureOf(client.store(image, ORIGIN))).toMatchObject({ code: 'BAD_RESPONSE' });
  });

  it.each([
    ['no hash', { hash: 'x' }],
    ['no time', { created_at: null }],
    ['no URLs', { aliases: [] }],
    ['a size that is none', { size_bytes: -1 }],
    ['a perceptual hash that is none', { perceptual_hash: 'zz' }],
  ])('is not understood with %s', async (_, changes) => {
    await using server = await CacheServer.start();
    addRow(server, 1, changes);
    await using front = await FaultyServer.start(json({ ...server.rows[0], bytes: undefined }));
    await using client = connect(front.url);
    expect(await failureOf(client.lookup(['https://a.example/']))).toMatchObject({ code: 'BAD_RESPONSE' });
  });
});

describe('A list of it', () => {
  it('of 20 among 50,000 is one request, of brief entries, at any place', async () => {
    await using server = await CacheServer.start();
    for (let index = 0; index < 50_000; index++) addRow(server, index);
    await using client = connect(server.url);
    const first = await collect(client.search({ order: 'NEWEST_FIRST', limit: 21, mayBeBrief: true }));
    expect(first.map(({ contentHash }) => contentHash)).toEqual(
      Array.from({ length: 21 }, (_, index) => hashOf(49_999 - index)),
    );
    expect(first.every(({ brief }) => brief)).toBe(true);
    expect(server.requests.requests).toEqual(['GET /browse?bucket=default&order=desc&limit=22']);
    server.requests.reset();
    const { createdAt, contentHash } = first[19]!;
    const after = { createdAt, contentHash };
    const second = await collect(
      client.search({ order: 'NEWEST_FIRST', after, limit: 21, mayBeBrief: true }),
    );
    expect(second[0]).toMatchObject({ contentHash: hashOf(49_979) });
    expect(second).toHaveLength(21);
    expect(server.requests.requests).toHaveLength(1);
  });

  it('of whole entries asks for each of them once more', async () => {
    await using server = await CacheServer.start();
    for (let index = 1; index <= 5; index++) addRow(server, index);
    await using client = connect(server.url);
    const entries = await collect(client.search({ order: 'OLDEST_FIRST', limit: 2 }));
    expect(entries).toMatchObject([
      { contentHash: hashOf(1), perceptualHash: '00000000000000ff', originalFilename: '1.png' },
      { contentHash: hashOf(2), perceptualHash: '00000000000000ff', originalFilename: '2.png' },
    ]);
    expect(entries.some(({ brief }) => brief)).toBe(false);
    expect(server.requests.requests).toHaveLength(3);
  });

  it('is counted as far as ten requests tell, and no further', async () => {
    await using server = await CacheServer.start();
    for (let index = 0; index < 2000; index++)
      addRow(server, index, { client_name: index < 3 ? 'few' : 'c' });
    await using client = connect(server.url);
    expect(await client.count({})).toBe(2000);
    expect(await client.count({ minWidth: 10 })).toBe(0);
    expect(await client.listClients({ startsWith: '', limit: 9 })).toEqual([
      { name: 'c', entryCount: 1997 },
      { name: 'few', entryCount: 3 },
    ]);
    addRow(server, 2000);
    server.requests.reset();
    expect(await client.count({})).toBeNull();
    expect(server.requests.requests).toHaveLength(10);
    expect(await client.count({ clientName: 'few' })).toBe(3);
    expect(await client.count({ hasPerceptualHash: true })).toBeNull();
    expect(await failureOf(client.listClients({ startsWith: 'f', limit: 9 }))).toMatchObject({
      code: 'UNSUPPORTED',
      retryable: false,
    });
  });

  it('is read no further than its reader goes', async () => {
    await using server = await CacheServer.start();
    for (let index = 0; index < 1000; index++) addRow(server, index);
    await using client = connect(server.url);
    for await (const batch of client.search({ order: 'OLDEST_FIRST', mayBeBrief: true })) {
      expect(batch).toHaveLength(199);
      break;
    }
    expect(server.requests.requests).toHaveLength(1);
  });

  it('is what a query says, also of entries of one time', async () => {
    await using server = await CacheServer.start();
    const seconds = fc.integer({ min: 0, max: 5 });
    const order = fc.constantFrom('NEWEST_FIRST', 'OLDEST_FIRST', 'LARGEST_FIRST', 'SMALLEST_FIRST');
    const rows = fc.array(fc.tuple(seconds, fc.constantFrom('a', 'b'), fc.boolean()), { maxLength: 30 });
    const place = fc.option(fc.nat(40), { nil: undefined });
    const query = fc.record(
      {
        limit: fc.nat(12),
        clientName: fc.constantFrom('a', 'b'),
        urlContains: fc.constantFrom('1', '%', '\\', 'A.EX'),
        createdFrom: seconds,
        createdBefore: seconds,
        minWidth: fc.constant(1),
        hasPerceptualHash: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const timeOf = (second: number) => `2026-01-01T00:00:0${second}.000000Z`;
    await using client = connect(server.url);
    await fc.assert(
      fc.asyncProperty(
        rows,
        order,
        query,
        place,
        place,
        fc.boolean(),
        async (all, by, asked, after, before, brief) => {
          server.rows.length = 0;
          for (const [index, [second, clientName, decoded]] of all.entries())
            addRow(server, index, {
              hash: hashOf((index * 7919) % 1009),
              created_at: timeOf(second).replace('Z', ''),
              client_name: clientName,
              ...(decoded ? {} : { width: null, height: null, perceptual_hash: null }),
            });
          const known = await client.getMeta(server.rows.map(({ hash }) => hash));
          const entries = known.map((entry) => ({ entry: entry!, urls: [entry!.url] }));
          const { limit, createdFrom, createdBefore, ...filter } = asked;
          const at = (index: number | undefined) => (index === undefined ? undefined : entries[index]?.entry);
          const whole: EntryQuery = {
            order: by,
            filter: {
              ...filter,
              ...(createdFrom !== undefined && { createdFrom: timeOf(createdFrom) }),
              ...(createdBefore !== undefined && { createdBefore: timeOf(createdBefore) }),
            },
            ...(limit !== undefined && { limit }),
            ...(at(after) && { after: at(after)! }),
            ...(at(before) && { before: at(before)! }),
          };
          const expected = selectEntries(entries, whole).map(({ entry }) => entry);
          const found = await collect(client.search({ ...whole, mayBeBrief: brief }));
          expect(found.map(({ contentHash }) => contentHash)).toEqual(
            expected.map(({ contentHash }) => contentHash),
          );
          if (!brief) expect(found).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });
});
