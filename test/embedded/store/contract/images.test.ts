import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import type { Store, StoredImage } from '#src/embedded/store/store.js';
import { compareText } from '#src/services/compare-text.js';
import { ImageExistsError, type ImagePosition } from '#src/services/visualsnoop.js';
import { addCollection, describeStores, hashOf, newImage, put, writeBytes } from './stores.js';

const NASTY_IDS = [
  'a',
  'A',
  'é',
  'É',
  '%',
  '_',
  '\\',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '😀',
  '\u{10ffff}',
  ' ',
  'aa',
];
const VERSION = VERSIONS.descriptorVersion;
const DESCRIPTION = {
  ...VERSIONS,
  descriptor: Buffer.from([VERSION, 7]),
  keypoints: Buffer.from([VERSIONS.keypointsVersion, 7]),
};

async function wrongCounts(store: Store): Promise<unknown[]> {
  const wrong: unknown[] = [];
  for await (const rows of store.audit.wrongCounts()) wrong.push(...rows);
  return wrong;
}

describeStores('Images', (open) => {
  let store: Store;

  describe('are put', () => {
    beforeEach(async () => {
      ({ store } = await open());
      await addCollection(store, 'c');
      await addCollection(store, 'd');
    });

    it('once under an id, unless they may be replaced', async () => {
      const added = await put(store, newImage('c', 'one', 1));
      expect(added).toMatchObject({
        status: 'ADDED',
        image: { collectionId: 'c', imageId: 'one', contentHash: hashOf(1) },
      });
      await expect(put(store, newImage('c', 'one', 2))).rejects.toThrow(ImageExistsError);
      await expect(put(store, newImage('c', 'one', 1))).rejects.toThrow(ImageExistsError);
      expect(await put(store, newImage('c', 'one', 1), true)).toEqual({
        image: added.image,
        status: 'UNCHANGED',
      });
      const updated = await put(store, newImage('c', 'one', 2), true);
      expect(updated).toMatchObject({ status: 'UPDATED', image: { contentHash: hashOf(2) } });
      expect(updated.image.imageTime > added.image.imageTime).toBe(true);
      expect(await store.images.find([{ collectionId: 'c', imageId: 'one' }])).toEqual([updated.image]);
      expect(await wrongCounts(store)).toEqual([]);
    });

    it('in each collection for itself', async () => {
      await put(store, newImage('c', 'one', 1));
      expect((await put(store, newImage('d', 'one', 1))).status).toBe('ADDED');
      expect(await store.images.delete({ collectionId: 'c', imageId: 'one' })).toMatchObject({
        collectionId: 'c',
      });
      expect(await store.images.find([{ collectionId: 'd', imageId: 'one' }])).toHaveLength(1);
      expect(await wrongCounts(store)).toEqual([]);
    });

    it('under whatever id, and found by it alone', async () => {
      const images: StoredImage[] = [];
      for (const [number, imageId] of NASTY_IDS.entries())
        images.push((await put(store, newImage('c', imageId, number))).image);
      const keys = NASTY_IDS.map((imageId) => ({ collectionId: 'c', imageId }));
      expect(await store.images.find(keys)).toEqual(images);
      const none = ['\0', 'a\0', '\ud800', '\ufffd', 'AA', ''].map((imageId) => ({
        collectionId: 'c',
        imageId,
      }));
      expect(await store.images.find([none[0]!, keys[0]!, ...none])).toEqual([
        null,
        images[0],
        ...none.map(() => null),
      ]);
      for (const key of none) expect(await store.images.delete(key)).toBeNull();
      for (const [index, key] of keys.entries())
        expect(await store.images.delete(key)).toEqual(images[index]);
    });

    it('at once under one id, of which one wins', async () => {
      for (let round = 0; round < 10; round++) {
        const puts = [1, 2, 3, 4].map((number) => put(store, newImage('c', `${round}`, number)));
        const results = await Promise.allSettled(puts);
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const result of results)
          if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ImageExistsError);
      }
      expect(await wrongCounts(store)).toEqual([]);
    });

    it('in the place of each other at once', async () => {
      await put(store, newImage('c', 'one', 1));
      await put(store, newImage('c', 'two', 2));
      for (let round = 0; round < 10; round++) {
        const numbers = round % 2 === 0 ? [2, 1] : [1, 2];
        await Promise.all([
          put(store, newImage('c', 'one', numbers[0]!), true),
          put(store, newImage('c', 'two', numbers[1]!), true),
          put(store, newImage('c', 'two', 3), true),
        ]);
      }
      expect(await wrongCounts(store)).toEqual([]);
    });
  });

  describe('of a collection', () => {
    let all: StoredImage[];

    beforeAll(async () => {
      ({ store } = await open());
      for (const id of ['c', 'd', 'e']) await addCollection(store, id);
      const added = await Promise.all(NASTY_IDS.map((id, number) => put(store, newImage('c', id, number))));
      const more = await Promise.all(
        Array.from({ length: 30 }, (_, i) => put(store, newImage('c', `more ${i}`, i % 20))),
      );
      await put(store, newImage('d', 'other', 1));
      all = [...added, ...more]
        .map(({ image }) => image)
        .sort((a, b) => compareText(b.imageTime, a.imageTime) || compareText(a.imageId, b.imageId));
    });

    it('are listed newest first, page by page', async () => {
      for (const limit of [1, 7, 1000]) {
        const paged: StoredImage[] = [];
        let after: ImagePosition | undefined;
        for (;;) {
          const page = await store.images.list('c', { limit, ...(after && { after }) });
          paged.push(...page);
          if (page.length < limit) break;
          after = page.at(-1)!;
        }
        expect(paged).toEqual(all);
      }
    });

    it('are listed from an image on', async () => {
      const from = all[10]!;
      expect(await store.images.list('c', { from, limit: 1000 })).toEqual(all.slice(10));
      expect(await store.images.list('c', { from, after: all[20]!, limit: 5 })).toEqual(all.slice(21, 26));
    });

    it('are listed as the newest ones of each', async () => {
      const found = await store.images.listNewest(['c', 'd', 'e', 'nowhere'], 3);
      expect(found.get('c')).toEqual(all.slice(0, 3));
      expect(found.get('d')).toMatchObject([{ imageId: 'other' }]);
      expect(found.get('e')).toEqual([]);
      expect(found.get('nowhere')).toEqual([]);
    });

    it('are found by their bytes', async () => {
      const ofOne = all.filter(({ contentHash }) => contentHash === hashOf(1));
      expect(ofOne.length).toBeGreaterThan(2);
      const [inD] = await store.images.find([{ collectionId: 'd', imageId: 'other' }]);
      const everywhere = await store.images.findByContentHash([hashOf(1), hashOf(99), 'none'], null, 1000);
      expect(everywhere.get(hashOf(1))).toEqual([inD, ...ofOne]);
      expect(everywhere.get(hashOf(99))).toEqual([]);
      const inC = await store.images.findByContentHash([hashOf(1)], ['c', 'nowhere'], 2);
      expect(inC.get(hashOf(1))).toEqual(ofOne.slice(0, 2));
      expect(await store.images.findByContentHash([hashOf(1)], [], 2)).toEqual(new Map());
    });

    it('are found by many keys, in their order', async () => {
      const keys = Array.from({ length: 20_000 }, (_, i) => ({ collectionId: 'c', imageId: `more ${i}` }));
      const found = await store.images.find(keys);
      expect(found).toHaveLength(20_000);
      expect(found.slice(0, 30).map((image) => image?.imageId)).toEqual(
        keys.slice(0, 30).map(({ imageId }) => imageId),
      );
      expect(found.slice(30).every((image) => image === null)).toBe(true);
      expect(await store.images.find([])).toEqual([]);
    });
  });

  describe('with descriptors of another version', () => {
    beforeEach(async () => {
      ({ store } = await open());
      await addCollection(store, 'c');
      for (const [number, descriptorVersion] of [VERSION, 0, 0, VERSION + 1, 0].entries())
        await put(store, { ...newImage('c', `${number}`, number), descriptorVersion });
    });

    it('are listed by version, and described anew', async () => {
      expect(await store.images.countOutdated(VERSIONS)).toBe(4);
      const first = await store.images.listOutdated(VERSIONS, undefined, 2, 'me');
      const rest = await store.images.listOutdated(VERSIONS, first.at(-1), 100, 'me');
      expect([...first, ...rest].map(({ contentHash }) => contentHash)).toEqual([1, 2, 4, 3].map(hashOf));
      for (const { seq } of [...first, ...rest]) await store.images.replaceDescription(seq, DESCRIPTION);
      expect(await store.images.countOutdated(VERSIONS)).toBe(0);
      expect(await store.images.list('c', { limit: 10 })).toHaveLength(5);
      expect(await wrongCounts(store)).toEqual([]);
    });

    it('are as outdated by their keypoints, or without any', async () => {
      const { descriptorVersion, keypointsVersion } = VERSIONS;
      await put(store, { ...newImage('c', 'old', 10), keypointsVersion: keypointsVersion - 1 });
      expect(await store.images.countOutdated(VERSIONS)).toBe(5);
      const outdated = await store.images.listOutdated(VERSIONS, undefined, 100, 'me');
      expect(outdated.map(({ contentHash }) => contentHash)).toContain(hashOf(10));
      for (const { seq } of outdated) await store.images.replaceDescription(seq, DESCRIPTION);
      expect(await store.images.countOutdated(VERSIONS)).toBe(0);
      const newer = { descriptorVersion, keypointsVersion: keypointsVersion + 1 };
      expect(await store.images.countOutdated(newer)).toBe(6);
      expect(await store.images.listOutdated(newer, undefined, 100, 'me')).toHaveLength(6);
    });

    it('take their keypoints with them, however they go', async () => {
      const keypoints = async () => (await store.transfer.read('keypoints', null, 100)).map(({ seq }) => seq);
      const images = async () => (await store.transfer.read('images', null, 100)).map(({ seq }) => seq);
      expect(await keypoints()).toEqual(await images());
      await store.images.delete({ collectionId: 'c', imageId: '0' });
      await put(store, newImage('c', '1', 50), true);
      for (const { seq } of await store.images.listOutdated(VERSIONS, undefined, 1, 'me'))
        await store.images.replaceDescription(seq, DESCRIPTION);
      expect(await keypoints()).toEqual(await images());
      expect(await keypoints()).toHaveLength(4);
    });

    it('may go before they are described', async () => {
      const [outdated] = await store.images.listOutdated(VERSIONS, undefined, 1, 'me');
      await store.images.delete({ collectionId: 'c', imageId: '1' });
      await store.images.replaceDescription(outdated!.seq, DESCRIPTION);
      expect(await store.images.find([{ collectionId: 'c', imageId: '1' }])).toEqual([null]);
    });

    it('go, whoever describes them at the same time', async () => {
      for (let round = 0; round < 20; round++) {
        const imageId = `round ${round}`;
        await put(store, { ...newImage('c', imageId, 100 + round), descriptorVersion: 0 });
        const outdated = await store.images.listOutdated(VERSIONS, undefined, 1000, 'me');
        const { seq } = outdated.find(({ contentHash }) => contentHash === hashOf(100 + round))!;
        const [deleted] = await Promise.all([
          store.images.delete({ collectionId: 'c', imageId }),
          store.images.replaceDescription(seq, DESCRIPTION),
        ]);
        expect(deleted).toMatchObject({ imageId });
        expect(await store.images.find([{ collectionId: 'c', imageId }])).toEqual([null]);
      }
      expect(await wrongCounts(store)).toEqual([]);
    });
  });

  it('take the bytes that others need as well', async () => {
    ({ store } = await open());
    await addCollection(store, 'c');
    await put(store, newImage('c', 'one', 1));
    const place = await store.blobs.findPlace(hashOf(1));
    expect((await store.images.put(newImage('c', 'two', 1), false)).status).toBe('ADDED');
    const again = await writeBytes(store, hashOf(1));
    expect(again.replaces).toBe(place);
    expect((await store.images.put(newImage('c', 'three', 1), false, again)).status).toBe('ADDED');
    expect(await store.blobs.findPlace(hashOf(1))).toBe(again.place);
    expect(await wrongCounts(store)).toEqual([]);
  });
});
