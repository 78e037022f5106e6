import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi } from '#src/protocols/imgcache/openapi.js';
import { ROUTES } from '#src/protocols/imgcache/routes.js';
import { DESCRIBED, expectDescribed, validatorOf } from '../../contract/imgcache-description.js';
import { MemoryImgCache } from '../../fakes/memory-imgcache.js';
import { MemoryStaging } from '../../fakes/memory-staging.js';
import { type FormPart, multipartBody, multipartType } from '../../fakes/multipart-body.js';
import { rawRequest } from '../../fakes/raw-request.js';
import { tinyPicture, tinyPictureFacts } from '../../fakes/tiny-picture.js';
import { startWireServer, type WireServer } from '../../fakes/wire-server.js';

let server: WireServer;
beforeAll(async () => {
  const staging = new MemoryStaging((_, bytes) => tinyPictureFacts(bytes));
  server = await startWireServer({ imgcache: new MemoryImgCache(), staging });
});
afterAll(() => server.close());

/** Sends a request that the document describes, and holds the answer against it. */
async function send(method: string, path: string, parts?: readonly FormPart[]) {
  const request = {
    method,
    target: `/imgcache${path}`,
    ...(parts && { headers: { 'Content-Type': multipartType() }, body: multipartBody(parts) }),
  };
  const response = await rawRequest(server.url, request);
  expect(expectDescribed(request, response)).toBe(true);
  const text = response.body.toString();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const store = (url: string, content: string | Buffer) =>
  send('POST', '/images', [
    { name: 'url', value: url },
    { name: 'client_name', value: 'c' },
    { name: 'file', value: content, filename: 'a.png' },
  ]);

describe('The description', () => {
  it('is served where the protocol is, and says where that is', async () => {
    const { headers, json } = await send('GET', '/openapi.json');
    expect(headers['content-type']).toBe('application/json');
    expect(json()).toEqual(JSON.parse(JSON.stringify(openApi('/imgcache'))));
    expect(json()).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/imgcache' }] });
    expect((await send('GET', '/docs')).headers.location).toBe('/imgcache/openapi.json');
    expect(openApi('').servers).toEqual([{ url: '/' }]);
  });

  it('has each operation that is served, and no other', () => {
    const served = DESCRIBED.map(({ method, template }) =>
      ROUTES.find((route) => route.method === method && route.path.test(template)),
    );
    expect(served).not.toContain(undefined);
    expect(new Set(served)).toEqual(new Set(ROUTES));
    expect(DESCRIBED).toHaveLength(ROUTES.length);
  });

  it('names no operation twice, and every part of a path', () => {
    expect(new Set(DESCRIBED.map(({ operationId }) => operationId)).size).toBe(DESCRIBED.length);
    for (const { template, parameters = [] } of DESCRIBED)
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`)).toEqual(
        template.match(/\{\w+\}/g) ?? [],
      );
  });

  it('names the parameters and fields without which a request is refused', async () => {
    for (const { method, template, parameters = [] } of DESCRIBED) {
      if (!/^(GET|POST)$/.test(method) || !/^\/(images|cache|browse)/.test(template)) continue;
      const required = parameters.filter((one) => one.in === 'query' && one.required);
      const { status, json } = await send(
        method,
        template.replace(/\{\w+\}/, 'x'),
        method === 'POST' ? [] : undefined,
      );
      const missing = status === 422 ? json().detail.map(({ loc }: { loc: string[] }) => loc[1]) : [];
      const { StoreForm, CacheForm } = openApi('').components.schemas;
      const form = (template === '/cache' ? CacheForm : StoreForm).required;
      expect(missing, template).toEqual(method === 'POST' ? form : required.map(({ name }) => name));
    }
  });

  it('describes every answer', async () => {
    const { json } = await store('https://a.example/1', tinyPicture('0123456789abcdef'));
    const { content_hash: hash } = json();
    await store('https://a.example/2', tinyPicture('0123456789abcdef'));
    await store('https://a.example/3', 'no picture');
    const statuses = [];
    for (const [method, path] of [
      ['GET', `/images/meta/${hash}`],
      ['GET', `/images/meta/${hash}?all_urls=true`],
      ['GET', `/images/meta/${hash}?all_urls=perhaps`],
      ['GET', '/images/meta/x'],
      ['GET', '/images/lookup?url=https://a.example/2'],
      ['GET', '/images/lookup?url=x'],
      ['GET', '/images/search?url_contains='],
      ['GET', '/images/search?url_contains=a&url_contains_literally=a&offset=1&limit=1'],
      ['GET', '/images/search?url_contains=%00&limit=-1&offset=x'],
      ['GET', '/images/similar?perceptual_hash=0123456789abcdee'],
      ['GET', '/images/similar?perceptual_hash=x&max_hamming_distance=y'],
      ['GET', `/images/${hash}`],
      ['GET', '/images/x'],
      ['GET', '/images/x?bucket=b'],
      ['DELETE', `/images/${hash}?bucket=b`],
      ['DELETE', `/images/${hash}`],
      ['DELETE', `/images/${hash}`],
      ['GET', '/health'],
      ['GET', '/metrics'],
    ] as const)
      statuses.push((await send(method, path)).status);
    expect(statuses).toEqual([
      200, 200, 422, 404, 200, 404, 200, 200, 422, 200, 422, 200, 404, 422, 422, 204, 404, 200, 200,
    ]);
  });

  it('takes no other entries for its own', () => {
    const { ImageEntryMeta } = openApi('').components.schemas;
    const entry = {
      url: '',
      content_hash: 'a'.repeat(64),
      content_type: 'image/png',
      file_size_bytes: 0,
      original_filename: null,
      width: null,
      height: 1,
      perceptual_hash: '0123456789abcdef',
      client_name: '',
      lookup_time: '2024-01-01T00:00:00',
      created_at: '2024-01-01T00:00:00.000001',
    };
    const validator = validatorOf(ImageEntryMeta);
    expect(validator.safeParse(entry).error).toBeUndefined();
    for (const wrong of [
      { url: undefined },
      { content_hash: 'A'.repeat(64) },
      { file_size_bytes: -1 },
      { width: 0 },
      { width: '1' },
      { perceptual_hash: 'x' },
      { created_at: '2024-01-01' },
      { urls: [1] },
      { more_urls: false },
      { status: 'CREATED' },
    ])
      expect(validator.safeParse({ ...entry, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
  });
});
