import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import type { DescribedRow } from '#src/embedded/store/looks.js';
import type { Changes, DescriptionRow, HashRow, Position } from '#src/embedded/store/rows.js';
import { type HashChunks, hammingDistance, hashChunks, hashHex } from '#src/services/hamming-distance.js';
import { randomRuns } from '../../../harness/repetitions.js';
import { arbitraryHash } from '../../hashes.js';
import {
  addCollection,
  type ContractStore,
  describeStores,
  hashOf,
  insert,
  newEntry,
  newImage,
  put,
} from './stores.js';

/** A copy as whoever follows rows keeps it: by seq, additions of a round before its deletions. */
class Copy<Row> {
  readonly rows = new Map<number, Row>();
  #position: Position | null = null;

  async follow(
    changes: (after: Position | null) => Promise<Changes<Row>>,
    seqOf: (row: Row) => number,
  ): Promise<void> {
    const deleted = new Set<number>();
    for (let more = true; more; ) {
      const { added, deletedSeqs, position, more: goesOn, reset } = await changes(this.#position);
      if (reset) {
        this.rows.clear();
        deleted.clear();
      }
      for (const row of added) this.rows.set(seqOf(row), row);
      for (const seq of deletedSeqs) deleted.add(seq);
      this.#position = position;
      more = goesOn;
    }
    for (const seq of deleted) this.rows.delete(seq);
  }
}

/** By entry the image that it looks like, read again for those alone that changes tell of. */
class LookCopy {
  readonly looks = new Map<number, number>();
  readonly #opened: ContractStore;
  readonly #limit: number;
  readonly #entries = new Copy<HashRow>();
  readonly #images = new Copy<DescribedRow>();

  constructor(opened: ContractStore, limit: number) {
    this.#opened = opened;
    this.#limit = limit;
  }

  async follow(): Promise<void> {
    const { hashes, looks } = this.#opened;
    const told = new Set<number>();
    const before = new Set(this.#entries.rows.keys());
    const read = (after: Position | null) => hashes.changes(after, this.#limit);
    await this.#entries.follow(read, ([seq]) => seq);
    for (const seq of this.#entries.rows.keys()) if (!before.has(seq)) told.add(seq);
    await this.#images.follow(
      async (after) => {
        const changes = await looks.changes(after, this.#limit);
        for (const { entrySeq } of changes.added) if (entrySeq !== null) told.add(entrySeq);
        const touched = new Set([...changes.deletedSeqs, ...changes.added.map(({ seq }) => seq)]);
        for (const [entrySeq, imageSeq] of this.looks) if (touched.has(imageSeq)) told.add(entrySeq);
        return changes;
      },
      ({ seq }) => seq,
    );
    for (const seq of told) this.looks.delete(seq);
    for (const [entrySeq, imageSeq] of await this.#read(told)) this.looks.set(entrySeq, imageSeq);
    for (const seq of this.looks.keys()) if (!this.#entries.rows.has(seq)) this.looks.delete(seq);
  }

  /** Of all entries that there are. */
  all(): Promise<(readonly [number, number])[]> {
    return this.#read(this.#entries.rows.keys());
  }

  async #read(entrySeqs: Iterable<number>): Promise<(readonly [number, number])[]> {
    const found = await this.#opened.looks.ofEntries([...entrySeqs]);
    return found.map(({ entrySeq, imageSeq, descriptor, keypoints }) => {
      expect(descriptor[0]).toBe(VERSIONS.descriptorVersion);
      expect(keypoints?.[1]).toBe(descriptor[1]);
      return [entrySeq, imageSeq];
    });
  }
}

const hashText = (hash: HashChunks) => hashHex(hash);

describeStores('Rows that searches follow', (open) => {
  let opened: ContractStore;
  beforeEach(async () => {
    opened = await open();
  });

  const followHashes = (copy: Copy<HashRow>, limit: number) =>
    copy.follow(
      (after) => opened.hashes.changes(after, limit),
      ([seq]) => seq,
    );

  type Step = { kind: 'insert' | 'delete'; number: number } | { kind: 'follow'; copy: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('insert' as const), number: fc.integer({ min: 0, max: 9 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('delete' as const), number: fc.integer({ min: 0, max: 9 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('follow' as const), copy: fc.integer({ min: 0, max: 2 }) }),
    },
  );

  it('are the hashes that there are, after any writes and follows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, limit) => {
          const { store } = opened;
          for (let number = 0; number < 10; number++) await store.entries.delete(hashOf(number));
          const there = new Map<string, string>();
          const copies = [new Copy<HashRow>(), new Copy<HashRow>(), new Copy<HashRow>()];
          const check = async (copy: Copy<HashRow>) => {
            await followHashes(copy, limit);
            const entries = await store.entries.findBySeq([...copy.rows.keys()]);
            const seen = [...copy.rows].map(([seq, [, , ...hash]]) => [
              entries.get(seq)?.contentHash,
              hashText(hash),
            ]);
            expect(seen.toSorted()).toEqual([...there].toSorted());
          };
          for (const one of steps) {
            if (one.kind === 'follow') await check(copies[one.copy]!);
            else if (one.kind === 'delete') {
              await store.entries.delete(hashOf(one.number));
              there.delete(hashOf(one.number));
            } else {
              // Every third entry has no hash, and no follower hears of it.
              const perceptualHash = one.number % 3 === 0 ? null : hashOf(one.number).slice(0, 16);
              await insert(store, newEntry(one.number, { perceptualHash }));
              if (perceptualHash) there.set(hashOf(one.number), perceptualHash);
            }
          }
          for (const copy of copies) await check(copy);
        },
      ),
      { numRuns: randomRuns(30) },
    );
  });

  it('are complete while others write', async () => {
    const { store } = opened;
    const acknowledged = new Set<string>();
    let writing = true;
    const write = async (writer: number) => {
      for (let i = 0; i < 60; i++) {
        const number = writer * 1000 + i;
        const perceptualHash = hashOf(number).slice(0, 16);
        await insert(store, newEntry(number, { perceptualHash }));
        acknowledged.add(perceptualHash);
        if (i % 4 === 3) {
          const old = writer * 1000 + i - 2;
          acknowledged.delete(hashOf(old).slice(0, 16));
          await store.entries.delete(hashOf(old));
        }
      }
    };
    const writers = Promise.all([0, 1, 2, 3].map(write)).finally(() => {
      writing = false;
    });
    const copy = new Copy<HashRow>();
    let searches = 0;
    while (writing) {
      const before = [...acknowledged];
      await followHashes(copy, 7);
      const seen = new Set([...copy.rows.values()].map(([, , ...hash]) => hashText(hash)));
      // What was acknowledged before is there, unless it has been deleted since.
      expect(before.filter((hash) => !seen.has(hash) && acknowledged.has(hash))).toEqual([]);
      searches++;
      // A search comes with a request: commits are waited for between two.
      await setImmediate();
    }
    await writers;
    await followHashes(copy, 1000);
    const seen = [...copy.rows.values()].map(([, , ...hash]) => hashText(hash));
    expect(seen.toSorted()).toEqual([...acknowledged].toSorted());
    expect(searches).toBeGreaterThan(3);
  });

  it('are the descriptors of each collection, after any writes and follows', async () => {
    const { store, images } = opened;
    for (const id of ['c', 'd']) await addCollection(store, id);
    const there = new Map<string, number>();
    const copies = {
      c: new Copy<DescriptionRow>(),
      d: new Copy<DescriptionRow>(),
    };
    const check = (collectionId: 'c' | 'd', limit: number) =>
      images.atOnce(async (snapshot) => {
        await copies[collectionId].follow(
          (after) => snapshot.changes(collectionId, after, limit),
          ({ seq }) => seq,
        );
        const named = await snapshot.named([...copies[collectionId].rows.keys()]);
        const seen = named.map(({ seq, imageId }) => [
          `${collectionId} ${imageId}`,
          copies[collectionId].rows.get(seq)!.descriptor[1],
        ]);
        for (const { descriptor, keypoints } of copies[collectionId].rows.values())
          expect(keypoints?.[1]).toBe(descriptor[1]);
        const byThemselves = await snapshot.keypoints([...copies[collectionId].rows.keys()]);
        const followed = [...copies[collectionId].rows.values()];
        expect(byThemselves.map(({ seq, keypoints }) => [seq, [...keypoints]]).toSorted()).toEqual(
          followed.map(({ seq, keypoints }) => [seq, [...keypoints!]]).toSorted(),
        );
        const expected = [...there].filter(([key]) => key.startsWith(collectionId));
        expect(seen.toSorted()).toEqual(expected.toSorted());
        expect(named.length).toBe(copies[collectionId].rows.size);
      });
    const put1 = async (collectionId: string, id: string, number: number, descriptorVersion = 1) => {
      await put(store, { ...newImage(collectionId, id, number), descriptorVersion }, true);
      if (descriptorVersion === newImage('', '', 0).descriptorVersion)
        there.set(`${collectionId} ${id}`, number);
      else there.delete(`${collectionId} ${id}`);
    };
    for (let i = 0; i < 12; i++) {
      await put1(i % 3 === 0 ? 'd' : 'c', `${i % 7}`, i, i % 5 === 0 ? 0 : 1);
      if (i % 4 === 1) await check('c', 2);
      if (i % 4 === 2) await check('d', 100);
    }
    await store.images.delete({ collectionId: 'c', imageId: '1' });
    there.delete('c 1');
    await check('c', 1);
    for (const { seq } of await store.images.listOutdated(VERSIONS, undefined, 100, 'me'))
      await store.images.replaceDescription(seq, {
        ...VERSIONS,
        descriptor: Buffer.from([1, 77]),
        keypoints: Buffer.from([1, 77, 1]),
      });
    for (const collectionId of ['c', 'd'])
      for (const { imageId } of await store.images.list(collectionId, { limit: 100 }))
        if (!there.has(`${collectionId} ${imageId}`)) there.set(`${collectionId} ${imageId}`, 77);
    await check('c', 3);
    await check('d', 3);
  });

  it('are the looks of entries, after any writes and follows', async () => {
    const { store } = opened;
    for (const id of ['c', 'd']) await addCollection(store, id);
    let described = 0;
    const kinds = ['insert', 'delete', 'put', 'unput', 'outdate', 'describe', 'follow'] as const;
    const one = fc.record({
      kind: fc.constantFrom(...kinds),
      number: fc.integer({ min: 0, max: 4 }),
      collectionId: fc.constantFrom('c', 'd'),
    });
    const changes = fc.array(one, { minLength: 10, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
        const copy = new LookCopy(opened, limit);
        for (const { kind, number, collectionId } of steps) {
          const image = newImage(collectionId, String(number), number);
          if (kind === 'insert')
            await insert(store, newEntry(number, { perceptualHash: hashOf(number).slice(0, 16) }));
          if (kind === 'delete') await store.entries.delete(hashOf(number));
          if (kind === 'put') await put(store, image, true);
          if (kind === 'unput') await store.images.delete({ collectionId, imageId: String(number) });
          if (kind === 'outdate') await put(store, { ...image, descriptorVersion: 0 }, true);
          if (kind === 'describe')
            for (const { seq } of await store.images.listOutdated(VERSIONS, undefined, 100, 'me'))
              await store.images.replaceDescription(seq, { ...image, ...VERSIONS });
          if (kind === 'follow') await copy.follow();
        }
        await copy.follow();
        expect([...copy.looks].toSorted()).toEqual((await copy.all()).toSorted());
        described += copy.looks.size;
      }),
      { numRuns: 40 },
    );
    expect(described).toBeGreaterThan(40);
  });

  it('are one state for all reads at once', async () => {
    const { store, images } = opened;
    await addCollection(store, 'c');
    await put(store, newImage('c', 'one', 1));
    await images.atOnce(async (snapshot) => {
      const [before] = await snapshot.pictures('c', ['one', 'none', '\0']);
      expect(before).toMatchObject({ imageId: 'one', contentHash: hashOf(1) });
      expect([...before!.descriptor]).toEqual([...newImage('c', 'one', 1).descriptor]);
      await put(store, newImage('c', 'two', 1));
      expect(await snapshot.identical('c', [hashOf(1), 'none'])).toMatchObject([{ imageId: 'one' }]);
    });
    await images.atOnce(async (snapshot) => {
      expect(await snapshot.identical('c', [hashOf(1)])).toMatchObject([
        { imageId: 'one' },
        { imageId: 'two' },
      ]);
      expect(await snapshot.identical('d', [hashOf(1)])).toEqual([]);
    });
  });

  describe('by their hash', () => {
    it('are candidates wherever they are within the radius', async () => {
      const { store, hashIndex } = opened;
      const radius = fc.integer({ min: 0, max: 6 });
      const bits = fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 7 });
      const stored: HashChunks[] = [];
      const store1 = async (hash: HashChunks) => {
        await insert(store, newEntry(stored.length, { perceptualHash: hashHex(hash) }));
        stored.push(hash);
      };
      for (const hash of ['0000000000000000', 'ffffffffffffffff', '8000000080000000', '7fffffff7fffffff'])
        await store1(hashChunks(hash));
      await fc.assert(
        fc.asyncProperty(arbitraryHash, bits, radius, async (query, changed, within) => {
          const near = changed.reduce(
            (hash, bit) => hash ^ (1n << BigInt(bit)),
            BigInt(`0x${hashHex(query)}`),
          );
          await store1(hashChunks(near.toString(16).padStart(16, '0')));
          const probes = [query, stored[stored.length % 4]!].map((hash) => ({ hash, radius: within }));
          const found = new Set(
            (await hashIndex.candidates('', probes, 10_000)).map(([, ...hash]) => hashHex(hash)),
          );
          const wanted = stored.filter((hash) =>
            probes.some((probe) => hammingDistance(probe.hash, hash) <= within),
          );
          expect(wanted.map(hashHex).filter((hash) => !found.has(hash))).toEqual([]);
        }),
        { numRuns: randomRuns(60) },
      );
    });

    it('are never more candidates than asked for', async () => {
      const { store, hashIndex } = opened;
      for (let i = 0; i < 20; i++) await insert(store, newEntry(i, { perceptualHash: '00000000000000ff' }));
      const probe = { hash: hashChunks('00000000000000fe'), radius: 2 };
      expect(await hashIndex.candidates('', [probe], 7)).toHaveLength(7);
      expect((await hashIndex.candidates('', [probe], 1000)).length).toBeGreaterThanOrEqual(20);
    });
  });
});
