import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryImgCache } from '../../fakes/memory-imgcache.js';
import { MemoryStaging, stageBytes } from '../../fakes/memory-staging.js';
import { type FormPart, multipartBody, multipartType } from '../../fakes/multipart-body.js';
import { rawRequest } from '../../fakes/raw-request.js';
import { startWireServer, type WireServer } from '../../fakes/wire-server.js';

const HASH = 'ab'.repeat(32);
const refusal = (place: 'query' | 'body', input: string) => ({
  detail: [
    {
      type: 'value_error',
      loc: [place, 'bucket'],
      msg: 'Value error, There are no buckets here: leave the bucket out, or empty',
      input,
      ctx: { error: {} },
    },
  ],
});

let imgcache: MemoryImgCache;
let staging: MemoryStaging;
let server: WireServer;
let stored: string;

beforeEach(async () => {
  imgcache = new MemoryImgCache();
  staging = new MemoryStaging();
  server = await startWireServer({ imgcache, staging });
  await using image = await stageBytes(Buffer.from('bytes'));
  stored = image.contentHash;
  await imgcache.store(image, { url: 'https://x.example/a', clientName: 'c' });
});
afterEach(async () => {
  await server.close();
  expect(staging.open).toBe(0);
});

async function send(method: string, target: string, parts?: readonly FormPart[], type = multipartType()) {
  const form = parts && { headers: { 'Content-Type': type }, body: multipartBody(parts) };
  const response = await rawRequest(server.url, { method, target: `/imgcache${target}`, ...form });
  const text = response.body.toString();
  const isJson = response.headers['content-type'] === 'application/json' && text !== '';
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

const FORM: readonly FormPart[] = [
  { name: 'url', value: 'https://x.example/b' },
  { name: 'client_name', value: 'c' },
  { name: 'file', value: 'other bytes', filename: 'image' },
];
const CALLS: [method: string, target: string, parts?: readonly FormPart[]][] = [
  ['GET', `/images/meta/${HASH}?`],
  ['GET', `/images/${HASH}?`],
  ['GET', '/images/lookup?url=https://x.example/a&'],
  ['GET', '/images/search?url_contains=&'],
  ['GET', '/images/similar?perceptual_hash=0&'],
  ['DELETE', `/images/${HASH}?`],
  ['POST', '/images?', FORM],
];

describe('A bucket', () => {
  it.each(CALLS)('that a query names is refused: %s %s', async (method, target, parts) => {
    const own = target.replace(HASH, stored);
    const operations = (
      ['getMeta', 'getBytes', 'lookup', 'search', 'similar', 'delete', 'store'] as const
    ).map((operation) => vi.spyOn(imgcache, operation));
    for (const query of ['bucket=parts', 'bucket=parts&bucket=', '%62ucket=parts', 'x=&bucket=parts'])
      expect(await send(method, own + query, parts), query).toEqual({
        status: 422,
        body: refusal('query', 'parts'),
      });
    for (const operation of operations) expect(operation).not.toHaveBeenCalled();
  });

  it.each(CALLS)('without a name is none: %s %s', async (method, target, parts) => {
    const own = target.replace(HASH, stored);
    for (const query of ['bucket=', 'bucket', 'buckets=x'])
      expect((await send(method, own + query, parts)).status, query).not.toBe(422);
  });

  it.each([
    ['once', [{ name: 'bucket', value: 'parts' }]],
    [
      'and then another without a name',
      [
        { name: 'bucket', value: 'parts' },
        { name: 'bucket', value: '' },
      ],
    ],
  ])('that a form names %s is refused, and nothing is stored', async (_, fields) => {
    for (const parts of [
      [...fields, ...FORM],
      [...FORM, ...fields],
    ])
      expect(await send('POST', '/images', parts)).toEqual({ status: 422, body: refusal('body', 'parts') });
    expect(await imgcache.lookup(['https://x.example/b'])).toEqual([null]);
  });

  it('without a name in a form is none', async () => {
    expect((await send('POST', '/images', [{ name: 'bucket', value: '' }, ...FORM])).status).toBe(201);
  });
});
