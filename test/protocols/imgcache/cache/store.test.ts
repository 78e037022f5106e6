import { request } from 'node:http';
import { blake3 } from 'hash-wasm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryBuckets } from '../../../fakes/memory-buckets.js';
import { MemoryStaging } from '../../../fakes/memory-staging.js';
import { type FormPart, multipartBody, multipartType } from '../../../fakes/multipart-body.js';
import { rawRequest } from '../../../fakes/raw-request.js';
import { tinyPicture, tinyPictureFacts } from '../../../fakes/tiny-picture.js';
import { startWireServer, type WireServer } from '../../../fakes/wire-server.js';
import { formOf, send, store } from './requests.js';

const MAX_UPLOAD_BYTES = 1_000_000;
const PICTURE = tinyPicture('00000000000000ff');

let imgcache: MemoryBuckets;
let staging: MemoryStaging;
let server: WireServer;

beforeEach(async () => {
  imgcache = new MemoryBuckets();
  staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));
  server = await startWireServer({ imgcache, staging, maxUploadBytes: MAX_UPLOAD_BYTES });
});
afterEach(async () => {
  await server.close();
  expect(staging.open).toBe(0);
  expect(server.errors).toEqual([]);
});

const post = (parts: readonly FormPart[], path = '/cache') => send(server, 'POST', path, { parts });
const problemOf = (name: string) => ({ detail: [{ type: 'value_error', loc: ['body', name] }] });

describe('A store', () => {
  it('tells what it did, and moves when the bytes were last retrieved', async () => {
    const first = await store(server, PICTURE, { prefix: 'doors' });
    expect(first).toMatchObject({ status: 201, json: { status: 'CREATED', prefix: 'doors', bucket: '' } });
    const again = await store(server, PICTURE, { prefix: 'other', client_name: 'other' });
    const { retrieved_at: retrieved, ...entry } = again.json;
    expect(again.status).toBe(200);
    expect({ ...entry, status: 'CREATED' }).toEqual({ ...first.json, retrieved_at: undefined });
    expect(entry.status).toBe('UNCHANGED');
    expect(retrieved > first.json.retrieved_at).toBe(true);
    const more = await store(server, PICTURE, { url: 'https://a.example/y.png' });
    expect(more.json).toMatchObject({
      status: 'URL_ADDED',
      url: 'https://a.example/x.png',
      aliases: ['https://a.example/x.png', 'https://a.example/y.png'],
    });
  });

  it('of other bytes than the hash says is refused, and nothing is stored', async () => {
    const called = vi.spyOn(imgcache, 'store');
    const hash = await blake3(PICTURE);
    for (const content_hash of [hash.toUpperCase(), hash.slice(1), await blake3(Buffer.from('x')), '']) {
      const { status, json } = await store(server, PICTURE, { content_hash });
      expect({ status, json }).toEqual({
        status: 422,
        json: { detail: 'content_hash does not match uploaded content' },
      });
    }
    expect(called).not.toHaveBeenCalled();
  });

  it('of what is no image is refused, unless the bytes are there', async () => {
    const bytes = Buffer.from('<html></html>');
    const refusal = { detail: "Rejected: content resolved to 'application/octet-stream', not an image." };
    expect(await store(server, bytes)).toMatchObject({ status: 422, json: refusal });
    await using image = await staging.stage([bytes]);
    await imgcache.store(image, { url: 'https://a.example/page', clientName: 'older' });
    expect(await store(server, bytes)).toMatchObject({ status: 200, json: { client_name: 'older' } });
    expect(await store(server, bytes, { bucket: 'other' })).toMatchObject({ status: 422, json: refusal });
  });

  it('takes the bucket of its form before that of its query, and the first one that is named', async () => {
    const bucketOf = async (path: string, buckets: string[]) => {
      const named = buckets.map((value) => ({ name: 'bucket', value }));
      return (await post([...named, ...(await formOf(PICTURE))], path)).json.bucket;
    };
    expect(await bucketOf('/cache?bucket=q', [])).toBe('q');
    expect(await bucketOf('/cache?bucket=q', ['f'])).toBe('f');
    expect(await bucketOf('/cache?bucket=&bucket=q', [''])).toBe('q');
    expect(await bucketOf('/cache', ['f', ''])).toBe('f');
    expect(await imgcache.listBuckets()).toEqual(['f', 'q']);
  });
});

describe('What a client says of an entry', () => {
  it.each([
    '{"a":[1,2.5,null,true,{"b":"é"}]}',
    '"text"',
    '0',
    'false',
    '[]',
    '{"__proto__":{"x":1},"constructor":"\\u0000"}',
    `"${'x'.repeat(65_534)}"`,
  ])('comes back: %.40s', async (meta) => {
    const { status, json } = await store(server, PICTURE, { meta });
    expect(status).toBe(201);
    expect(json.meta).toEqual(JSON.parse(meta));
    const { text } = await send(server, 'GET', `/cache/meta/${json.hash}`);
    expect(JSON.stringify(JSON.parse(text).meta)).toBe(JSON.stringify(JSON.parse(meta)));
  });

  it.each(['', 'null'])('is nothing by %j', async (meta) => {
    expect((await store(server, PICTURE, { meta })).json.meta).toBeNull();
  });

  it.each([
    ['is no JSON', '{make: x}'],
    ['is no JSON, but Python', '{"x": NaN}'],
    ['has more than 64 KiB', `"${'x'.repeat(65_535)}"`],
    ['has more than 64 KiB as UTF-8', `"${'é'.repeat(32_768)}"`],
    ['is too deep', `${'['.repeat(101)}${']'.repeat(101)}`],
    ['is far too deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['has a number that is none', '[1e999]'],
  ])('is refused where it %s', async (_, meta) => {
    expect(await store(server, PICTURE, { meta })).toMatchObject({ status: 422, json: problemOf('meta') });
    expect(imgcache.entries).toEqual([]);
  });
});

describe('A name that would leave its folder', () => {
  it.each([
    '..',
    '../../..',
    'a/../b',
    '.',
    'a/.',
    '/etc',
    'a/',
    'a//b',
    'a\\..\\b',
    'a\nb',
    'a\0',
    '\u007f',
    `${'x'.repeat(1025)}`,
  ])('is no prefix: %j', async (prefix) => {
    expect(await store(server, PICTURE, { prefix })).toMatchObject({
      status: 422,
      json: problemOf('prefix'),
    });
    expect(imgcache.entries).toEqual([]);
  });

  it.each(['..', '.', 'a/b', 'a\\b', 'a\nb', 'x'.repeat(256)])('is no bucket: %j', async (bucket) => {
    expect(await store(server, PICTURE, { bucket })).toMatchObject({
      status: 422,
      json: problemOf('bucket'),
    });
    const query = new URLSearchParams({ bucket, url: 'x', url_contains: '', perceptual_hash: '0' });
    for (const path of [
      '/cache/x',
      '/cache/meta/x',
      '/cache/lookup',
      '/cache/search',
      '/browse',
      '/browse/prefixes',
    ])
      expect(await send(server, 'GET', `${path}?${query}`), path).toMatchObject({
        status: 422,
        json: { detail: [{ loc: ['query', 'bucket'] }] },
      });
    expect(await post(await formOf(PICTURE), `/cache?${query}`)).toMatchObject({ status: 422 });
    expect(await imgcache.listBuckets()).toEqual([]);
  });

  it.each(['a', 'a/b/c', '...', 'a..b/.c', 'é 日本', 'x'.repeat(1024)])(
    'is none of these: %.20s',
    async (prefix) => {
      expect((await store(server, PICTURE, { prefix })).json.prefix).toBe(prefix);
    },
  );
});

describe('A form', () => {
  it('is told all that is wrong with it, in the order of its fields', async () => {
    const fields = {
      url: 'x'.repeat(65_537),
      client_name: 'nul\0',
      bucket: '..',
      prefix: '..',
      meta: '{',
      lookup_time: 'x',
    };
    const parts = Object.entries(fields).map(([name, value]) => ({ name, value }));
    const { status, json } = await post(parts);
    expect(status).toBe(422);
    expect(json.detail.map(({ loc }: { loc: string[] }) => loc[1])).toEqual([
      ...['file', 'url', 'client_name', 'content_hash', 'bucket', 'prefix', 'meta', 'lookup_time'],
    ]);
  });

  it('that gives a field twice means the last one, and ignores those of other names', async () => {
    const parts = await formOf(PICTURE, { prefix: 'last', __proto__: 'x', other: 'x' });
    const { json } = await post([{ name: 'prefix', value: '..' }, { name: 'url', value: 'first' }, ...parts]);
    expect(json).toMatchObject({ prefix: 'last', url: 'https://a.example/x.png' });
    const files = { name: 'file', value: 'another', filename: 'y' };
    expect((await post([files, ...parts])).status).toBe(200);
  });

  it.each([
    [1_048_577, 1, 400],
    [1, 1001, 400],
  ])('with fields of %i bytes, %i of them, is refused', async (length, count, expected) => {
    const many = Array.from({ length: count }, () => ({ name: 'other', value: 'x'.repeat(length) }));
    expect((await post([...(await formOf(PICTURE)), ...many])).status).toBe(expected);
    expect(imgcache.entries).toEqual([]);
  });

  it('with too large a file is refused', async () => {
    expect((await store(server, Buffer.alloc(MAX_UPLOAD_BYTES + 1))).status).toBe(413);
  });

  it.each([
    ['another boundary', multipartType('other'), 400],
    ['no boundary', 'multipart/form-data', 400],
    ['JSON', 'application/json', 422],
  ])('that is broken by %s is refused', async (_, type, expected) => {
    const body = multipartBody(await formOf(PICTURE));
    const headers = { 'content-type': type };
    const sent = { method: 'POST', target: '/imgcache/cache', headers, body };
    expect((await rawRequest(server.url, sent)).status).toBe(expected);
  });

  it('that breaks off in its file lacks that', async () => {
    const body = multipartBody(await formOf(PICTURE)).subarray(0, -60);
    const headers = { 'content-type': multipartType() };
    const sent = { method: 'POST', target: '/imgcache/cache', headers, body };
    expect(JSON.parse((await rawRequest(server.url, sent)).body.toString())).toMatchObject({
      detail: [{ type: 'missing', loc: ['body', 'file'] }],
    });
  });

  it('whose client goes in the middle leaves nothing', async () => {
    const headers = { 'content-type': multipartType(), 'content-length': 900_000 };
    const outgoing = request(`${server.url}/cache`, { method: 'POST', headers }).on('error', () => {});
    outgoing.write(multipartBody(await formOf(Buffer.alloc(500_000))).subarray(0, 400_000));
    await expect.poll(() => staging.open).toBe(1);
    outgoing.destroy();
    await expect.poll(() => staging.open).toBe(0);
    expect(imgcache.entries).toEqual([]);
  });
});
