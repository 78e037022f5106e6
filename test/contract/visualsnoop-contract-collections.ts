import { beforeEach, describe, expect, it } from 'vitest';
import { UnknownCollectionError, type VisualSnoop } from '#src/services/visualsnoop.js';
import { lookAlike } from '../fakes/pictures.js';
import type { VisualSnoopSubject } from './visualsnoop-contract.js';

const UNKNOWN = 'ffffffff0';

/** The changes of whole collections, which the documented protocol has no calls for. */
export function describeCollectionChanges(current: () => VisualSnoopSubject, changes: boolean): void {
  let visualsnoop: VisualSnoop;
  let subject: VisualSnoopSubject;
  let a: string;
  let b: string;
  beforeEach(() => {
    subject = current();
    ({ visualsnoop } = subject);
    [a, b] = subject.collectionIds as [string, string];
  });
  const nameOf = async (id: string) => (await visualsnoop.getCollections([id]))[0]?.name ?? id;

  describe.runIf(changes)('changing collections', () => {
    it('renames one, and leaves whose it is unless that is given', async () => {
      const user = (await visualsnoop.getCollections([a]))[0]!.user;
      const renamed = await visualsnoop.renameCollection(a, { name: 'Neu' });
      expect(renamed).toEqual({ collectionId: a, name: 'Neu', user });
      expect(await visualsnoop.renameCollection(a, { name: 'Neu', user: 'u' })).toMatchObject({ user: 'u' });
      const last = { collectionId: a, name: 'N', user: null };
      expect(await visualsnoop.renameCollection(a, { name: 'N', user: null })).toEqual(last);
      expect(await visualsnoop.getCollections([a])).toEqual([last]);
      expect((await visualsnoop.getCollections([b]))[0]?.name).not.toBe('N');
    });

    it('deletes one with all its images when its name is given', async () => {
      await using image = await subject.stage(await lookAlike(1));
      const key = { collectionId: a, imageId: 'one' };
      for (const collectionId of [a, b]) await visualsnoop.addImage(collectionId, image, { imageId: 'one' });
      expect(await visualsnoop.deleteCollection(a, `${await nameOf(a)} `)).toBe(false);
      expect(await visualsnoop.getImages([key])).not.toEqual([null]);
      expect(await visualsnoop.deleteCollection(a, await nameOf(a))).toBe(true);
      expect(await visualsnoop.getCollections([a])).toEqual([null]);
      const listed = await visualsnoop.listCollections({ limit: 10 });
      expect(listed.map(({ collectionId }) => collectionId)).toEqual([b]);
      expect(await visualsnoop.getImages([key])).toEqual([null]);
      expect(await visualsnoop.getContentHashes([key])).toEqual([null]);
      expect(await visualsnoop.getBytes(key)).toBeNull();
      expect(await visualsnoop.searchById(key, { limit: 10 })).toBeNull();
      expect(await visualsnoop.deleteImage(key)).toBeNull();
      expect(await visualsnoop.listNewestImages([a], 10)).toEqual([[]]);
      const [copies] = await visualsnoop.findByContentHash([image.contentHash], null, 10);
      expect(copies!.map(({ collectionId }) => collectionId)).toEqual([b]);
      for (const call of [
        () => visualsnoop.listImages(a, { limit: 10 }),
        () => visualsnoop.searchByImage(a, image, { limit: 10 }),
        () => visualsnoop.addImage(a, image, { imageId: 'two' }),
      ])
        await expect(call()).rejects.toThrow(UnknownCollectionError);
      expect(await visualsnoop.searchByImage(b, image, { limit: 10 })).toHaveLength(1);
    });

    it('gives one new keys', async () => {
      const first = await visualsnoop.rotateCollectionKeys(a);
      const second = await visualsnoop.rotateCollectionKeys(a);
      expect(first.collection).toEqual((await visualsnoop.getCollections([a]))[0]);
      expect([second.publicKey, second.secretKey]).not.toEqual([first.publicKey, first.secretKey]);
    });

    it('knows of none that is not there', async () => {
      for (const call of [
        () => visualsnoop.renameCollection(UNKNOWN, { name: 'x' }),
        () => visualsnoop.deleteCollection(UNKNOWN, 'x'),
        () => visualsnoop.rotateCollectionKeys(UNKNOWN),
      ])
        await expect(call()).rejects.toThrow(UnknownCollectionError);
    });
  });

  it.runIf(!changes)('does not change collections', async () => {
    for (const call of [
      () => visualsnoop.renameCollection(a, { name: 'x' }),
      () => visualsnoop.deleteCollection(a, 'x'),
      () => visualsnoop.rotateCollectionKeys(a),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'UNSUPPORTED', retryable: false });
  });
}
