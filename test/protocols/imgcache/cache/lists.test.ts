import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restrictToBuckets } from '#src/access/restricted-imgcache.js';
import { hashOf } from '../../../fakes/imgcache-row.js';
import { MemoryBuckets } from '../../../fakes/memory-buckets.js';
import { MemoryStaging } from '../../../fakes/memory-staging.js';
import { tinyPicture, tinyPictureFacts } from '../../../fakes/tiny-picture.js';
import { startWireServer, type WireServer } from '../../../fakes/wire-server.js';
import { send, store } from './requests.js';

let imgcache: MemoryBuckets;
let server: WireServer;
const staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));

beforeEach(async () => {
  imgcache = new MemoryBuckets();
  server = await startWireServer({ imgcache, staging });
});
afterEach(async () => {
  await server.close();
  expect(server.errors).toEqual([]);
});

const picture = (index: number) => tinyPicture('00000000000000ff', `${index}`);
const urlAt = (index: number) => `https://a.example/${index}.png`;
const put = (index: number, fields = {}) => store(server, picture(index), { url: urlAt(index), ...fields });
const get = async (path: string, from = server) => (await send(from, 'GET', path)).json;
const urlsOf = (rows: { url: string }[]) => rows.map(({ url }) => url);

/** All pages of a list, with what is done between them. */
async function walk(query: string, between: (page: number) => Promise<unknown> = async () => {}) {
  const urls: string[] = [];
  let cursor: string | null = '';
  for (let page = 0; cursor !== null; page++) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { items, next_cursor } = await get(`/browse?${query}${from}`);
    urls.push(...urlsOf(items));
    cursor = next_cursor;
    await between(page);
  }
  return urls;
}

describe('Browsing', () => {
  it.each([
    ['asc', ''],
    ['desc', ''],
    ['asc', '&bucket=b'],
    ['desc', '&bucket=b'],
  ])('%s%s meets each entry once, though others come and go', async (order, bucket) => {
    const hashes: string[] = [];
    for (let index = 0; index < 12; index++)
      hashes.push((await put(index, { bucket: bucket === '' ? ['', 'a', 'b'][index % 3]! : 'b' })).json.hash);
    const inBucket = (index: number) => (bucket === '' ? ['', 'a', 'b'][index % 3]! : 'b');
    const expected = Array.from({ length: 12 }, (_, index) => urlAt(order === 'asc' ? index : 11 - index));
    expect(await walk(`order=${order}&limit=5${bucket}`)).toEqual(expected);
    // The last of the first page goes, one of it, and one that is still to come; others come.
    const gone = [1, 4, 7].map((at) => (order === 'asc' ? at : 11 - at));
    const seen = await walk(`order=${order}&limit=5${bucket}`, async (page) => {
      if (page !== 0) return;
      for (const index of gone)
        await send(server, 'DELETE', `/cache/${hashes[index]}?bucket=${inBucket(index)}`);
      await put(100, { bucket: 'b' });
    });
    const lost = urlAt(gone[2]!);
    expect(seen.filter((url) => url !== urlAt(100))).toEqual(expected.filter((url) => url !== lost));
  });

  it('takes from 1 to 200 at a time, and 50 where that is not said', async () => {
    for (let index = 0; index < 51; index++) await put(index);
    expect((await get('/browse')).items).toHaveLength(50);
    expect((await get('/browse?limit=1')).items).toHaveLength(1);
    expect((await get('/browse?limit=200')).items).toHaveLength(51);
  });

  it.each([
    'x',
    '',
    '%00',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('null').toString('base64url'),
    Buffer.from(JSON.stringify(['2026-01-01', hashOf(1), null])).toString('base64url'),
    Buffer.from(JSON.stringify(['2026-01-01T00:00:00.000000Z', 'x', null])).toString('base64url'),
    Buffer.from(JSON.stringify(['2026-01-01T00:00:00.000000Z', hashOf(1), '../x'])).toString('base64url'),
    Buffer.from(JSON.stringify(['2026-01-01T00:00:00.000000Z', hashOf(1), { a: 1 }])).toString('base64url'),
    Buffer.from(JSON.stringify({ ts: '2026-01-01T00:00:00', hash: hashOf(1) })).toString('base64'),
    'x'.repeat(10_000),
  ])('refuses the cursor %.30j', async (cursor) => {
    expect((await send(server, 'GET', `/browse?cursor=${cursor}`)).status).toBe(422);
  });

  it('selects by all that is asked at once, with both ends of the dates', async () => {
    const rows = [];
    for (let index = 0; index < 4; index++)
      rows.push(
        (await put(index, { prefix: index % 2 ? 'odd' : 'even', client_name: index < 2 ? 'a' : 'b' })).json,
      );
    const found = async (query: string) => urlsOf((await get(`/browse?order=asc&${query}`)).items);
    expect(await found(`date_from=${rows[1].created_at}&date_to=${rows[2].created_at}`)).toEqual([
      urlAt(1),
      urlAt(2),
    ]);
    expect(await found('prefix=odd&client_name=b&q=A.EXAMPLE')).toEqual([urlAt(3)]);
    expect(await found('prefix=od')).toEqual([]);
    expect(await found('q=_')).toEqual([]);
    expect(await found('q=&url_host=A.example&client_name=a')).toEqual([urlAt(0), urlAt(1)]);
    expect(await found('q=nothing&q_literally=/3.')).toEqual([urlAt(3)]);
  });

  it.each([
    ['limit=x', 'limit'],
    ['limit=', 'limit'],
    ['date_from=yesterday', 'date_from'],
    ['date_to=2026-13-01', 'date_to'],
    ['prefix=%00', 'prefix'],
    ['order=', 'order'],
  ])('refuses %s by name', async (query, name) => {
    const { status, json } = await send(server, 'GET', `/browse?${query}`);
    expect([status, json.detail[0].loc]).toEqual([422, ['query', name]]);
  });
});

describe('An entry with many URLs', () => {
  it('tells up to ten of them, and all where they are asked for', async () => {
    const urls = Array.from({ length: 11 }, (_, index) => urlAt(index));
    let hash = '';
    for (const url of urls) ({ hash } = (await put(0, { url, bucket: 'b' })).json);
    const more = { aliases: [urlAt(0)], more_urls: true };
    expect(await get(`/cache/meta/${hash}?bucket=b`)).toMatchObject(more);
    for (const [row] of [
      await get('/cache/search?url_contains=10.png'),
      await get('/cache/similar?perceptual_hash=ff&bucket=b'),
    ])
      expect(row).toMatchObject({ ...more, bucket: 'b' });
    expect(await get(`/cache/lookup?url=${urlAt(10)}`)).toMatchObject(more);
    expect((await get('/browse')).items).toMatchObject([{ url: urlAt(0), more_urls: true }]);
    const whole = await get(`/cache/meta/${hash}?bucket=b&all_urls=true`);
    expect(whole.aliases).toEqual(urls);
    expect(whole.more_urls).toBeUndefined();
    expect((await get(`/cache/resolve?url=${urlAt(10)}`)).hash).toBe(hash);
  });
});

describe('Lists of all buckets', () => {
  it('have an order: search the oldest first, similar the nearest first, with their distance', async () => {
    const hashes = ['0000000000000003', '0000000000000000', '0000000000000001'];
    for (const [index, hash] of hashes.entries())
      await store(server, tinyPicture(hash), { url: urlAt(index), bucket: `b${2 - index}` });
    expect(urlsOf(await get('/cache/search?url_contains='))).toEqual([0, 1, 2].map(urlAt));
    expect(urlsOf(await get('/cache/search?url_contains=&offset=1&limit=1'))).toEqual([urlAt(1)]);
    const similar = await get('/cache/similar?perceptual_hash=0');
    expect(similar.map((row: { hamming_distance: number }) => row.hamming_distance)).toEqual([0, 1, 2]);
    expect(urlsOf(similar)).toEqual([1, 2, 0].map(urlAt));
    expect(await get('/cache/similar?perceptual_hash=0&max_hamming_distance=-1')).toEqual([]);
  });
});

describe('A key limited to a bucket', () => {
  it('sees that alone, also across', async () => {
    for (const bucket of ['', 'a', 'b']) await put(0, { bucket });
    await put(1, { bucket: 'b', prefix: 'secret' });
    const { hash: secret } = await get(`/cache/lookup?url=${urlAt(1)}`);
    const limited = await startWireServer({ imgcache: restrictToBuckets(['a'], imgcache), staging });
    const bucketsOf = (rows: { bucket: string }[]) => rows.map(({ bucket }) => bucket);
    expect(bucketsOf(await get('/cache/search?url_contains=', limited))).toEqual(['a']);
    expect(bucketsOf(await get('/cache/similar?perceptual_hash=ff', limited))).toEqual(['a']);
    expect(bucketsOf((await get('/browse', limited)).items)).toEqual(['a']);
    expect(await get('/browse/buckets', limited)).toEqual({ buckets: ['a'] });
    expect((await get(`/cache/lookup?url=${urlAt(0)}`, limited)).bucket).toBe('a');
    for (const path of [
      `/cache/lookup?url=${urlAt(1)}`,
      `/cache/resolve?url=${urlAt(1)}`,
      `/cache/lookup?url=x&version=${secret}`,
      `/cache/${secret}?bucket=a`,
    ])
      expect((await send(limited, 'GET', path)).status, path).toBe(404);
    for (const path of [
      `/cache/${secret}`,
      `/cache/meta/${secret}?bucket=b`,
      '/cache/search?url_contains=&bucket=b',
      '/browse?bucket=b',
      '/browse/prefixes?bucket=b',
      `/cache/serve/${secret}?bucket=`,
    ])
      expect((await send(limited, 'GET', path)).status, path).toBe(403);
    expect((await store(limited, picture(2), { bucket: 'b' })).status).toBe(403);
    expect((await send(limited, 'DELETE', `/cache/${secret}?bucket=b`)).status).toBe(403);
    expect((await store(limited, picture(2), { bucket: 'a' })).status).toBe(201);
    await limited.close();
  });
});
