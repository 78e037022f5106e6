import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryImgCache } from '../../fakes/memory-imgcache.js';
import { MemoryStaging, stageBytes } from '../../fakes/memory-staging.js';
import { type FormPart, multipartBody, multipartType } from '../../fakes/multipart-body.js';
import { rawRequest } from '../../fakes/raw-request.js';
import { tinyPicture, tinyPictureFacts } from '../../fakes/tiny-picture.js';
import { startWireServer, type WireServer } from '../../fakes/wire-server.js';

const HASH = '0123456789abcdef';
const BYTES = tinyPicture(HASH);

let imgcache: MemoryImgCache;
let server: WireServer;

beforeEach(async () => {
  imgcache = new MemoryImgCache();
  const staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));
  server = await startWireServer({ imgcache, staging });
});
afterEach(() => server.close());

const urlOf = (index: number) => `https://x.example/${index}`;
const urlsUpTo = (count: number) => Array.from({ length: count }, (_, index) => urlOf(index));

async function storeUnder(count: number): Promise<string> {
  const image = await stageBytes(BYTES, (_, bytes) => tinyPictureFacts(bytes));
  for (const url of urlsUpTo(count)) await imgcache.store(image, { url, clientName: 'c' });
  return image.contentHash;
}

const json = async (path: string) => (await fetch(server.url + path)).json();

/** The answer to each question of which the entry is a part. */
async function answers(contentHash: string) {
  const [found] = await json('/images/search?url_contains=');
  const [match] = await json(`/images/similar?perceptual_hash=${HASH}`);
  return [
    await json(`/images/meta/${contentHash}`),
    await json(`/images/lookup?url=${urlOf(0)}`),
    found,
    match,
  ] as Record<string, unknown>[];
}

async function post(url: string, bytes: string | Buffer = BYTES, more: Partial<FormPart> = {}) {
  const body = multipartBody([
    { name: 'url', value: url },
    { name: 'client_name', value: 'c' },
    { name: 'file', value: bytes, filename: 'image', ...more },
  ]);
  const headers = { 'Content-Type': multipartType() };
  const request = { method: 'POST', target: '/imgcache/images', headers, body };
  const response = await rawRequest(server.url, request);
  return { status: response.status, row: JSON.parse(response.body.toString()) };
}

describe('the URLs of an entry', () => {
  it('are not told beside the only one', async () => {
    for (const row of await answers(await storeUnder(1))) {
      expect(row).toMatchObject({ url: urlOf(0) });
      expect(row).not.toHaveProperty('urls');
      expect(row).not.toHaveProperty('more_urls');
    }
  });

  it.each([2, 10])('are told with every answer, when there are %i', async (count) => {
    for (const row of await answers(await storeUnder(count))) {
      expect(row).toMatchObject({ url: urlOf(0), urls: urlsUpTo(count) });
      expect(row).not.toHaveProperty('more_urls');
    }
  });

  it('are only told of when there are more, and neither read, unless they are asked for', async () => {
    const contentHash = await storeUnder(11);
    const reads = vi.spyOn(imgcache, 'getUrls');
    for (const row of await answers(contentHash)) {
      expect(row).toMatchObject({ url: urlOf(0), more_urls: true });
      expect(row).not.toHaveProperty('urls');
    }
    expect(reads).not.toHaveBeenCalled();
    const whole = await json(`/images/meta/${contentHash}?all_urls=true`);
    expect(whole).toMatchObject({ url: urlOf(0), urls: urlsUpTo(11) });
    expect(whole).not.toHaveProperty('more_urls');
  });

  it('are told of each entry of a list by itself', async () => {
    await storeUnder(3);
    const one = await stageBytes(Buffer.from('one'));
    await imgcache.store(one, { url: 'https://y.example/', clientName: 'c' });
    const rows: { urls?: string[] }[] = await json('/images/search?url_contains=');
    expect(rows.map(({ urls }) => urls?.length)).toEqual([3, undefined]);
    expect(await json('/images/search?url_contains=&offset=1')).toMatchObject([
      { url: 'https://y.example/' },
    ]);
  });
});

describe('the answer to a store', () => {
  it('tells what was done, and all URLs', async () => {
    const first = await post(urlOf(0));
    expect(first).toMatchObject({ status: 201, row: { status: 'CREATED' } });
    expect(first.row).not.toHaveProperty('urls');
    expect(await post(urlOf(0))).toMatchObject({ status: 200, row: { status: 'UNCHANGED' } });
    expect(await post(urlOf(1))).toEqual({
      status: 200,
      row: { ...first.row, urls: urlsUpTo(2), status: 'URL_ADDED' },
    });
  });

  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['image', '0'],
    ['', '0'],
    ['image.png', 'image.png'],
    ['日本.jpg', '日本.jpg'],
    ['a %22b%22.jpg', 'a "b".jpg'],
  ])('to a file named %j has the name %j', async (filename, expected) => {
    expect((await post(urlOf(0), BYTES, { filename })).row.original_filename).toBe(expected);
  });

  it('to a file whose name has a NUL is a refusal', async () => {
    const { status, row } = await post(urlOf(0), BYTES, { filename: 'a\0b' });
    expect(status).toBe(422);
    expect(row).toMatchObject({ detail: [{ type: 'value_error', loc: ['body', 'file'], input: 'a\0b' }] });
    expect(await json('/images/search?url_contains=')).toEqual([]);
  });

  it('to files of several names has the name of the last', async () => {
    const body = multipartBody([
      { name: 'url', value: urlOf(0) },
      { name: 'client_name', value: 'c' },
      { name: 'file', value: 'first', filename: 'first.png' },
      { name: 'file', value: 'second', filename: 'image' },
    ]);
    const headers = { 'Content-Type': multipartType() };
    const response = await fetch(`${server.url}/images`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    expect(await response.json()).toMatchObject({ original_filename: '0' });
  });
});

it('searches for the text that is meant literally, in place of the one that the original understands', async () => {
  for (const url of ['a\\b', 'ab', 'a%5Cb']) {
    await using image = await stageBytes(Buffer.from(url));
    await imgcache.store(image, { url, clientName: 'c' });
  }
  const search = `/images/search?url_contains=a&url_contains_literally=${encodeURIComponent('a\\b')}`;
  expect(await json(search)).toMatchObject([{ url: 'a\\b' }]);
  expect(await json('/images/search?url_contains_literally=a')).toMatchObject({
    detail: [{ type: 'missing', loc: ['query', 'url_contains'] }],
  });
});
