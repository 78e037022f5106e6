import { beforeEach, describe, expect, it } from 'vitest';
import { restrictTo } from '#src/access/restricted-visualsnoop.js';
import { UnknownCollectionError, type VisualSnoop } from '#src/services/visualsnoop.js';
import { MemoryVisualSnoop } from '../fakes/memory-visualsnoop.js';
import { picture } from '../fakes/pictures.js';
import { stageBuffer } from '../fakes/signature-facts.js';

const [MINE, HIDDEN, GONE] = ['0a0a0a0a', '6b7c9142', 'ffffffff'];
const key = (collectionId: string) => ({ collectionId, imageId: 'a' });

let all: MemoryVisualSnoop;
let restricted: VisualSnoop;
let contentHash: string;
beforeEach(async () => {
  all = new MemoryVisualSnoop();
  for (const collectionId of [MINE, HIDDEN]) {
    const collection = { collectionId, name: null, user: null };
    all.addCollection({ collection, publicKey: `p${collectionId}`, secretKey: 's' });
    await using image = await stageBuffer(await picture(0));
    await all.addImage(collectionId, image, { imageId: 'a' });
  }
  restricted = restrictTo([MINE, GONE], all);
  contentHash = (await all.getContentHashes([key(MINE)]))[0]!;
});

describe('a VisualSnoop restricted to a collection', () => {
  it('lists and finds no other', async () => {
    const [mine] = await all.getCollections([MINE]);
    expect(await restricted.listCollections({ limit: 10 })).toEqual([mine]);
    expect(await restricted.listCollections({ after: MINE, limit: 10 })).toEqual([]);
    expect(await restricted.getCollections([HIDDEN, MINE, GONE, HIDDEN, MINE])).toEqual([
      null,
      mine,
      null,
      null,
      mine,
    ]);
  });

  it('reads nothing of another', async () => {
    const keys = [key(HIDDEN), key(MINE)];
    expect(await restricted.getImages(keys)).toEqual([null, ...(await all.getImages([key(MINE)]))]);
    expect(await restricted.getContentHashes(keys)).toEqual([null, contentHash]);
    expect([
      await restricted.getBytes(key(HIDDEN)),
      await restricted.searchById(key(HIDDEN), { limit: 10 }),
    ]).toEqual([null, null]);
    expect(await restricted.getBytes(key(MINE))).not.toBeNull();
    const mine = await all.listImages(MINE, { limit: 10 });
    expect(await restricted.listNewestImages([HIDDEN, MINE, GONE, MINE], 10)).toEqual([[], mine, [], mine]);
    for (const ids of [null, [HIDDEN, MINE], [MINE]])
      expect(await restricted.findByContentHash([contentHash], ids, 10)).toEqual([
        [expect.objectContaining(key(MINE))],
      ]);
    expect(await restricted.findByContentHash([contentHash], [HIDDEN], 10)).toEqual([[]]);
  });

  it('changes no other', async () => {
    const calls = [
      restricted.renameCollection(HIDDEN, { name: 'x' }),
      restricted.deleteCollection(HIDDEN, HIDDEN),
      restricted.rotateCollectionKeys(HIDDEN),
    ];
    for (const call of calls) await expect(call).rejects.toThrow(UnknownCollectionError);
    expect((await all.getCollections([HIDDEN]))[0]?.name).toBeNull();
    expect(await all.find(`p${HIDDEN}`)).not.toBeNull();
    expect(restricted.addKnownImage).toBeUndefined();
    const addKnownImage: VisualSnoop['addKnownImage'] = async () => null;
    const knowing = restrictTo([MINE], Object.assign(Object.create(all), { addKnownImage }));
    expect(await knowing.addKnownImage?.(MINE, contentHash)).toBeNull();
    await expect(knowing.addKnownImage?.(HIDDEN, contentHash)).rejects.toThrow(UnknownCollectionError);
  });

  it('searches by images of no other', async () => {
    expect(restricted.searchByIds).toBeUndefined();
    const searchByIds: VisualSnoop['searchByIds'] = async (keys) => keys.map(() => []);
    const some = restrictTo([MINE], Object.assign(all, { searchByIds }));
    expect(await some.searchByIds!([key(HIDDEN), key(MINE)], { limit: 10 })).toEqual([null, []]);
  });

  it('answers for another as for one that is not there', async () => {
    await using image = await stageBuffer(await picture(1));
    for (const collectionId of [HIDDEN, GONE]) {
      for (const call of [
        () => restricted.listImages(collectionId, { limit: 1 }),
        () => restricted.searchByImage(collectionId, image, { limit: 1 }),
        () => restricted.addImage(collectionId, image),
      ])
        await expect(call()).rejects.toEqual(new UnknownCollectionError(collectionId));
      expect(await restricted.deleteImage(key(collectionId))).toBeNull();
    }
    expect(await all.listImages(HIDDEN, { limit: 10 })).toHaveLength(1);
  });

  it('makes no other', async () => {
    await expect(restricted.createCollection({ name: 'new' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(await all.listCollections({ limit: 10 })).toHaveLength(2);
  });
});
