import { afterEach, beforeEach, expect, it } from 'vitest';
import { MemoryImgCache } from '../../fakes/memory-imgcache.js';
import { MemoryStaging } from '../../fakes/memory-staging.js';
import { tinyPicture, tinyPictureFacts } from '../../fakes/tiny-picture.js';
import { startWireServer, type WireServer } from '../../fakes/wire-server.js';

/** What the original shows, but for its runtime. */
const NAMES = [
  'imgcache_similar_search_total counter',
  'imgcache_perceptual_hash_computed_total counter',
  'imgcache_image_bytes histogram',
  'imgcache_store_total counter',
  'imgcache_lookup_total counter',
];

let server: WireServer;
beforeEach(async () => {
  const staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));
  server = await startWireServer({ imgcache: new MemoryImgCache(), staging });
});
afterEach(() => server.close());

async function store(content: string | Buffer, more: Record<string, string> = {}): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ url: 'https://x.example/', client_name: 'c', ...more }))
    form.append(name, value);
  form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), 'image');
  await (await fetch(`${server.url}/images`, { method: 'POST', body: form })).arrayBuffer();
}

const get = async (path: string) => (await fetch(server.url + path)).text();

async function scrape() {
  const response = await fetch(`${server.url}/metrics`);
  const text = await response.text();
  const values = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/.* /, ''))]),
  );
  return { text, type: response.headers.get('content-type'), values };
}

it('has the names and types of the original, from the beginning', async () => {
  const { text, type, values } = await scrape();
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect([...text.matchAll(/^# TYPE (.*)$/gm)].map(([, name]) => name).toSorted()).toEqual(NAMES.toSorted());
  expect([...values.values()].every((value) => value === 0)).toBe(true);
  expect([...values.keys()].filter((name) => name.includes('result')).toSorted()).toEqual([
    'imgcache_lookup_total{result="hit"}',
    'imgcache_lookup_total{result="miss"}',
    'imgcache_perceptual_hash_computed_total{result="failed"}',
    'imgcache_perceptual_hash_computed_total{result="ok"}',
    'imgcache_store_total{result="created"}',
    'imgcache_store_total{result="duplicate"}',
  ]);
  expect([...text.matchAll(/le="([^"]*)"/g)].map(([, bound]) => bound)).toEqual(
    '0 5 10 25 50 75 100 250 500 750 1000 2500 5000 7500 10000 +Inf'.split(' '),
  );
});

it('counts stores, hashes, sizes, lookups and searches', async () => {
  const picture = tinyPicture('0123456789abcdef');
  await store(picture);
  await store(picture);
  await store(picture, { url: 'https://x.example/2' });
  await store('text');
  await store('refused', { bucket: 'b' });
  for (const path of ['lookup?url=https://x.example/', 'lookup?url=none', 'lookup?url=no', 'lookup'])
    await get(`/images/${path}`);
  for (const query of [
    'perceptual_hash=0',
    'perceptual_hash=0&max_hamming_distance=-1',
    'perceptual_hash=zz',
  ])
    await get(`/images/similar?${query}`);
  await get('/images/search?url_contains=');
  const { values } = await scrape();
  expect(Object.fromEntries([...values].filter(([name]) => !name.includes('_bucket')))).toEqual({
    'imgcache_store_total{result="created"}': 2,
    'imgcache_store_total{result="duplicate"}': 2,
    'imgcache_perceptual_hash_computed_total{result="ok"}': 1,
    'imgcache_perceptual_hash_computed_total{result="failed"}': 1,
    imgcache_image_bytes_count: 2,
    imgcache_image_bytes_sum: picture.length + 4,
    'imgcache_lookup_total{result="hit"}': 1,
    'imgcache_lookup_total{result="miss"}': 2,
    imgcache_similar_search_total: 2,
  });
  expect(values.get('imgcache_image_bytes_bucket{le="5"}')).toBe(1);
});
