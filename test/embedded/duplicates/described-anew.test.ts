import { beforeEach, expect, it } from 'vitest';
import { EntryGroups } from '#src/embedded/duplicates/entry-groups.js';
import { encodeDescriptor } from '#src/embedded/picture/descriptor.js';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import type { Store } from '#src/embedded/store/store.js';
import type { NewDecision, OpenGroup } from '#src/services/duplicates.js';
import { hashHex } from '#src/services/hamming-distance.js';
import { photographHash, random } from '../hashes.js';
import { encoded } from '../keypoints/random-keypoints.js';
import {
  addCollection,
  type ContractStore,
  describeStores,
  hashOf,
  insert,
  newEntry,
  newImage,
  put,
} from '../store/contract/stores.js';
import { nearLook, randomLook } from './chained-pictures.js';

/* What was decided of entries that look alike stays decided whatever becomes of them, in every store. */

const { signal } = new AbortController();
const COLLECTION = 'c';
const COPIES = [1, 2, 3];

describeStores('Decisions about entries that are images as well', (open) => {
  const next = random(5);
  const original = { ...randomLook(next), keypoints: null };
  const looks = new Map(COPIES.map((number) => [number, nearLook(original, 3, next)]));
  const hashes = new Map(COPIES.map((number) => [number, hashHex(photographHash(next))]));
  let opened: ContractStore;
  let store: Store;
  let groups: EntryGroups;

  beforeEach(async () => {
    opened = await open();
    store = opened.store;
    groups = new EntryGroups(opened);
    await addCollection(store, COLLECTION);
    for (const number of COPIES) {
      await storeEntry(number);
      await putImage(number);
    }
  });

  const storeEntry = (number: number) =>
    insert(store, newEntry(number, { perceptualHash: hashes.get(number)! }));
  const putImage = (number: number) =>
    put(store, { ...newImage(COLLECTION, String(number), number), ...descriptionOf(number) });
  function descriptionOf(number: number) {
    const { descriptor } = looks.get(number)!;
    const keypoints = encoded({
      count: 0,
      width: 1,
      height: 1,
      low: new Uint32Array(),
      high: new Uint32Array(),
      weak: new Uint8Array(),
      places: new Uint32Array(),
    });
    return { ...VERSIONS, descriptor: encodeDescriptor(descriptor), keypoints };
  }
  /** As if an older gateway had described them. */
  async function outdate(...numbers: number[]): Promise<void> {
    const { added } = await opened.looks.changes(null, 100);
    const hashesBySeq = await opened.decisions.contentHashes(added.map(({ entrySeq }) => entrySeq!));
    for (const { seq, entrySeq } of added) {
      const number = numbers.find((each) => hashOf(each) === hashesBySeq.get(entrySeq!));
      if (number !== undefined)
        await store.images.replaceDescription(seq, { ...descriptionOf(number), descriptorVersion: 0 });
    }
    expect(await store.images.countOutdated(VERSIONS)).toBe(numbers.length);
  }
  /** What a start after an upgrade does. */
  async function describeAllAnew(): Promise<void> {
    for (const { seq, contentHash } of await store.images.listOutdated(VERSIONS, undefined, 100, 'me')) {
      const number = COPIES.find((each) => hashOf(each) === contentHash)!;
      await store.images.replaceDescription(seq, descriptionOf(number));
    }
    await store.images.releaseOutdated('me');
  }
  const list = async () =>
    (await groups.list({ likeness: 'LIKELY', limit: 10 }, signal)).map(({ contentHashes }) => contentHashes);
  const listAnew = async () =>
    (await new EntryGroups(opened).list({ likeness: 'LIKELY', limit: 10 }, signal)).map(
      ({ contentHashes }) => contentHashes,
    );
  async function decide(id: string, more: Partial<NewDecision> = {}): Promise<void> {
    const [group] = (await groups.list({ likeness: 'LIKELY', limit: 10 }, signal)) as [OpenGroup];
    await store.decisions.decide(id, {
      ...group,
      verdict: 'NOT_DUPLICATES',
      keptHashes: group.contentHashes,
      deleteOthers: false,
      moveUrls: true,
      ...more,
    });
  }
  const all = COPIES.map(hashOf).toSorted();

  it('hold when their pictures are described anew', async () => {
    expect(await list()).toEqual([all]);
    await decide('d');
    expect(await list()).toEqual([]);
    await outdate(...COPIES);
    await store.decisions.undo('d');
    // Their looks are not known now, and their dHashes are far apart.
    expect(await list()).toEqual([]);
    await describeAllAnew();
    await decide('again');
    await outdate(...COPIES);
    expect(await list()).toEqual([]);
    await describeAllAnew();
    expect(await list()).toEqual([]);
    expect(await listAnew()).toEqual([]);
    // They are pairs again, of which somebody has decided.
    await store.decisions.undo('again');
    expect(await list()).toEqual([all]);
    expect(await listAnew()).toEqual([all]);
  });

  it('hold when their entries and images are deleted, and stored again', async () => {
    await decide('d');
    for (const number of COPIES) {
      await store.images.delete({ collectionId: COLLECTION, imageId: String(number) });
      await store.entries.delete(hashOf(number));
    }
    expect(await list()).toEqual([]);
    for (const number of COPIES.toReversed()) {
      await putImage(number);
      await storeEntry(number);
    }
    expect(await list()).toEqual([]);
    expect(await listAnew()).toEqual([]);
    await store.decisions.undo('d');
    expect(await list()).toEqual([all]);
  });

  it('leave a question what was not described when they were made', async () => {
    await outdate(3);
    const first = [1, 2].map(hashOf).toSorted();
    expect(await list()).toEqual([first]);
    await decide('d');
    expect(await list()).toEqual([]);
    await describeAllAnew();
    const open = await list();
    expect(open).toHaveLength(1);
    expect(open[0]).toContain(hashOf(3));
    expect(await listAnew()).toEqual(open);
  });

  it('delete entries and leave images, which make no pairs any more', async () => {
    const [kept, ...others] = all as [string, ...string[]];
    await decide('d', { verdict: 'KEEP_SELECTED', keptHashes: [kept], deleteOthers: true });
    await store.decisions.undo('d');
    expect(await list()).toEqual([]);
    await storeEntry(COPIES.find((number) => hashOf(number) === others[0])!);
    expect(await list()).toEqual([[kept, others[0]].toSorted()]);
  });
});
