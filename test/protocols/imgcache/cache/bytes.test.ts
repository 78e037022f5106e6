import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryBuckets } from '../../../fakes/memory-buckets.js';
import { MemoryStaging } from '../../../fakes/memory-staging.js';
import { tinyPicture, tinyPictureFacts } from '../../../fakes/tiny-picture.js';
import { startWireServer, type WireServer } from '../../../fakes/wire-server.js';
import { send, store } from './requests.js';

const PICTURE = tinyPicture('00000000000000ff');
const size = PICTURE.length;

let server: WireServer;
let hash: string;
let etag: string;

beforeAll(async () => {
  const staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));
  server = await startWireServer({ imgcache: new MemoryBuckets(), staging });
  ({ hash } = (await store(server, PICTURE, { bucket: 'b' })).json);
  etag = `"${hash}"`;
});
afterAll(() => server.close());

describe.each(['/cache/serve/', '/cache/'])('The bytes under %s', (path) => {
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    send(server, method, `${path}${hash}?bucket=b`, { headers });

  it('may be kept for ever, and run nothing', async () => {
    const { status, headers, text } = await get();
    expect([status, text]).toEqual([200, PICTURE.toString()]);
    expect(headers).toMatchObject({
      etag,
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'image/png',
      'content-length': String(size),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toContain('sandbox');
  });

  it.each([
    () => etag,
    () => `W/${etag}`,
    () => `"other", ${etag}`,
    () => `"a",W/"b" , W/${etag}`,
    () => '*',
  ])('are not sent to who has them', async (known) => {
    const { status, headers, text } = await get({ 'if-none-match': known() });
    expect([status, headers.etag, text]).toEqual([304, etag, '']);
  });

  it('are sent to who has others', async () => {
    for (const tags of ['"other"', `"${hash.slice(1)}"`, 'W/"x", "y"'])
      expect((await get({ 'if-none-match': tags })).status).toBe(200);
  });

  it('come in ranges', async () => {
    const part = async (range: string, more = {}) => {
      const { status, headers, text } = await get({ range, ...more });
      return [status, headers['content-range'], status === 206 ? text : text.length];
    };
    expect(await part('bytes=1-3')).toEqual([206, `bytes 1-3/${size}`, 'PNG']);
    expect((await part('bytes=-4'))[1]).toBe(`bytes ${size - 4}-${size - 1}/${size}`);
    expect((await part('bytes=1-3', { 'if-range': etag }))[0]).toBe(206);
    expect((await part('bytes=1-3', { 'if-range': '"other"' }))[0]).toBe(200);
  });

  it('are refused for a range that is not there, and for another version, in the form of the protocol', async () => {
    const range = await get({ range: `bytes=${size}-` });
    expect([range.status, range.headers['content-range']]).toEqual([416, `bytes */${size}`]);
    expect(range.json).toEqual({ detail: `The file has ${size} bytes.` });
    const version = await get({ 'if-match': '"other"' });
    expect([version.status, version.json]).toEqual([
      412,
      { detail: `The file has the ETag ${etag}, and no other.` },
    ]);
  });

  it('are not there in another bucket', async () => {
    for (const query of ['', '?bucket=', '?bucket=c'])
      expect((await send(server, 'GET', `${path}${hash}${query}`)).status).toBe(404);
  });
});

describe('HEAD', () => {
  it('tells what would be served', async () => {
    const { status, headers, text } = await send(server, 'HEAD', `/cache/serve/${hash}?bucket=b`);
    expect([status, text]).toEqual([200, '']);
    expect(headers).toMatchObject({ etag, 'content-length': String(size), 'content-type': 'image/png' });
    expect((await send(server, 'HEAD', `/cache/serve/${hash}`)).status).toBe(404);
  });

  it('is for that alone', async () => {
    const { status, headers } = await send(server, 'HEAD', `/cache/${hash}?bucket=b`);
    expect([status, headers.allow]).toEqual([405, 'GET']);
  });
});
