import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVisualSnoopClient, type VisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import { LightSignal } from '#src/request/light-signal.js';
import { ImageExistsError, NotAPictureError } from '#src/services/visualsnoop.js';
import { isSignature, parseAuthorization } from '#src/services/visualsnoop-signature.js';
import { callScope } from '../../fakes/call-scope.js';
import { picture } from '../../fakes/pictures.js';
import { type Script, type ScriptedAnswer, ScriptedVisualSnoop } from '../../fakes/scripted-visualsnoop.js';
import { stageBuffer } from '../../fakes/signature-facts.js';

const collectionId = '6b7c9142';
const pair = { publicKey: 'public', secretKey: 'secret' };
const otherPair = { publicKey: 'other', secretKey: 'other secret' };
const png = await stageBuffer(await picture(1));
const text = await stageBuffer(Buffer.from('no picture'));

const INIT = 'GET /collection?session=init';
const collection = {
  status: 200,
  message: 'OK',
  collection_id: collectionId,
  collection_name: 'Holidays',
  user: 'u',
};
const image = (imageId: string, status = 200, message = 'OK') => ({
  status,
  message,
  collection_id: collectionId,
  image_id: imageId,
  image_time: '2013-09-08T21:02:41.123456+00:00',
});
const notFound = { status: 404, message: 'Not found' };
const key = (imageId: string) => ({ collectionId, imageId });

let server: ScriptedVisualSnoop;
let client: VisualSnoopClient;

beforeEach(async () => {
  server = await new ScriptedVisualSnoop(() => ({ body: notFound })).listen();
  client = createVisualSnoopClient({ baseUrl: server.baseUrl, keys: [pair], timeoutMs: 2_000 });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

/** Answers what is listed, such as `GET /image/a`, and 404 to all else; the collection is there in any case. */
function answer(answers: Record<string, ScriptedAnswer | Script>): void {
  const all: Record<string, ScriptedAnswer | Script> = { [INIT]: { body: collection }, ...answers };
  server.script = (request) => {
    const scripted = all[`${request.method} ${request.target}`];
    if (scripted === undefined) return { body: notFound };
    return typeof scripted === 'function' ? scripted(request) : scripted;
  };
}

/** What was received but for asks for the collection. */
const received = () => server.received.filter((name) => name !== INIT);

describe('requests', () => {
  it('are signed over the path as sent, also when they are repeated', async () => {
    let tries = 0;
    answer({
      'GET /image/a%20b%2F%25%E6%97%A5!': () => ({
        body: tries++ ? image('a b/%日!') : 'busy',
        status: tries > 1 ? 200 : 503,
      }),
      'GET /images?count=1': { body: { ...collection, images: [], next_image_id: null } },
    });
    await client.getImages([key('a b/%日!')]);
    await client.listImages(collectionId, { limit: 1 });
    expect(server.received).toEqual([
      INIT,
      'GET /image/a%20b%2F%25%E6%97%A5!',
      'GET /image/a%20b%2F%25%E6%97%A5!',
      'GET /images?count=1',
    ]);
    for (const { method, path, headers } of server.requests) {
      const date = headers.date ?? '';
      const { publicKey, signature } = parseAuthorization(headers.authorization ?? '')!;
      expect(publicKey).toBe('public');
      expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(5_000);
      expect(isSignature(signature, { method, path, date }, 'secret')).toBe(true);
    }
  });

  it('say how long their body is', async () => {
    answer({ 'POST /image': { body: image('x', 201, 'Added') } });
    await client.addImage(collectionId, png);
    const { headers, body } = server.requests.at(-1)!;
    expect(headers).toMatchObject({ 'content-length': String(png.size) });
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(body).toHaveLength(png.size);
  });

  it('are 32 at a time', async () => {
    let running = 0;
    let most = 0;
    server.script = async ({ target }) => {
      if (target.startsWith('/collection')) return { body: collection };
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 50));
      running--;
      return { body: notFound };
    };
    const ids = Array.from({ length: 200 }, (_, i) => `${i}`);
    await Promise.all([
      client.getImages(ids.slice(0, 100).map(key)),
      ...ids.slice(100).map((imageId) => client.searchById(key(imageId), { limit: 10 })),
    ]);
    expect(server.requests).toHaveLength(201);
    expect(most).toBe(32);
  });

  it('for the same at the same time are one', async () => {
    answer({ 'GET /image/a': { body: image('a') } });
    const images = await Promise.all([client.getImages([key('a'), key('a')]), client.getImages([key('a')])]);
    expect(images.flat().map((found) => found?.imageId)).toEqual(['a', 'a', 'a']);
    expect(received()).toEqual(['GET /image/a']);
  });

  it('end when their caller gives up', async () => {
    answer({ 'GET /image/a': () => new Promise(() => {}) });
    const reason = new Error('gone');
    const abort = new LightSignal();
    const images = client.getImages([key('a')], abort);
    setTimeout(() => abort.abort(reason), 50);
    await expect(images).rejects.toBe(reason);
  });
});

describe('collections', () => {
  it('are asked for once, by all who need them', async () => {
    answer({});
    await Promise.all([
      client.getImages([key('a')]),
      client.searchById(key('b'), { limit: 1 }),
      client.getCollections(['x']),
    ]);
    await client.listCollections({ limit: 10 });
    expect(server.received.filter((name) => name === INIT)).toHaveLength(1);
    expect(await client.getCollections([collectionId])).toEqual([
      { collectionId, name: 'Holidays', user: 'u' },
    ]);
  });

  it('are asked for again when that failed', async () => {
    answer({ [INIT]: { status: 401, body: { status: 401, message: 'no' } } });
    await expect(client.getImages([key('a')])).rejects.toMatchObject({ code: 'REFUSED' });
    answer({ 'GET /image/a': { body: image('a') } });
    expect(await client.getImages([key('a')])).toMatchObject([key('a')]);
  });

  it('have no name or user where VisualSnoop gives none', async () => {
    const { collection_id } = collection;
    answer({ [INIT]: { body: { collection_id, collection_name: '' } } });
    expect(await client.listCollections({ limit: 1 })).toEqual([{ collectionId, name: null, user: null }]);
  });

  it('whose keys are refused leave the others usable, and the list incomplete', async () => {
    const both = createVisualSnoopClient({
      baseUrl: server.baseUrl,
      keys: [otherPair, pair],
      timeoutMs: 2_000,
    });
    server.script = ({ headers, target }) => {
      if (headers.authorization?.includes('other'))
        return { status: 401, body: { status: 401, message: 'no' } };
      return { body: target.startsWith('/collection') ? collection : image('a') };
    };
    expect(await both.getImages([key('a')])).toMatchObject([key('a')]);
    await expect(both.listCollections({ limit: 10 })).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(both.health()).rejects.toMatchObject({ code: 'REFUSED' });
    await both.close();
  });

  it('of two pairs of keys may be the same', async () => {
    answer({});
    const both = createVisualSnoopClient({
      baseUrl: server.baseUrl,
      keys: [otherPair, pair],
      timeoutMs: 2_000,
    });
    expect(await both.listCollections({ limit: 10 })).toHaveLength(1);
    await both.close();
  });

  it('that are not at the address are a bad response', async () => {
    answer({ [INIT]: { body: notFound } });
    await expect(client.health()).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });
});

describe('answers', () => {
  it.each<[string, ScriptedAnswer]>([
    ['HTML', { body: '<html>' }],
    ['nothing', { body: '' }],
    ['a byte order mark', { body: `\ufeff${JSON.stringify(image('a'))}` }],
    ['null', { body: null }],
    ['a list', { body: [image('a')] }],
    ['a text', { body: '"a"' }],
    ['no status', { body: { ...image('a'), status: undefined }, status: 200 }],
    ['no message', { body: { ...image('a'), message: undefined } }],
    ['no time', { body: { ...image('a'), image_time: undefined } }],
    ['no such time', { body: { ...image('a'), image_time: '2013-02-30T00:00:00+00:00' } }],
    ['another image', { body: image('b') }],
    ['another collection', { body: { ...image('a'), collection_id: 'x' } }],
    ['a redirect', { body: '', status: 307 }],
    ['a status in words', { body: { ...image('a'), status: 'OK' }, status: 200 }],
  ])('with %s are bad responses', async (_, scripted) => {
    answer({ 'GET /image/a': scripted });
    await expect(client.getImages([key('a')])).rejects.toMatchObject({
      code: 'BAD_RESPONSE',
      retryable: false,
    });
  });

  it.each<[unknown, string]>([
    [{ results: [{ id: 'a', rank: '0' }] }, 'a rank in words'],
    [{ results: [{ rank: 0 }] }, 'no id'],
    [{ results: {} }, 'no list'],
    [{}, 'no results'],
  ])('to a search with %j are bad responses', async (fields) => {
    const { image_id, image_time, ...rest } = image('a');
    answer({ 'POST /search': { body: { ...rest, ...(fields as object) } } });
    await expect(client.searchByImage(collectionId, png, { limit: 10 })).rejects.toMatchObject({
      code: 'BAD_RESPONSE',
    });
  });

  it.each([
    ['2013-09-08T21:02:41.123456+00:00', '2013-09-08T21:02:41.123456Z'],
    ['2013-09-08T21:02:41+00:00', '2013-09-08T21:02:41.000000Z'],
    ['2013-09-08T23:02:41+02:00', '2013-09-08T21:02:41.000000Z'],
    ['2013-09-08T21:02:41.5', '2013-09-08T21:02:41.500000Z'],
  ])('with the time %s are read', async (image_time, imageTime) => {
    answer({ 'GET /image/a': { body: { ...image('a'), image_time } } });
    expect(await client.getImages([key('a')])).toEqual([{ ...key('a'), imageTime }]);
  });

  it('are judged by the status in the body where HTTP claims success', async () => {
    const says = (status: number) =>
      answer({ 'GET /image/a': { status: 200, body: { status, message: 'x' } } });
    says(404);
    expect(await client.getImages([key('a')])).toEqual([null]);
    says(403);
    await expect(client.getImages([key('a')])).rejects.toMatchObject({ code: 'REFUSED', retryable: false });
    says(500);
    await expect(client.getImages([key('a')])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
  });
});

describe('a 404', () => {
  const calls: [string, () => Promise<unknown>][] = [
    ['reading an image', () => client.getImages([key('a')])],
    ['deleting', () => client.deleteImage(key('a'))],
    ['listing', () => client.listImages(collectionId, { limit: 10 })],
    ['listing the newest', () => client.listNewestImages([collectionId], 10)],
    ['searching by id', () => client.searchById(key('a'), { limit: 10 })],
    ['searching by image', () => client.searchByImage(collectionId, text, { limit: 10 })],
    ['adding', () => client.addImage(collectionId, text)],
    ['adding under an id', () => client.addImage(collectionId, text, { imageId: 'a' })],
    ['replacing', () => client.addImage(collectionId, text, { imageId: 'a', updateExisting: true })],
    ['finding by content hash', () => client.findByContentHash(['f'.repeat(64)], null, 10)],
  ];
  const others: [string, unknown][] = [
    ['a page', '<html>Not found</html>'],
    ['nothing', ''],
    ['the JSON of an imgcache', { detail: 'Not found' }],
    ['the JSON of a gateway that has no VisualSnoop at this path', { error: 'There is nothing here.' }],
    ['null', 'null'],
    ['a list', [notFound]],
    ['another status', { ...notFound, status: 200 }],
    ['a status alone', { status: 404 }],
    ['a message alone', { message: 'Not found' }],
    ['the answer to another question', image('a')],
    ['more than is read of it', { ...notFound, message: 'x'.repeat(200_000) }],
  ];
  const elsewhere = {
    name: 'ServiceError',
    code: 'BAD_RESPONSE',
    message: 'VisualSnoop does not answer at the address that is set for it.',
    retryable: false,
  };

  describe.each(others)('with %s', (_, body) => {
    it.each(calls)('says that no VisualSnoop answers: %s', async (_, call) => {
      answer({});
      await client.listCollections({ limit: 1 });
      server.script = () => ({ status: 404, body });
      await expect(call()).rejects.toMatchObject(elsewhere);
    });

    it('is no healthy VisualSnoop, also where one was before', async () => {
      answer({});
      await client.health();
      server.script = () => ({ status: 404, body });
      await expect(client.health()).rejects.toMatchObject(elsewhere);
    });
  });

  it('as VisualSnoop documents its answers is an absence', async () => {
    answer({});
    expect(await client.getImages([key('a')])).toEqual([null]);
    expect(await client.searchById(key('a'), { limit: 10 })).toBeNull();
    expect(await client.deleteImage(key('a'))).toBeNull();
    await expect(client.addImage(collectionId, png)).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

describe('health', () => {
  it.each<[string, unknown]>([
    ['a page', '<html>Welcome</html>'],
    ['that it is well', { status: 'ok' }],
    ['OK without a collection', { status: 200, message: 'OK' }],
    ['a list', []],
  ])('is missed where %s is the answer to everything', async (_, body) => {
    server.script = () => ({ status: 200, body });
    await expect(client.health()).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });
});

describe('searching', () => {
  it('leaves the image itself out, puts the best first, and gives no more than asked for', async () => {
    const results = [
      { id: 'c', rank: 7 },
      { id: 'a', rank: 0 },
      { id: 'd', rank: 0.5 },
      { id: 'b', rank: 7 },
    ];
    answer({ 'GET /search/a': { body: { ...image('a'), results } } });
    expect(await client.searchById(key('a'), { limit: 2 })).toEqual([
      { ...key('d'), rank: 0.5 },
      { ...key('c'), rank: 7 },
    ]);
  });

  it('is tried again', async () => {
    let tries = 0;
    answer({
      'POST /search': () => (tries++ ? { body: { ...collection, results: [{ id: 'a', rank: 0 }] } } : null),
    });
    expect(await client.searchByImage(collectionId, png, { limit: 10 })).toEqual([{ ...key('a'), rank: 0 }]);
    expect(server.requests.map(({ body }) => body.length).slice(1)).toEqual([png.size, png.size]);
  });
});

describe('what one request has read', () => {
  const answers = {
    'GET /image/a': { body: image('a') },
    'POST /search': { body: { ...collection, results: [] } },
    'POST /image': { body: image('b', 201, 'Added') },
  };

  it('is not read again after a search', async () => {
    answer(answers);
    const signal = new LightSignal(callScope());
    await client.getImages([key('a')], signal);
    await client.searchByImage(collectionId, png, { limit: 1 }, signal);
    await client.getImages([key('a')], signal);
    expect(received()).toEqual(['GET /image/a', 'POST /search']);
  });

  it('is read again after a change', async () => {
    answer(answers);
    const signal = new LightSignal(callScope());
    await client.getImages([key('a')], signal);
    await client.addImage(collectionId, png, {}, signal);
    await client.getImages([key('a')], signal);
    expect(received()).toEqual(['GET /image/a', 'POST /image', 'GET /image/a']);
  });
});

describe('images with the same bytes', () => {
  it('of the same time stand in the order of their collections, whichever was asked for first', async () => {
    const hash = 'a'.repeat(64);
    const ids = ['\ufffd', '\u{1f600}'] as const;
    server.script = ({ headers, target }) => {
      const collection_id = headers.authorization?.includes('other') ? ids[1] : ids[0];
      return { body: { ...(target.startsWith('/collection') ? collection : image(hash)), collection_id } };
    };
    const both = createVisualSnoopClient({
      baseUrl: server.baseUrl,
      keys: [otherPair, pair],
      timeoutMs: 2_000,
    });
    for (const asked of [ids, ids.toReversed(), null]) {
      const [found] = await both.findByContentHash([hash], asked, 10);
      expect(found?.map(({ collectionId }) => collectionId)).toEqual(ids);
    }
    await both.close();
  });
});

describe('adding', () => {
  it.each([
    [201, 'Added', 'ADDED'],
    [200, 'Updated', 'UPDATED'],
    [200, 'Added', 'ADDED'],
  ])('with %i %s is %s', async (status, message, expected) => {
    answer({ 'PUT /image/a': { body: image('a', status, message) } });
    const added = await client.addImage(collectionId, png, { imageId: 'a', updateExisting: true });
    expect(added).toEqual({
      status: expected,
      image: { ...key('a'), imageTime: '2013-09-08T21:02:41.123456Z' },
    });
  });

  it('without an id ignores that it may replace', async () => {
    answer({ 'POST /image': { body: image('x', 201, 'Added') } });
    const added = await client.addImage(collectionId, png, { updateExisting: true });
    expect(added).toMatchObject({ status: 'ADDED', image: { imageId: 'x' } });
  });

  it.each([
    ['POST /image', {}, false],
    ['POST /image/a', { imageId: 'a' }, true],
  ])('by %s is sent once when its outcome is unknown', async (name, options, retryable) => {
    answer({ [name]: null });
    const added = client.addImage(collectionId, png, options);
    await expect(added).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable });
    expect(received()).toEqual([name]);
  });

  it('with updateExisting is tried again', async () => {
    let tries = 0;
    answer({ 'PUT /image/a': () => (tries++ ? { body: image('a', 200, 'Updated') } : null) });
    await client.addImage(collectionId, png, { imageId: 'a', updateExisting: true });
    expect(received()).toEqual(['PUT /image/a', 'PUT /image/a']);
  });

  it('finds the id taken by a status of 409', async () => {
    answer({ 'POST /image/a': { body: { status: 409, message: 'x' } } });
    const added = client.addImage(collectionId, png, { imageId: 'a' });
    await expect(added).rejects.toBeInstanceOf(ImageExistsError);
    expect(received()).toEqual(['POST /image/a']);
  });

  it.each([
    ['HTTP', { status: 400, body: 'exists' }],
    ['the body', { status: 200, body: { status: 400, message: 'exists' } }],
  ])('finds the id taken by another refusal of %s when the image is there', async (_, refusal) => {
    answer({ 'POST /image/a': refusal, 'GET /image/a': { body: image('a') } });
    const added = client.addImage(collectionId, png, { imageId: 'a' });
    await expect(added).rejects.toBeInstanceOf(ImageExistsError);
  });

  it('is refused when the image is not there', async () => {
    answer({ 'POST /image/a': { status: 400, body: 'no' } });
    const added = client.addImage(collectionId, png, { imageId: 'a' });
    await expect(added).rejects.toMatchObject({ name: 'ServiceError', code: 'REFUSED', retryable: false });
  });

  it('is refused for the bytes when these are no picture', async () => {
    answer({ 'POST /image': { status: 400, body: 'no' }, 'POST /search': { status: 400, body: 'no' } });
    await expect(client.addImage(collectionId, text)).rejects.toBeInstanceOf(NotAPictureError);
    await expect(client.searchByImage(collectionId, text, { limit: 1 })).rejects.toBeInstanceOf(
      NotAPictureError,
    );
    await expect(client.searchByImage(collectionId, png, { limit: 1 })).rejects.toMatchObject({
      code: 'REFUSED',
    });
  });
});

describe('an id that no image can have', () => {
  it.each(['', '.', '..', 'x'.repeat(101), '\u{1f600}'.repeat(101), 'a\0', '\ud800'])(
    '%j is not sent',
    async (id) => {
      answer({});
      await client.listCollections({ limit: 1 });
      const add = (updateExisting: boolean) =>
        client.addImage(collectionId, png, { imageId: id, updateExisting });
      await expect(add(false)).rejects.toMatchObject({ code: 'REFUSED' });
      await expect(add(true)).rejects.toMatchObject({ code: 'REFUSED' });
      expect(await client.getImages([key(id)])).toEqual([null]);
      expect(await client.deleteImage(key(id))).toBeNull();
      expect(await client.searchById(key(id), { limit: 10 })).toBeNull();
      expect(await client.listImages(collectionId, { from: id, limit: 10 })).toEqual([]);
      expect(received()).toEqual([]);
    },
  );
});

describe('deleting', () => {
  it('is tried again, and does not claim that nothing was there when an answer was lost', async () => {
    let tries = 0;
    answer({ 'DELETE /image/a': () => (tries++ ? { body: notFound } : null) });
    await expect(client.deleteImage(key('a'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
    expect(await client.deleteImage(key('a'))).toBeNull();
    expect(received()).toHaveLength(3);
  });

  it('is seen by those who read afterwards', async () => {
    let deleted = false;
    answer({
      'GET /image/a': async () => {
        if (deleted) return { body: notFound };
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { body: image('a') };
      },
      'DELETE /image/a': () => {
        deleted = true;
        return { body: image('a', 200, 'Deleted') };
      },
    });
    const before = client.getImages([key('a')]);
    await client.deleteImage(key('a'));
    expect(await client.getImages([key('a')])).toEqual([null]);
    expect(await before).toMatchObject([key('a')]);
  });
});

describe('listing', () => {
  const time = (second: number) => `2013-09-08T21:02:${String(second).padStart(2, '0')}+00:00`;
  const page = (ids: string[], next: string | null) => ({
    body: {
      ...collection,
      images: ids.map((id) => ({ id, image_time: time(60 - Number(id)) })),
      next_image_id: next,
    },
  });
  const list = async (request: Parameters<VisualSnoopClient['listImages']>[1]) =>
    (await client.listImages(collectionId, request)).map(({ imageId }) => imageId);

  it('follows the pages that VisualSnoop gives, however small', async () => {
    answer({
      'GET /images?count=5': page(['1', '2'], '3'),
      'GET /images?start=3&count=3': page(['3', '4'], '5'),
      'GET /images?start=5&count=1': page(['5', '6'], '7'),
    });
    expect(await list({ limit: 5 })).toEqual(['1', '2', '3', '4', '5']);
  });

  it('stops at the last page', async () => {
    answer({ 'GET /images?count=5': page(['1', '2'], null) });
    expect(await list({ limit: 5 })).toEqual(['1', '2']);
  });

  it('goes on where it was when the start of the next page is deleted meanwhile', async () => {
    answer({
      'GET /images?count=4': page(['1', '2'], '3'),
      'GET /images?count=1000': page(['1', '2', '4', '5'], null),
    });
    expect(await list({ limit: 4 })).toEqual(['1', '2', '4', '5']);
    expect(received()).toEqual([
      'GET /images?count=4',
      'GET /images?start=3&count=2',
      'GET /images?count=1000',
    ]);
  });

  it('keeps the order of VisualSnoop among images of the same time', async () => {
    const same = (ids: string[]) => ({
      body: { ...collection, images: ids.map((id) => ({ id, image_time: time(0) })), next_image_id: null },
    });
    answer({ 'GET /images?start=5&count=3': same(['5', '2', '9']) });
    const after = { imageId: '5', imageTime: '2013-09-08T21:02:00.000000Z' };
    expect(await list({ after, limit: 2 })).toEqual(['2', '9']);
  });

  it.each<[string, Record<string, ScriptedAnswer>]>([
    ['in a circle', { 'GET /images?count=5': page([], '3'), 'GET /images?start=3&count=5': page([], '3') }],
    [
      'to what is not there, time and again',
      { 'GET /images?count=5': page(['1'], '3'), 'GET /images?count=1000': page(['1'], '3') },
    ],
    ['nowhere from the top', {}],
  ])('is a bad response when pages lead %s', async (_, answers) => {
    answer(answers);
    await expect(list({ limit: 5 })).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });
});
