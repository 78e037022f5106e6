import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceError, type ServiceErrorCode } from '#src/services/errors.js';
import { MemoryVisualSnoop } from '../../fakes/memory-visualsnoop.js';
import { picture } from '../../fakes/pictures.js';
import { stageBuffer } from '../../fakes/signature-facts.js';
import { DOCUMENTED_KEYS, VisualSnoopWireServer } from '../../fakes/visualsnoop-wire-server.js';

const IMAGE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;
const collection = { collectionId: '6b7c9142', name: 'Holidays', user: 'a@example.org' };
const png = await picture(1);
const otherPng = await picture(2);

let visualsnoop: MemoryVisualSnoop;
let server: VisualSnoopWireServer;

beforeEach(async () => {
  visualsnoop = new MemoryVisualSnoop();
  visualsnoop.addCollection({ collection, ...DOCUMENTED_KEYS });
  server = await new VisualSnoopWireServer(visualsnoop, visualsnoop).listen();
});

afterEach(async () => {
  expect(server.staging.open).toBe(0);
  await server.close();
});

describe('the documented calls', () => {
  const image = (imageId: string) => ({
    collection_id: '6b7c9142',
    image_id: imageId,
    image_time: expect.stringMatching(IMAGE_TIME),
  });

  it('GET collection tells who one is', async () => {
    const { status, headers, json } = await server.send('GET', '/collection?session=init');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(json).toEqual({
      status: 200,
      message: 'OK',
      collection_id: '6b7c9142',
      collection_name: 'Holidays',
      user: 'a@example.org',
    });
  });

  it('GET collection leaves unknown names empty', async () => {
    visualsnoop.addCollection({ collection: { ...collection, name: null, user: null }, ...DOCUMENTED_KEYS });
    const { json } = await server.send('GET', '/collection?session=init');
    expect(json).toMatchObject({ collection_name: '', user: '' });
  });

  it('POST image adds under an id of 32 hex digits', async () => {
    const { status, json } = await server.send('POST', '/image', { body: png });
    expect(status).toBe(201);
    expect(json).toEqual({ ...image(json.image_id), status: 201, message: 'Added' });
    expect(json.image_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('POST image/{id} adds under that id', async () => {
    const { status, json } = await server.send('POST', '/image/myid12', { body: png });
    expect(status).toBe(201);
    expect(json).toEqual({ ...image('myid12'), status: 201, message: 'Added' });
  });

  it('PUT image/{id} updates', async () => {
    const before = await server.send('POST', '/image/myid12', { body: png });
    const { status, json } = await server.send('PUT', '/image/myid12', { body: otherPng });
    expect(status).toBe(200);
    expect(json).toEqual({ ...image('myid12'), status: 200, message: 'Updated' });
    expect(json.image_time > before.json.image_time).toBe(true);
  });

  it('PUT image/{id} with the bytes that it has already is an update', async () => {
    const before = await server.send('POST', '/image/myid12', { body: png });
    const { status, json } = await server.send('PUT', '/image/myid12', { body: png });
    expect(status).toBe(200);
    expect(json).toEqual({ ...before.json, status: 200, message: 'Updated' });
  });

  it('PUT image/{id} adds an id that is not there', async () => {
    const { status, json } = await server.send('PUT', '/image/new', { body: png });
    expect(status).toBe(201);
    expect(json).toEqual({ ...image('new'), status: 201, message: 'Added' });
  });

  it('GET image/{id} tells of an image', async () => {
    await server.send('POST', '/image/myid12', { body: png });
    const { status, json } = await server.send('GET', '/image/myid12');
    expect(status).toBe(200);
    expect(json).toEqual({ ...image('myid12'), status: 200, message: 'OK' });
  });

  it('DELETE image/{id} tells what it deleted', async () => {
    const added = await server.send('POST', '/image/myid12', { body: png });
    const { status, json } = await server.send('DELETE', '/image/myid12');
    expect(status).toBe(200);
    expect(json).toEqual({ ...added.json, status: 200, message: 'Deleted' });
    expect((await server.send('GET', '/image/myid12')).status).toBe(404);
  });

  it('GET search/{id} leaves the image itself out', async () => {
    await server.send('POST', '/image/a', { body: png });
    await server.send('POST', '/image/b', { body: png });
    const { status, json } = await server.send('GET', '/search/a');
    expect(status).toBe(200);
    expect(json).toEqual({ ...image('a'), status: 200, message: 'OK', results: [{ id: 'b', rank: 0 }] });
  });

  it('POST search ranks the identical picture 0', async () => {
    await server.send('POST', '/image/a', { body: otherPng });
    await server.send('POST', '/image/b', { body: png });
    const { status, json } = await server.send('POST', '/search', { body: png });
    expect(status).toBe(200);
    expect(json).toEqual({
      status: 200,
      message: 'OK',
      collection_id: '6b7c9142',
      results: [
        { id: 'b', rank: 0 },
        { id: 'a', rank: expect.any(Number) },
      ],
    });
  });

  it('GET images lists the newest first', async () => {
    await server.send('POST', '/image/a', { body: png });
    await server.send('POST', '/image/b', { body: png });
    const { status, json } = await server.send('GET', '/images');
    const image_time = expect.stringMatching(IMAGE_TIME);
    expect(status).toBe(200);
    expect(json).toEqual({
      status: 200,
      message: 'OK',
      collection_id: '6b7c9142',
      images: [
        { id: 'b', image_time },
        { id: 'a', image_time },
      ],
      next_image_id: null,
    });
  });
});

describe('adding', () => {
  it('refuses a POST on an id that exists and leaves it as it was', async () => {
    const before = await server.send('POST', '/image/a', { body: png });
    const { status, json } = await server.send('POST', '/image/a', { body: otherPng });
    expect(status).toBe(409);
    expect(json).toEqual({ status: 409, message: expect.any(String) });
    expect((await server.send('GET', '/image/a')).json.image_time).toBe(before.json.image_time);
    expect((await server.send('POST', '/search', { body: png })).json.results).toEqual([
      { id: 'a', rank: 0 },
    ]);
  });

  it.each([
    ['POST', '/image'],
    ['POST', '/image/a'],
    ['PUT', '/image/a'],
    ['POST', '/search'],
  ])('%s %s refuses bytes that are no picture', async (method, path) => {
    for (const body of [Buffer.from('abcdefg'), Buffer.alloc(0)]) {
      const { status, json } = await server.send(method, path, { body });
      expect(status).toBe(400);
      expect(json).toEqual({ status: 400, message: expect.any(String) });
    }
    expect((await server.send('GET', '/images')).json.images).toEqual([]);
  });
});

describe('ids', () => {
  it.each([
    ['a b', 'a%20b'],
    ['a/b', 'a/b'],
    ['a/b', 'a%2Fb'],
    ['a/../b', 'a/../b'],
    ['/', '/'],
    ['a%b', 'a%25b'],
    ['a+b', 'a+b'],
    ['日本', '%E6%97%A5%E6%9C%AC'],
    ['\u{1f600}', '%F0%9F%98%80'],
    [`a'"b`, `a'%22b`],
    ['image', 'image'],
    ['__proto__', '__proto__'],
    ['a?b', 'a%3Fb'],
    ['\u{1f600}'.repeat(100), '%F0%9F%98%80'.repeat(100)],
  ])('%j is the id in image/%s', async (imageId, encoded) => {
    const added = await server.send('POST', `/image/${encoded}`, { body: png });
    expect(added.json).toMatchObject({ status: 201, image_id: imageId });
    expect((await server.send('GET', `/search/${encoded}`)).json).toMatchObject({
      status: 200,
      image_id: imageId,
    });
    expect((await server.send('DELETE', `/image/${encoded}`)).json).toMatchObject({ status: 200 });
  });

  it.each(['', '.', '..', '%2E', '%2e%2e', 'x'.repeat(101), '%00', '%FF', '%', '%E6%97'])(
    'refuses image/%s',
    async (encoded) => {
      for (const [method, path] of [
        ['POST', `/image/${encoded}`],
        ['PUT', `/image/${encoded}`],
        ['GET', `/image/${encoded}`],
        ['DELETE', `/image/${encoded}`],
        ['GET', `/search/${encoded}`],
        ...(encoded ? [['GET', `/images?start=${encoded}`] as const] : []),
      ] as const) {
        const { status, json } = await server.send(method, path);
        expect([method, path, status]).toEqual([method, path, 400]);
        expect(json).toEqual({ status: 400, message: expect.any(String) });
      }
    },
  );

  it.each([
    ['GET', '/image/a'],
    ['DELETE', '/image/a'],
    ['GET', '/search/a'],
    ['GET', '/images?start=a'],
  ])('%s %s is 404 for an id that is not there', async (method, path) => {
    const { status, json } = await server.send(method, path);
    expect(status).toBe(404);
    expect(json).toEqual({ status: 404, message: expect.any(String) });
  });
});

describe('GET images', () => {
  const add = (imageId: string) =>
    server.send('POST', `/image/${encodeURIComponent(imageId)}`, { body: png });
  const page = async (query: string) => (await server.send('GET', `/images?${query}`)).json;

  it('walks all pages without loss or repetition while images are added', async () => {
    const ids = Array.from({ length: 25 }, (_, i) => `image ${i}/+&`);
    for (const id of ids) await add(id);
    const walked: string[] = [];
    let query = 'count=10';
    for (let pages = 0; pages < 10; pages++) {
      const { images, next_image_id: next } = await page(query);
      walked.push(...images.map(({ id }: { id: string }) => id));
      if (next === null) break;
      await add(`added later ${pages}`);
      query = new URLSearchParams({ start: next, count: '10' }).toString();
    }
    expect(walked).toEqual(ids.reverse());
  });

  it('gives 100 images without a count, and 1000 for any count above', async () => {
    const staged = await stageBuffer(png);
    for (let i = 0; i < 1001; i++) await visualsnoop.addImage('6b7c9142', staged, { imageId: `${i}` });
    expect((await page('')).images).toHaveLength(100);
    const most = await page('count=99999');
    expect(most.images).toHaveLength(1000);
    expect(most.next_image_id).toBe('0');
  });

  it('starts at the first image for an empty start', async () => {
    await add('a');
    await add('b');
    expect((await page('start=')).images).toMatchObject([{ id: 'b' }, { id: 'a' }]);
    expect(await page('start=&count=1')).toMatchObject({ images: [{ id: 'b' }], next_image_id: 'a' });
  });

  it('starts at the given image', async () => {
    await add('a');
    await add('b c/d');
    await add('e');
    expect((await page('start=b+c%2Fd&count=1')).images).toMatchObject([{ id: 'b c/d' }]);
  });

  it.each(['0', '-1', '1.5', 'ten', '', '1e3', 'NaN', 'Infinity'])('refuses count=%s', async (count) => {
    const { status, json } = await server.send('GET', `/images?count=${count}`);
    expect(status).toBe(400);
    expect(json.message).toContain('count');
  });
});

describe('paths and methods', () => {
  it.each(['', '/', '/images/', '/collections', '/collection/x', '/Image/a', '/constructor', '/search%2Fa'])(
    '%j is unknown',
    async (path) => {
      const { status, json } = await server.send('GET', path);
      expect(status).toBe(404);
      expect(json).toEqual({ status: 404, message: expect.any(String) });
    },
  );

  it.each([
    ['POST', '/collection', 'GET'],
    ['POST', '/images', 'GET'],
    ['GET', '/image', 'POST'],
    ['PUT', '/image', 'POST'],
    ['GET', '/search', 'POST'],
    ['PATCH', '/image/a', 'GET, POST, PUT, DELETE'],
    ['POST', '/search/a', 'GET'],
  ])('%s %s is not allowed', async (method, path, allow) => {
    const { status, headers, json } = await server.send(method, path);
    expect(status).toBe(405);
    expect(headers.allow).toBe(allow);
    expect(json).toEqual({ status: 405, message: expect.any(String) });
  });
});

describe('failures of the VisualSnoop', () => {
  const fail = (error: unknown) => {
    visualsnoop.getImages = async () => {
      throw error;
    };
  };

  it.each<[ServiceErrorCode, number]>([
    ['UNAVAILABLE', 503],
    ['TIMEOUT', 504],
    ['REFUSED', 502],
    ['BAD_RESPONSE', 502],
    ['UNSUPPORTED', 501],
  ])('%s is %i', async (code, expected) => {
    const cause = new Error('internal');
    fail(new ServiceError('Fit for clients.', { service: 'VISUALSNOOP', code, retryable: false, cause }));
    const { status, json } = await server.send('GET', '/image/a');
    expect(status).toBe(expected);
    expect(json).toEqual({ status: expected, message: 'Fit for clients.' });
    expect(server.errors).toEqual([]);
  });

  it('an unexpected exception is 500, reported, and not told', async () => {
    const error = new TypeError('secret detail');
    fail(error);
    const { status, text } = await server.send('GET', '/image/a');
    expect(status).toBe(500);
    expect(JSON.parse(text)).toEqual({ status: 500, message: 'Something went wrong.' });
    expect(server.errors).toEqual([error]);
  });

  it('a collection that is gone although its keys are known is 404', async () => {
    visualsnoop.find = async () => ({ collectionId: 'gone', secretKey: DOCUMENTED_KEYS.secretKey });
    for (const path of ['/collection?session=init', '/images']) {
      expect((await server.send('GET', path)).json).toMatchObject({ status: 404 });
    }
  });
});
