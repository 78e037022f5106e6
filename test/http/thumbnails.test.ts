import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scrape } from '../harness/exposition.js';
import { golden, photographs, picture, startGateway, type TestGateway } from '../harness/gateway.js';

const PHOTO = 'photos/34-astronaut.png';
const COFFEE = 'photos/36-coffee.png';
const TURNED = 'odd/exif-orientation-6.jpg';
const hashOf = (name: string) => golden(name).blake2b256;
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  for (const name of [PHOTO, TURNED, 'odd/plain.svg', 'odd/icon.ico', 'odd/truncated.png', COFFEE])
    await store(name);
});
afterAll(() => gateway.close());

async function store(name: string): Promise<void> {
  const form = new FormData();
  form.set('url', `https://x.example/${name}`);
  form.set('client_name', 'test');
  form.set('file', new Blob([picture(name)]), 'x');
  expect((await fetch(`${gateway.url}/imgcache/images`, { method: 'POST', body: form })).ok).toBe(true);
}

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${gateway.url}${path}`, { method, headers });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('/thumbnails/{contentHash}/{width}', () => {
  for (const [ending, contentType] of [
    ['webp', 'image/webp'],
    ['jpg', 'image/jpeg'],
  ] as const)
    it(`serves ${contentType} under .${ending}, for ever cacheable`, async () => {
      const response = await get(`/thumbnails/${hashOf(PHOTO)}/160.${ending}`, { accept: 'text/html' });
      const bytes = await bytesOf(response);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': contentType,
        'content-length': String(bytes.length),
        etag: `"${hashOf(PHOTO)}-160.${ending}"`,
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining('sandbox'),
      });
      expect(response.headers.get('vary')).toBeNull();
      expect(await sharp(bytes).metadata()).toMatchObject({ width: 160, height: 160 });
    });

  it('serves what Accept prefers where the path has no ending, and says so to caches', async () => {
    const rows: [accept: string, contentType: string][] = [
      ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'image/webp'],
      ['image/jpeg', 'image/jpeg'],
      ['image/webp;q=0.5,image/jpeg', 'image/jpeg'],
      ['*/*', 'image/webp'],
    ];
    for (const [accept, contentType] of rows) {
      const response = await get(`/thumbnails/${hashOf(PHOTO)}/320`, { accept });
      expect([accept, response.headers.get('content-type'), response.headers.get('vary')]).toEqual([
        accept,
        contentType,
        'Accept',
      ]);
    }
    const none = await get(`/thumbnails/${hashOf(PHOTO)}/320`, { accept: 'image/avif' });
    expect([none.status, none.headers.get('vary')]).toEqual([406, 'Accept']);
  });

  it('is the same to HEAD without the bytes, and a 304 for who has it', async () => {
    const path = `/thumbnails/${hashOf(PHOTO)}/640.webp`;
    const full = await get(path);
    const head = await get(path, {}, 'HEAD');
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control'])
      expect([name, head.headers.get(name)]).toEqual([name, full.headers.get(name)]);
    expect([head.status, (await bytesOf(head)).length]).toEqual([200, 0]);
    const etag = full.headers.get('etag')!;
    const known = await get(path, { 'if-none-match': `"x", W/${etag}` });
    expect([known.status, known.headers.get('etag'), (await bytesOf(known)).length]).toEqual([304, etag, 0]);
  });

  it('is upright, never enlarged, and of the size that the graph tells', async () => {
    for (const [name, upright] of [
      [PHOTO, { width: 512, height: 512 }],
      [TURNED, undefined],
      ['odd/icon.ico', undefined],
    ] as const) {
      const query = `query ($hash: ContentHash!) { entry(contentHash: $hash) { width height
        small: thumbnail(width: W160) { url width height }
        large: thumbnail(width: W1280) { url width height } } }`;
      const { data } = await gateway.graphql(query, { hash: hashOf(name) });
      const { small, large, width, height } = data.entry;
      for (const thumbnail of [small, large]) {
        const found = await sharp(await bytesOf(await fetch(thumbnail.url))).metadata();
        expect([name, found.width, found.height]).toEqual([name, thumbnail.width, thumbnail.height]);
      }
      if (upright) expect(large).toMatchObject(upright);
      if (name === TURNED)
        expect([small.width > small.height, width > height]).toEqual([height > width, !(height > width)]);
    }
  });

  it('is a 404 for what is not decoded, for unknown hashes, widths and formats, and a 405 for other methods', async () => {
    for (const name of ['odd/plain.svg', 'odd/truncated.png']) {
      const response = await get(`/thumbnails/${hashOf(name)}/160.webp`);
      expect([name, response.status, response.headers.get('cache-control')]).toEqual([name, 404, null]);
      expect(await response.json()).toEqual({ error: expect.stringContaining('no picture that is decoded') });
    }
    const hash = hashOf(PHOTO);
    for (const path of [
      `/thumbnails/${'0'.repeat(64)}/160.webp`,
      `/thumbnails/${hash.toUpperCase()}/160.webp`,
      `/thumbnails/${hash}/161.webp`,
      `/thumbnails/${hash}/0160.webp`,
      `/thumbnails/${hash}/160.avif`,
      `/thumbnails/${hash}/160.`,
      `/thumbnails/${hash}/160.webp/x`,
      `/thumbnails/${hash}`,
      '/thumbnails/../files',
      '/thumbnails/',
    ])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    const post = await get(`/thumbnails/${hash}/160.webp`, {}, 'POST');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('is made once for all that ask at once, and then read', async () => {
    const outcomes = async () => {
      const { value } = await scrape(gateway.url);
      return ['MADE', 'CACHED'].map((outcome) => value(`lookalike_thumbnails_total{outcome="${outcome}"}`));
    };
    const path = `/thumbnails/${hashOf(COFFEE)}/1280.webp`;
    const [made = 0, cached = 0] = await outcomes();
    const all = await Promise.all(
      Array.from({ length: 20 }, async () => (await bytesOf(await get(path))).toString('base64')),
    );
    expect(new Set(all).size).toBe(1);
    expect((await outcomes())[0]).toBe(made + 1);
    expect((await bytesOf(await get(path))).toString('base64')).toBe(all[0]);
    expect((await outcomes())[0]).toBe(made + 1);
    expect((await outcomes())[1]).toBeGreaterThan(cached);
    expect((await scrape(gateway.url)).value('lookalike_thumbnail_cache_bytes')).toBeGreaterThan(0);
  });

  it('is there after a restart without being made again', async () => {
    const path = `/thumbnails/${hashOf(PHOTO)}/160.webp`;
    const before = await bytesOf(await get(path));
    await gateway.stop();
    gateway = await startGateway({ dataDir: gateway.dataDir });
    expect(await bytesOf(await get(path))).toEqual(before);
    const { value } = await scrape(gateway.url);
    expect(value('lookalike_thumbnails_total{outcome="MADE"}')).toBe(0);
    expect(value('lookalike_thumbnails_total{outcome="CACHED"}')).toBe(1);
  });

  it('is a 404 once the entry is deleted, whatever is kept', async () => {
    const hash = hashOf(COFFEE);
    expect((await get(`/thumbnails/${hash}/1280.webp`)).status).toBe(200);
    await get(`/imgcache/images/${hash}`, {}, 'DELETE');
    expect((await get(`/thumbnails/${hash}/1280.webp`)).status).toBe(404);
  });

  it('is a 503 that says when to come again while 50 wait, and is made then', async () => {
    const hashes = photographs().map((name) => golden(name).blake2b256);
    for (const name of photographs()) await store(name);
    const addresses = hashes.flatMap((hash) =>
      [160, 320, 640, 1280].flatMap((width) => [`${hash}/${width}.webp`, `${hash}/${width}.jpg`]),
    );
    const responses = await Promise.all(addresses.map((each) => get(`/thumbnails/${each}`)));
    const refused = responses.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused)
      expect([headers.get('retry-after'), headers.get('cache-control')]).toEqual(['2', null]);
    expect(await refused[0]!.json()).toEqual({ error: expect.stringContaining('50 thumbnails wait') });
    const statuses = responses.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    for (const [i, address] of addresses.entries())
      if (statuses[i] === 503) expect((await get(`/thumbnails/${address}`)).status).toBe(200);
    expect(gateway.reported).toEqual([]);
  });
});
