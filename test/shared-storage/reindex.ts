import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenStorage } from '#src/embedded/open-storage.js';
import { DESCRIPTOR_VERSION } from '#src/embedded/picture/descriptor.js';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import { reindex } from '#src/embedded/reindex.js';
import { lookAlike } from '../fakes/pictures.js';
import { openTestEngine, pictures, type TestEngine } from '../harness/engine.js';
import { runHere } from '../harness/run-here.js';
import type { SharedServers } from '../harness/shared-servers.js';
import type { SharedStorage } from '../harness/shared-storage.js';

const COUNT = 8;

export function describeReindex(servers: () => SharedServers): void {
  describe('lookalike reindex', () => {
    let shared: SharedStorage;
    let first: OpenStorage;
    let second: OpenStorage;
    let engine: TestEngine;
    let collectionId: string;
    beforeAll(async () => {
      shared = await servers().create();
      engine = await openTestEngine({ storage: shared, reindexes: false });
      collectionId = engine.defaultCollection!.collection.collectionId;
      for (let nth = 0; nth < COUNT; nth++) {
        await using staged = await engine.stage(await lookAlike(nth));
        await engine.visualsnoop.addImage(collectionId, staged, { imageId: `image ${nth}` });
      }
      [first, second] = [await shared.open(), await shared.open()];
    });
    afterAll(async () => {
      for (const each of [engine, first, second]) await each.close();
    });
    beforeEach(() =>
      shared.sql(`update images set descriptor = 'x', descriptor_version = ${DESCRIPTOR_VERSION + 1}`),
    );

    const outdated = () => first.store.images.countOutdated(VERSIONS);
    const list = ({ store }: OpenStorage, limit: number, claimant: string) =>
      store.images.listOutdated(VERSIONS, undefined, limit, claimant);

    it('describes all anew beside a gateway, whose next search finds them', async () => {
      const key = { collectionId, imageId: 'image 0' };
      const { code, stdout } = await runHere(['reindex', '--json'], shared.env);
      expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, done: COUNT, total: COUNT, failed: 0 });
      expect(await engine.visualsnoop.searchById(key, { limit: 100 })).toHaveLength(COUNT - 1);
      expect(await outdated()).toBe(0);
      expect(await shared.sql('select * from leases')).toEqual([]);
    });

    it('shares the work: each image is described by one of several', async () => {
      let calls = 0;
      const describer = {
        describe(path: string) {
          calls++;
          return pictures.describe(path);
        },
      };
      const errors: unknown[] = [];
      const run = ({ store, blobs }: OpenStorage) =>
        reindex({ store, blobs, pictures: describer, onError: (error) => errors.push(error) });
      // What the first has claimed, a claimant that waits leaves to it.
      const claimed = await list(first, 3, 'a');
      expect(claimed).toHaveLength(3);
      const rest = await list(second, 100, 'b');
      expect(rest).toHaveLength(COUNT - 3);
      const seqs = [...claimed, ...rest].map(({ seq }) => seq);
      expect(new Set(seqs).size).toBe(COUNT);
      await first.store.images.releaseOutdated('a');
      await second.store.images.releaseOutdated('b');
      await Promise.all([run(first), run(second)]);
      expect(errors).toEqual([]);
      expect(await outdated()).toBe(0);
      expect(calls).toBe(COUNT);
    });

    it('gives out no image twice to claimants that ask at once', async () => {
      const claimants = ['a', 'b', 'c', 'd', 'e', 'f'];
      const given = await Promise.all(
        claimants.map((claimant, index) => list(index % 2 === 0 ? first : second, 3, claimant)),
      );
      const seqs = given.flat().map(({ seq }) => seq);
      expect(seqs.length).toBeGreaterThan(0);
      expect(new Set(seqs).size).toBe(seqs.length);
      for (const claimant of claimants) await first.store.images.releaseOutdated(claimant);
    });

    it('takes over what a process that is gone had claimed', async () => {
      expect(await list(first, 100, 'killed')).toHaveLength(COUNT);
      expect(await list(second, 100, 'me')).toEqual([]);
      await shared.sql(`update leases set expires_at = now() - interval '1 second'`);
      expect(await list(second, 100, 'me')).toHaveLength(COUNT);
      await second.store.images.releaseOutdated('me');
      expect(await shared.sql('select * from leases')).toEqual([]);
    });

    it('loses no deletion: what is deleted while it is described is gone', async () => {
      const describer = {
        async describe(path: string) {
          await engine.visualsnoop.deleteImage({ collectionId, imageId: 'image 0' });
          return pictures.describe(path);
        },
      };
      const { store, blobs } = first;
      await reindex({ store, blobs, pictures: describer, onError() {} });
      const rows = await shared.sql('select image_id from images order by image_id');
      expect(rows.map(({ image_id }) => image_id)).toEqual(
        Array.from({ length: COUNT - 1 }, (_, nth) => `image ${nth + 1}`),
      );
      expect(await outdated()).toBe(0);
    });
  });
}
