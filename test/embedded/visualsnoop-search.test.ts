import { readdirSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LightSignal } from '#src/request/light-signal.js';
import { lookAlike } from '../fakes/pictures.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';
import { corpusPicture } from './corpus.js';

const PHOTOS = [
  '03-fig.jpg',
  '11-picos.jpg',
  '12-dandelion.jpg',
  '13-sunset.jpg',
  '34-astronaut.png',
  '35-chelsea.png',
  '36-coffee.png',
  '37-rocket.jpg',
];
const EDITS = ['bright20', 'crop10', 'q30', 'resize50', 'watermark'];

async function add(engine: TestEngine, imageId: string, bytes: Buffer): Promise<void> {
  await using staged = await engine.stage(bytes);
  await engine.visualsnoop.addImage(defaultId(engine), staged, { imageId, updateExisting: true });
}

async function search(engine: TestEngine, bytes: Buffer, limit = 100) {
  await using staged = await engine.stage(bytes);
  const matches = await engine.visualsnoop.searchByImage(defaultId(engine), staged, { limit });
  return matches.map(({ imageId, rank }) => [imageId, rank] as const);
}

function defaultId(engine: TestEngine): string {
  return engine.defaultCollection!.collection.collectionId;
}

describe('searching photographs', () => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await openTestEngine();
    for (const name of PHOTOS) await add(engine, name, corpusPicture(`photos/${name}`));
  });
  afterAll(() => engine.close());

  it.each(PHOTOS)('%s is found by its bytes at rank 0, and no other', async (name) => {
    expect(await search(engine, corpusPicture(`photos/${name}`))).toEqual([[name, 0]]);
  });

  const derived = PHOTOS.flatMap((photo) => {
    const subject = /[a-z]+/.exec(photo)![0];
    return EDITS.map((edit) => [`${subject}-${edit}.jpg`, photo] as const);
  }).filter(([name]) => readdirSync(new URL('../fixtures/corpus/derived', import.meta.url)).includes(name));

  it.each(derived)('%s finds %s at a rank above 0, and no other', async (name, photo) => {
    const [first, ...others] = await search(engine, corpusPicture(`derived/${name}`));
    expect(first?.[0]).toBe(photo);
    expect(first?.[1]).toBeGreaterThan(0);
    expect(others).toEqual([]);
  });
});

describe('searching for parts', () => {
  let engine: TestEngine;
  const [PICOS, OTHERS] = ['11-picos.jpg', ['03-fig.jpg', '12-dandelion.jpg', '37-rocket.jpg']];

  /** The lower right of a photograph: 0.55 of its width, 0.6 of its height. */
  const partOf = async (name: string) => {
    const picture = sharp(corpusPicture(`photos/${name}`));
    const { width, height } = await picture.metadata();
    const left = Math.round(width * 0.45);
    const top = Math.round(height * 0.4);
    return picture
      .extract({ left, top, width: width - left, height: height - top })
      .jpeg()
      .toBuffer();
  };

  beforeAll(async () => {
    engine = await openTestEngine();
    for (const name of [PICOS, ...OTHERS]) await add(engine, name, corpusPicture(`photos/${name}`));
  });
  afterAll(() => engine.close());

  it('finds the picture that an upload is a part of, and says which part', async () => {
    await using staged = await engine.stage(await partOf(PICOS));
    const collectionId = defaultId(engine);
    const [match, ...others] = await engine.visualsnoop.searchByImage(collectionId, staged, { limit: 10 });
    expect(others).toEqual([]);
    expect(match).toMatchObject({ imageId: PICOS, found: 'PART', part: { mirrored: false } });
    expect(match!.rank).toBeGreaterThan(67);
    const { query, match: box, angle } = match!.part!;
    const shares = [query.x, query.y, query.width, query.height, box.x, box.y, box.width, box.height];
    const errors = [0, 0, 1, 1, 0.45, 0.4, 0.55, 0.6].map((share, i) => Math.abs(share - shares[i]!));
    expect(Math.max(...errors)).toBeLessThan(0.1);
    expect(Math.abs(angle)).toBeLessThan(3);
    const withoutParts = { limit: 10, parts: false };
    expect(await engine.visualsnoop.searchByImage(collectionId, staged, withoutParts)).toEqual([]);
  });

  it('finds it from the moment it is added until it is deleted, in both directions', async () => {
    const key = (imageId: string) => ({ collectionId: defaultId(engine), imageId });
    const byId = async (imageId: string) =>
      (await engine.visualsnoop.searchById(key(imageId), { limit: 10 }))?.map((match) => [
        match.imageId,
        match.found,
      ]);
    expect(await byId(PICOS)).toEqual([]);
    await add(engine, 'part', await partOf(PICOS));
    expect(await byId(PICOS)).toEqual([['part', 'PART']]);
    expect(await byId('part')).toEqual([[PICOS, 'PART']]);
    await add(engine, 'part', await partOf(OTHERS[0]!));
    expect([await byId(PICOS), await byId('part')]).toEqual([[], [[OTHERS[0], 'PART']]]);
    await engine.visualsnoop.deleteImage(key('part'));
    expect([await byId(OTHERS[0]!), await byId('part')]).toEqual([[], undefined]);
  });
});

describe('searching', () => {
  let engine: TestEngine;
  let pictures: Buffer[];

  beforeAll(async () => {
    pictures = await Promise.all([0, 3, 6, 9].map((nth) => lookAlike(nth)));
  });
  beforeEach(async () => {
    engine = await openTestEngine();
  });
  afterEach(() => engine.close());

  const byId = async (imageId: string, limit = 100) => {
    const key = { collectionId: defaultId(engine), imageId };
    return (await engine.visualsnoop.searchById(key, { limit }))?.map((match) => match.imageId);
  };

  it('finds what was added the moment before, and nothing of what was deleted or replaced', async () => {
    await add(engine, 'a', pictures[0]!);
    for (let round = 0; round < 5; round++) {
      await add(engine, 'b', pictures[1]!);
      expect(await byId('a')).toEqual(['b']);
      await add(engine, 'b', corpusPicture('photos/36-coffee.png'));
      expect(await byId('a')).toEqual([]);
      expect((await search(engine, corpusPicture('derived/coffee-q30.jpg')))[0]?.[0]).toBe('b');
      await engine.visualsnoop.deleteImage({ collectionId: defaultId(engine), imageId: 'b' });
      expect(await byId('a')).toEqual([]);
      expect(await search(engine, corpusPicture('derived/coffee-q30.jpg'))).toEqual([]);
    }
  });

  it('gives the place of what was deleted or replaced to the next best', async () => {
    const photo = corpusPicture('photos/36-coffee.png');
    const best = async () => (await search(engine, photo, 1)).map(([imageId]) => imageId);
    for (const imageId of ['near', 'nearer'])
      await add(engine, imageId, corpusPicture('derived/coffee-q30.jpg'));
    await add(engine, 'far', corpusPicture('derived/coffee-crop10.jpg'));
    expect(await best()).toEqual(['near']);
    await engine.visualsnoop.deleteImage({ collectionId: defaultId(engine), imageId: 'near' });
    expect(await best()).toEqual(['nearer']);
    await add(engine, 'nearer', pictures[0]!);
    expect(await best()).toEqual(['far']);
  });

  it('has the same bytes first, each by its id, and then the others', async () => {
    for (const imageId of ['d', 'b', 'c', 'a']) await add(engine, imageId, pictures[0]!);
    await add(engine, 'A', pictures[1]!);
    expect(await search(engine, pictures[0]!)).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
      ['d', 0],
      ['A', expect.any(Number)],
    ]);
    expect((await search(engine, pictures[0]!)).at(-1)![1]).toBeGreaterThan(0);
    expect(await byId('b')).toEqual(['a', 'c', 'd', 'A']);
    expect(await byId('b', 2)).toEqual(['a', 'c']);
  });

  it('has at most 100, of equals the oldest, and of copies those with the smallest ids', async () => {
    const ids = Array.from({ length: 104 }, (_, index) => `image ${String(index).padStart(3, '0')}`);
    const added = ids.toReversed();
    for (const imageId of added) await add(engine, imageId, pictures[0]!);
    const alike = await search(engine, pictures[1]!, 1000);
    expect(alike.map(([imageId]) => imageId)).toEqual(added.slice(0, 100));
    expect(alike[0]![1]).toBeGreaterThan(0);
    expect(await byId(ids[1]!, 3)).toEqual([ids[0], ids[2], ids[3]]);
  });

  it('by many at a time answers each with its own', async () => {
    const photos = PHOTOS.map((name) => corpusPicture(`photos/${name}`));
    for (const [index, bytes] of photos.entries()) await add(engine, PHOTOS[index]!, bytes);
    const found = await Promise.all(photos.map((bytes) => search(engine, bytes)));
    expect(found).toEqual(PHOTOS.map((name) => [[name, 0]]));
  });

  it('of a plain picture finds the same colour, and not another', async () => {
    await add(engine, 'red', corpusPicture('odd/uniform-red.png'));
    await add(engine, 'photo', corpusPicture('photos/36-coffee.png'));
    await add(engine, 'clear', corpusPicture('odd/fully-transparent.png'));
    expect(await search(engine, corpusPicture('odd/uniform-red.png'))).toEqual([['red', 0]]);
  });

  it('stops when it is aborted', async () => {
    await add(engine, 'a', pictures[0]!);
    const key = { collectionId: defaultId(engine), imageId: 'a' };
    const reason = new Error('the client is gone');
    await expect(
      engine.visualsnoop.searchById(key, { limit: 10 }, LightSignal.following([AbortSignal.abort(reason)])),
    ).rejects.toBe(reason);
    const controller = new LightSignal();
    const searching = engine.visualsnoop.searchById(key, { limit: 10 }, controller);
    controller.abort(reason);
    await expect(searching).rejects.toBe(reason);
  });
});
