import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { golden, picture, startGateway, type TestGateway } from '../harness/gateway.js';

const photo = picture('photos/03-fig.jpg');
const { blake2b256 } = golden('photos/03-fig.jpg');
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  for (const bytes of [photo, picture('odd/svg-script.svg')]) {
    const form = new FormData();
    form.set('url', 'https://x.example/');
    form.set('client_name', 'test');
    form.set('file', new Blob([bytes]), 'x');
    const stored = await fetch(`${gateway.url}/imgcache/images`, { method: 'POST', body: form });
    expect(stored.status).toBe(201);
  }
});
afterAll(() => gateway.close());

const get = (headers: Record<string, string> = {}, method = 'GET', hash = blake2b256) =>
  fetch(`${gateway.url}/files/${hash}`, { method, headers });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('/files/{contentHash}', () => {
  it('serves the bytes, for ever cacheable', async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(photo.length),
      etag: `"${blake2b256}"`,
      'cache-control': 'public, max-age=31536000, immutable',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
    });
    expect(await bytesOf(response)).toEqual(photo);
  });

  it('answers HEAD with the same head and no bytes', async () => {
    const [full, head] = [await get(), await get({}, 'HEAD')];
    const headers = (response: Response) => {
      const {
        date,
        connection,
        'keep-alive': keepAlive,
        'x-request-id': id,
        ...rest
      } = Object.fromEntries(response.headers);
      return rest;
    };
    expect(head.status).toBe(200);
    expect(headers(head)).toEqual(headers(full));
    expect((await bytesOf(head)).length).toBe(0);
  });

  const size = photo.length;
  const ranges: [range: string, start: number, end: number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=0-9', 0, 9],
    ['bytes=100-', 100, size - 1],
    ['bytes=-10', size - 10, size - 1],
    [`bytes=-${size * 2}`, 0, size - 1],
    [`bytes=${size - 1}-${size + 100}`, size - 1, size - 1],
  ];
  for (const [range, start, end] of ranges) {
    it(`serves the range ${range}`, async () => {
      const response = await get({ range });
      expect(response.status).toBe(206);
      expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/${size}`);
      expect(await bytesOf(response)).toEqual(photo.subarray(start, end + 1));
    });
  }

  it('says so when a range is behind the end', async () => {
    for (const range of [`bytes=${size}-`, 'bytes=-0']) {
      const response = await get({ range });
      expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${size}`]);
      expect(response.headers.get('cache-control')).toBeNull();
      expect(response.headers.get('etag')).toBeNull();
    }
  });

  it('serves all for several ranges and for what is no range', async () => {
    for (const range of ['bytes=0-1,5-6', 'bytes=5-2', 'bytes=-', 'lines=0-1', 'bytes=a-b'])
      expect([range, (await get({ range })).status]).toEqual([range, 200]);
  });

  it('serves a range only of the version that If-Range names', async () => {
    expect((await get({ range: 'bytes=0-0', 'if-range': `"${blake2b256}"` })).status).toBe(206);
    expect((await get({ range: 'bytes=0-0', 'if-range': '"other"' })).status).toBe(200);
  });

  it('serves no range to HEAD, for which there are none', async () => {
    for (const range of ['bytes=0-9', `bytes=${size}-`]) {
      const { status, headers } = await get({ range }, 'HEAD');
      expect([status, headers.get('content-length')]).toEqual([200, String(size)]);
    }
  });

  it('is a 412 for who wants another version alone', async () => {
    for (const method of ['GET', 'HEAD'])
      for (const tag of ['"x"', `W/"${blake2b256}"`, `"x", "y"`, '']) {
        const response = await get({ 'if-match': tag, 'if-none-match': `"${blake2b256}"` }, method);
        expect([tag, response.status, response.headers.get('cache-control')]).toEqual([tag, 412, null]);
      }
    for (const tag of [`"${blake2b256}"`, `"x" ,"${blake2b256}"`, '*'])
      expect([tag, (await get({ 'if-match': tag })).status]).toEqual([tag, 200]);
    expect((await get({ 'if-match': '"x"' }, 'GET', '0'.repeat(64))).status).toBe(404);
  });

  it('is a 304 for who has it', async () => {
    for (const tag of [`"${blake2b256}"`, `W/"${blake2b256}"`, `"x", "${blake2b256}"`, '*']) {
      const response = await get({ 'if-none-match': tag });
      expect([response.status, (await bytesOf(response)).length]).toEqual([304, 0]);
      expect(response.headers.get('etag')).toBe(`"${blake2b256}"`);
    }
    expect((await get({ 'if-none-match': '"x"' })).status).toBe(200);
  });

  it('is a 404 for what is no entry, and a 405 for other methods', async () => {
    for (const hash of ['0'.repeat(64), blake2b256.toUpperCase(), 'x', '..%2flookalike.db', ''])
      expect([hash, (await get({}, 'GET', hash)).status]).toEqual([hash, 404]);
    const response = await get({}, 'POST');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('gives stored SVG and HTML no way to run as a page, here and over the wire', async () => {
    const { blake2b256: hash } = golden('odd/svg-script.svg');
    for (const path of [`/files/${hash}`, `/imgcache/images/${hash}`]) {
      const response = await fetch(`${gateway.url}${path}`);
      expect(response.headers.get('content-type')).toBe('image/svg+xml');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
    }
  });
});

describe('the other addresses', () => {
  it('say that the process lives and its services answer', async () => {
    expect(await (await fetch(`${gateway.url}/health`)).json()).toEqual({ status: 'ok' });
    const ready = await fetch(`${gateway.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', services: expect.objectContaining({ IMGCACHE: 'UP' }) },
    ]);
  });

  it('are 404 when there is nothing', async () => {
    expect((await fetch(`${gateway.url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/graphql/x`)).status).toBe(404);
  });

  it('make fileUrl from the settings, never from the Host header', async () => {
    const query = `{ entry(contentHash: "${blake2b256}") { fileUrl } }`;
    const { host } = new URL(gateway.url);
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.end(
      `GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nAccept: application/json\r\nConnection: close\r\n\r\n`,
    );
    const answer = await text(socket);
    expect(answer).toContain(`http://${host}/files/${blake2b256}`);
    expect(answer).not.toContain('evil');
    await gateway.stop();
    gateway = await startGateway({ dataDir: gateway.dataDir, publicUrl: 'https://pictures.example/base' });
    const { data } = await gateway.graphql(query);
    expect(data.entry.fileUrl).toBe(`https://pictures.example/base/files/${blake2b256}`);
  });
});
