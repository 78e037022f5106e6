import { buffer } from 'node:stream/consumers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '#src/services/errors.js';
import type { StagedImage } from '#src/services/staged-image.js';
import {
  type AddImageOptions,
  type Image,
  ImageExistsError,
  type ImageQuery,
  NotAPictureError,
  UnknownCollectionError,
  type VisualSnoop,
} from '#src/services/visualsnoop.js';
import { lookAlike } from '../fakes/pictures.js';
import { describeCollectionChanges } from './visualsnoop-contract-collections.js';

export interface VisualSnoopSubject {
  visualsnoop: VisualSnoop;
  /** Two empty collections, in the order of their ids, and no others. */
  collectionIds: readonly [string, string];
  stage(bytes: Buffer): Promise<StagedImage>;
  dispose(): Promise<void>;
}

/** What a VisualSnoop knows beyond the documented protocol. */
export interface VisualSnoopCapabilities {
  /** Tells UNCHANGED from UPDATED. */
  unchanged: boolean;
  /** Knows the content hashes of its images. */
  contentHashes: boolean;
  /** Gives the bytes of its images. */
  bytes: boolean;
  /** Makes collections. */
  createCollection: boolean;
  /** Knows how many images a collection has. */
  counts: boolean;
  /** Renames and deletes them, and makes their keys. */
  changesCollections: boolean;
}

/** What the embedded one knows. */
export const EMBEDDED: VisualSnoopCapabilities = {
  unchanged: true,
  contentHashes: true,
  bytes: true,
  createCollection: true,
  counts: true,
  changesCollections: true,
};

/** What the documented protocol lets through. */
export const OVER_THE_WIRE: VisualSnoopCapabilities = {
  unchanged: false,
  contentHashes: false,
  bytes: false,
  createCollection: false,
  counts: false,
  changesCollections: false,
};

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const UNKNOWN = 'ffffffff0';

export const AWKWARD_IDS: readonly string[] = [
  ' ',
  'a b',
  ' a ',
  'a/b',
  '/',
  'a//b',
  'a/../b',
  '../a',
  '...',
  'a?b',
  'a#b',
  'a%b',
  '100%',
  'a%2Fb',
  '%2e%2e',
  'a+b',
  'a&b=c',
  'a;b',
  'a:b@c',
  `a'b"c`,
  'a\\b',
  'a<b>|^`{}',
  '~a-b_c.d!*()',
  'a\nb',
  'a\tb',
  'Živjo',
  '日本',
  '\u{1f600}',
  'é',
  'e\u0301',
  'A',
  'image',
  'None',
  '__proto__',
  'constructor',
  'x'.repeat(100),
  '\u{1f600}'.repeat(100),
];

/** What every VisualSnoop does, wherever it is. */
export function describeVisualSnoop(
  name: string,
  open: () => Promise<VisualSnoopSubject>,
  capabilities: VisualSnoopCapabilities,
): void {
  describe(name, () => {
    let pictures: Buffer[];
    let subject: VisualSnoopSubject;
    let visualsnoop: VisualSnoop;
    let collectionId: string;
    let otherId: string;

    beforeAll(async () => {
      pictures = await Promise.all(Array.from({ length: 6 }, (_, nth) => lookAlike(nth)));
    });

    beforeEach(async () => {
      subject = await open();
      visualsnoop = subject.visualsnoop;
      [collectionId, otherId] = subject.collectionIds;
    });

    afterEach(() => subject.dispose());

    async function withStaged<T>(bytes: Buffer, use: (image: StagedImage) => Promise<T>): Promise<T> {
      const staged = await subject.stage(bytes);
      try {
        return await use(staged);
      } finally {
        await staged[Symbol.asyncDispose]();
      }
    }

    const add = (nth: number, options?: AddImageOptions, collection = collectionId) =>
      withStaged(pictures[nth]!, (image) => visualsnoop.addImage(collection, image, options));
    const key = (imageId: string, collection = collectionId) => ({ collectionId: collection, imageId });
    const getImage = async (imageId: string) => (await visualsnoop.getImages([key(imageId)]))[0];
    const list = (page: ImageQuery) => visualsnoop.listImages(collectionId, page);
    const ids = (images: readonly { imageId: string }[]) => images.map(({ imageId }) => imageId);
    const search = (nth: number, limit = 100) =>
      withStaged(pictures[nth]!, (image) => visualsnoop.searchByImage(collectionId, image, { limit }));

    describe('collections', () => {
      it('are listed by id, a part at a time', async () => {
        const all = await visualsnoop.listCollections({ limit: 10 });
        expect(all.map((collection) => collection.collectionId)).toEqual([collectionId, otherId]);
        expect(await visualsnoop.listCollections({ limit: 1 })).toEqual(all.slice(0, 1));
        expect(await visualsnoop.listCollections({ after: collectionId, limit: 10 })).toEqual(all.slice(1));
        expect(await visualsnoop.listCollections({ after: otherId, limit: 10 })).toEqual([]);
      });

      it('are listed from the end, and between two of them', async () => {
        const all = await visualsnoop.listCollections({ limit: 10 });
        const backwards = { order: 'DESCENDING', limit: 10 } as const;
        expect(await visualsnoop.listCollections(backwards)).toEqual(all.toReversed());
        expect(await visualsnoop.listCollections({ ...backwards, limit: 1 })).toEqual(all.slice(1));
        expect(await visualsnoop.listCollections({ ...backwards, after: otherId })).toEqual(all.slice(0, 1));
        expect(await visualsnoop.listCollections({ before: otherId, limit: 10 })).toEqual(all.slice(0, 1));
        const between = { after: collectionId, before: otherId, limit: 10 };
        expect(await visualsnoop.listCollections(between)).toEqual([]);
        expect(await visualsnoop.countCollections()).toBe(2);
      });

      it('are found by id, in the order of the ids', async () => {
        const [first, second] = await visualsnoop.listCollections({ limit: 10 });
        const found = await visualsnoop.getCollections([otherId, UNKNOWN, collectionId, otherId]);
        expect(found).toEqual([second, null, first, second]);
        expect(await visualsnoop.getCollections([])).toEqual([]);
      });

      it('keep their images apart', async () => {
        await add(0, { imageId: 'a' });
        await add(1, { imageId: 'a' }, otherId);
        await visualsnoop.deleteImage(key('a'));
        const images = await visualsnoop.getImages([key('a'), key('a', otherId)]);
        expect(images).toEqual([null, { ...key('a', otherId), imageTime: expect.any(String) }]);
        expect(await search(1)).toEqual([]);
      });

      it('that are not there have no images, and cannot be listed, searched or added to', async () => {
        expect(await visualsnoop.getImages([key('a', UNKNOWN)])).toEqual([null]);
        expect(await visualsnoop.listNewestImages([UNKNOWN], 10)).toEqual([[]]);
        expect(await visualsnoop.searchById(key('a', UNKNOWN), { limit: 10 })).toBeNull();
        expect(await visualsnoop.deleteImage(key('a', UNKNOWN))).toBeNull();
        await withStaged(pictures[0]!, async (image) => {
          for (const call of [
            () => visualsnoop.listImages(UNKNOWN, { limit: 10 }),
            () => visualsnoop.countImages(UNKNOWN, {}),
            () => visualsnoop.searchByImage(UNKNOWN, image, { limit: 10 }),
            () => visualsnoop.addImage(UNKNOWN, image),
          ]) {
            await expect(call()).rejects.toBeInstanceOf(UnknownCollectionError);
          }
        });
      });
    });

    describe('adding', () => {
      it('gives an image under an id of 32 hex digits when none is asked for', async () => {
        const first = await add(0);
        const second = await add(0, { updateExisting: true });
        expect(first).toEqual({
          status: 'ADDED',
          image: {
            collectionId,
            imageId: expect.stringMatching(/^[0-9a-f]{32}$/),
            imageTime: expect.stringMatching(TIMESTAMP),
          },
        });
        expect(second.status).toBe('ADDED');
        expect(second.image.imageId).not.toBe(first.image.imageId);
      });

      it('gives an image under the id that is asked for', async () => {
        const { image, status } = await add(0, { imageId: 'a' });
        expect(status).toBe('ADDED');
        expect(await getImage('a')).toEqual(image);
      });

      it('leaves an id that exists as it was', async () => {
        const { image } = await add(0, { imageId: 'a' });
        for (const nth of [0, 1]) {
          const error = await add(nth, { imageId: 'a' }).catch((error: unknown) => error);
          expect(error).toBeInstanceOf(ImageExistsError);
          expect((error as ImageExistsError).image).toEqual(key('a'));
        }
        expect(await getImage('a')).toEqual(image);
        expect(await search(0)).toMatchObject([{ ...key('a'), rank: 0 }]);
      });

      it('replaces an id that exists when that is asked for', async () => {
        const before = await add(0, { imageId: 'a' });
        const after = await add(1, { imageId: 'a', updateExisting: true });
        expect(after.status).toBe('UPDATED');
        expect(after.image.imageTime > before.image.imageTime).toBe(true);
        expect(await getImage('a')).toEqual(after.image);
        expect(await search(1)).toMatchObject([{ ...key('a'), rank: 0 }]);
        expect((await search(0))[0]?.rank).toBeGreaterThan(0);
      });

      it('adds an id that is not there also when it may replace', async () => {
        expect((await add(0, { imageId: 'a', updateExisting: true })).status).toBe('ADDED');
      });

      it('says so when the id has these bytes already', async () => {
        const before = await add(0, { imageId: 'a' });
        const after = await add(0, { imageId: 'a', updateExisting: true });
        expect(after.status).toBe(capabilities.unchanged ? 'UNCHANGED' : 'UPDATED');
        if (capabilities.unchanged) expect(after.image).toEqual(before.image);
      });

      it('takes nothing that is no picture', async () => {
        for (const bytes of [Buffer.alloc(0), Buffer.from('no picture')]) {
          await withStaged(bytes, async (image) => {
            for (const call of [
              () => visualsnoop.addImage(collectionId, image),
              () => visualsnoop.addImage(collectionId, image, { imageId: 'a' }),
              () => visualsnoop.addImage(collectionId, image, { imageId: 'a', updateExisting: true }),
              () => visualsnoop.searchByImage(collectionId, image, { limit: 10 }),
            ]) {
              await expect(call()).rejects.toBeInstanceOf(NotAPictureError);
            }
          });
        }
        expect(await list({ limit: 10 })).toEqual([]);
      });

      it('of one id by many at a time happens once', async () => {
        const added = await Promise.allSettled([0, 1, 2, 3, 4].map((nth) => add(nth, { imageId: 'a' })));
        const statuses = added.map((result) =>
          result.status === 'fulfilled' ? 'ADDED' : result.reason.name,
        );
        expect(statuses.filter((status) => status === 'ADDED')).toHaveLength(1);
        expect(await list({ limit: 10 })).toHaveLength(1);
      });
    });

    describe('ids', () => {
      it('may be any text of 1 to 100 characters', async () => {
        const added: Image[] = [];
        for (const imageId of AWKWARD_IDS) added.push((await add(0, { imageId })).image);
        expect(ids(added)).toEqual(AWKWARD_IDS);
        expect(await visualsnoop.getImages(AWKWARD_IDS.map((id) => key(id)))).toEqual(added);
        expect(await list({ limit: 1000 })).toEqual(added.toReversed());
        for (const [i, imageId] of AWKWARD_IDS.entries()) {
          expect(ids(await list({ from: imageId, limit: 1 }))).toEqual([imageId]);
          const matches = (await visualsnoop.searchById(key(imageId), { limit: 100 })) ?? [];
          expect(ids(matches).toSorted()).toEqual(AWKWARD_IDS.slice(i + 1).toSorted());
          expect(await visualsnoop.deleteImage(key(imageId))).toEqual(added[i]);
        }
        expect(await list({ limit: 1000 })).toEqual([]);
      });

      it.each(['', '.', '..', 'x'.repeat(101), '\u{1f600}'.repeat(101)])('cannot be %j', async (imageId) => {
        const error = await add(0, { imageId }).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(ServiceError);
        expect(error).toMatchObject({ code: 'REFUSED', retryable: false });
        expect(await getImage(imageId)).toBeNull();
        expect(await visualsnoop.searchById(key(imageId), { limit: 10 })).toBeNull();
        expect(await visualsnoop.deleteImage(key(imageId))).toBeNull();
        expect(await list({ from: imageId, limit: 10 })).toEqual([]);
        expect(await list({ limit: 10 })).toEqual([]);
      });
    });

    describe('reading by key', () => {
      it('answers in the order of the keys, with null for what is not there', async () => {
        const { image: a } = await add(0, { imageId: 'a' });
        const { image: b } = await add(1, { imageId: 'b' });
        expect(await visualsnoop.getImages([key('b'), key('c'), key('a'), key('b')])).toEqual([
          b,
          null,
          a,
          b,
        ]);
        expect(await visualsnoop.getImages([])).toEqual([]);
      });

      it('takes as many keys as there are', async () => {
        const { image } = await add(0, { imageId: 'a' });
        const many = Array.from({ length: 200 }, (_, i) => key(i % 2 ? 'a' : `missing ${i}`));
        const images = await visualsnoop.getImages(many);
        expect(images).toEqual(many.map(({ imageId }) => (imageId === 'a' ? image : null)));
      });
    });

    describe('deleting', () => {
      it('gives what was deleted, once', async () => {
        const { image } = await add(0, { imageId: 'a' });
        expect(await visualsnoop.deleteImage(key('a'))).toEqual(image);
        expect(await visualsnoop.deleteImage(key('a'))).toBeNull();
        expect(await getImage('a')).toBeNull();
        expect(await visualsnoop.searchById(key('a'), { limit: 10 })).toBeNull();
        expect(await search(0)).toEqual([]);
      });

      it('frees the id', async () => {
        await add(0, { imageId: 'a' });
        await visualsnoop.deleteImage(key('a'));
        expect((await add(1, { imageId: 'a' })).status).toBe('ADDED');
      });
    });

    describe('listing', () => {
      const names = Array.from({ length: 12 }, (_, i) => `image ${i}`);
      const newestFirst = names.toReversed();
      let images: Image[];

      beforeEach(async () => {
        images = [];
        for (const imageId of names) images.unshift((await add(0, { imageId })).image);
      });

      async function walk(limit: number, between: () => Promise<unknown>): Promise<string[]> {
        const walked: Image[] = [];
        for (;;) {
          const after = walked.at(-1);
          const page = await list({ ...(after && { after }), limit });
          walked.push(...page);
          if (page.length < limit) return ids(walked);
          await between();
        }
      }

      it('gives the newest first', async () => {
        expect(await list({ limit: 100 })).toEqual(images);
        expect(await list({ limit: 5 })).toEqual(images.slice(0, 5));
      });

      it('gives the newest of several collections, in the order of their ids', async () => {
        const { image: other } = await add(1, { imageId: 'other' }, otherId);
        const newest = await visualsnoop.listNewestImages([otherId, UNKNOWN, collectionId], 5);
        expect(newest).toEqual([[other], [], images.slice(0, 5)]);
        expect(await visualsnoop.listNewestImages([], 5)).toEqual([]);
      });

      it('goes on behind a position', async () => {
        expect(await list({ after: images[3]!, limit: 4 })).toEqual(images.slice(4, 8));
        expect(await list({ after: images.at(-1)!, limit: 4 })).toEqual([]);
      });

      it('goes on behind a position whose image is gone', async () => {
        await visualsnoop.deleteImage(images[3]!);
        expect(await list({ after: images[3]!, limit: 4 })).toEqual(images.slice(4, 8));
      });

      it('goes on behind a position whose image was updated meanwhile', async () => {
        await add(1, { imageId: images[3]!.imageId, updateExisting: true });
        expect(await list({ after: images[3]!, limit: 4 })).toEqual(images.slice(4, 8));
      });

      it('starts at an image', async () => {
        expect(await list({ from: images[3]!.imageId, limit: 4 })).toEqual(images.slice(3, 7));
        expect(await list({ from: images.at(-1)!.imageId, limit: 4 })).toEqual(images.slice(-1));
        expect(await list({ from: 'missing', limit: 4 })).toEqual([]);
      });

      it('gives the oldest first, behind a place and in front of one', async () => {
        const oldest = { order: 'OLDEST_FIRST', limit: 100 } as const;
        const reversed = images.toReversed();
        expect(await list(oldest)).toEqual(reversed);
        expect(await list({ ...oldest, limit: 3 })).toEqual(reversed.slice(0, 3));
        expect(await list({ ...oldest, after: reversed[2]!, limit: 3 })).toEqual(reversed.slice(3, 6));
        expect(await list({ ...oldest, after: reversed[2]!, before: reversed[4]! })).toEqual([reversed[3]]);
        expect(await list({ before: images[2]!, limit: 100 })).toEqual(images.slice(0, 2));
        expect(await list({ after: images[1]!, before: images[4]!, limit: 1 })).toEqual([images[2]]);
        await visualsnoop.deleteImage(images[2]!);
        await visualsnoop.deleteImage(images[4]!);
        expect(await list({ after: images[2]!, before: images[4]!, limit: 9 })).toEqual([images[3]]);
        expect(await list({ ...oldest, after: images[4]!, before: images[2]! })).toEqual([images[3]]);
      });

      it('filters by a part of the id and by time, in both orders', async () => {
        const { imageId, imageTime } = images[3]!;
        const byId = { imageIdContains: imageId.toUpperCase() };
        const matching = images.filter((image) =>
          image.imageId.toLowerCase().includes(imageId.toLowerCase()),
        );
        expect(await list({ filter: byId, limit: 9 })).toEqual(matching);
        expect(await list({ filter: byId, order: 'OLDEST_FIRST', limit: 9 })).toEqual(matching.toReversed());
        expect(await list({ filter: { imageIdContains: 'nowhere' }, limit: 9 })).toEqual([]);
        const since = images.filter((image) => image.imageTime >= imageTime);
        expect(await list({ filter: { imageTimeFrom: imageTime }, limit: 99 })).toEqual(since);
        const before = images.filter((image) => image.imageTime < imageTime);
        expect(await list({ filter: { imageTimeBefore: imageTime }, limit: 99 })).toEqual(before);
        expect(
          await list({ filter: { imageTimeBefore: imageTime }, order: 'OLDEST_FIRST', limit: 1 }),
        ).toEqual(before.slice(-1));
        const counted = await visualsnoop.countImages(collectionId, { imageTimeFrom: imageTime });
        expect(counted).toBe(capabilities.counts ? since.length : null);
        expect(await visualsnoop.countImages(otherId, {})).toBe(capabilities.counts ? 0 : null);
      });

      it.each([1, 3, 12])('in pages of %i is complete while images are added', async (limit) => {
        expect(await walk(limit, () => add(1))).toEqual(newestFirst);
      });

      it('in pages is complete while images are deleted', async () => {
        let walkedOver = 0;
        const walked = await walk(3, async () => {
          walkedOver += 3;
          await visualsnoop.deleteImage(images[walkedOver - 1]!);
        });
        expect(walked).toEqual(newestFirst);
      });
    });

    describe('searching', () => {
      it('by id leaves the image itself out and has the identical first', async () => {
        await add(0, { imageId: 'a' });
        await add(1, { imageId: 'b' });
        await add(0, { imageId: 'c' });
        const matches = await visualsnoop.searchById(key('a'), { limit: 10 });
        expect(matches?.[0]).toMatchObject({ ...key('c'), rank: 0 });
        expect(matches?.[1]).toMatchObject({ ...key('b'), rank: expect.any(Number) });
        expect(matches).toHaveLength(2);
      });

      it('by image has the identical first', async () => {
        for (const nth of [0, 1, 2]) await add(nth, { imageId: `${nth}` });
        const matches = await search(1);
        expect(matches[0]).toMatchObject({ ...key('1'), rank: 0 });
        expect(ids(matches).toSorted()).toEqual(['0', '1', '2']);
      });

      it('gives the best first, and no more than asked for', async () => {
        for (const nth of [0, 1, 2, 3, 4, 5]) await add(nth, { imageId: `${nth}` });
        const matches = await search(3);
        const ranks = matches.map(({ rank }) => rank);
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        expect(await search(3, 2)).toEqual(matches.slice(0, 2));
        const byId = await visualsnoop.searchById(key('3'), { limit: 100 });
        expect(await visualsnoop.searchById(key('3'), { limit: 2 })).toEqual(byId?.slice(0, 2));
      });

      it('finds nothing where there is nothing', async () => {
        expect(await search(0)).toEqual([]);
        await add(0, { imageId: 'a' });
        expect(await visualsnoop.searchById(key('a'), { limit: 10 })).toEqual([]);
        expect(await visualsnoop.searchById(key('missing'), { limit: 10 })).toBeNull();
      });
    });

    describe('content hashes', () => {
      const hashOf = (nth: number) => withStaged(pictures[nth]!, async ({ contentHash }) => contentHash);

      it('are known, or never told', async () => {
        await add(0, { imageId: 'a' });
        const known = capabilities.contentHashes ? await hashOf(0) : null;
        expect(await visualsnoop.getContentHashes([key('a'), key('missing')])).toEqual([known, null]);
      });

      it('find the images that have them as ids', async () => {
        const [first, second] = [await hashOf(0), await hashOf(1)];
        const { image: a } = await add(0, { imageId: first });
        const { image: b } = await add(0, { imageId: first }, otherId);
        const missing = 'f'.repeat(64);
        const find = (in_: string[] | null, limit = 10) =>
          visualsnoop.findByContentHash([second, first, missing], in_, limit);
        expect(await find(null)).toEqual([[], [b, a], []]);
        expect(await find([otherId, collectionId, otherId])).toEqual([[], [b, a], []]);
        expect(await find(null, 1)).toEqual([[], [b], []]);
        expect(await find([collectionId, UNKNOWN])).toEqual([[], [a], []]);
        expect(await find([])).toEqual([[], [], []]);
      });

      it.runIf(capabilities.contentHashes)('find the images under any id', async () => {
        const { image: a } = await add(0, { imageId: 'a' });
        const { image: b } = await add(0, { imageId: 'b' });
        await add(1, { imageId: 'c' });
        expect(await visualsnoop.findByContentHash([await hashOf(0)], null, 10)).toEqual([[b, a]]);
      });
    });

    describe('bytes', () => {
      it('are given, or never', async () => {
        await add(0, { imageId: 'a' });
        const stream = await visualsnoop.getBytes(key('a'));
        if (capabilities.bytes) expect(await buffer(stream!)).toEqual(pictures[0]);
        else expect(stream).toBeNull();
        expect(await visualsnoop.getBytes(key('missing'))).toBeNull();
      });
    });

    describe('making a collection', () => {
      it.runIf(capabilities.createCollection)('gives its keys', async () => {
        const created = await visualsnoop.createCollection({ name: 'New', user: 'a@example.org' });
        expect(created).toEqual({
          collection: { collectionId: expect.any(String), name: 'New', user: 'a@example.org' },
          publicKey: expect.any(String),
          secretKey: expect.any(String),
        });
        const { collection } = created;
        expect(await visualsnoop.getCollections([collection.collectionId])).toEqual([collection]);
        expect((await add(0, { imageId: 'a' }, collection.collectionId)).status).toBe('ADDED');
      });

      it.runIf(!capabilities.createCollection)('is not supported', async () => {
        await expect(visualsnoop.createCollection({ name: 'New' })).rejects.toMatchObject({
          name: 'ServiceError',
          code: 'UNSUPPORTED',
          retryable: false,
        });
      });
    });

    describeCollectionChanges(() => subject, capabilities.changesCollections);

    it('is healthy', async () => {
      await expect(visualsnoop.health()).resolves.toBeUndefined();
    });
  });
}
