import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { DESCRIPTOR_VERSION } from '#src/embedded/picture/descriptor.js';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import { type PictureDescriber, reindex, startReindexing } from '#src/embedded/reindex.js';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { lookAlike } from '../fakes/pictures.js';
import { openTestEngine, pictures } from '../harness/engine.js';

const COUNT = 5;
const ids = Array.from({ length: COUNT }, (_, nth) => `image ${nth}`);

describe('making descriptors anew', () => {
  let dataDir: string;
  let collectionId: string;
  let database: OpenSqlite;
  let blobs: FileBlobs;

  /** Images that look alike, with descriptors of older and newer versions, in the folder of a suspended engine. */
  beforeEach(async () => {
    const engine = await openTestEngine();
    dataDir = engine.dataDir;
    collectionId = engine.defaultCollection!.collection.collectionId;
    for (const [nth, imageId] of ids.entries()) {
      await using staged = await engine.stage(await lookAlike(nth));
      await engine.visualsnoop.addImage(collectionId, staged, { imageId });
    }
    await engine.suspend();
    database = await openSqliteStore(join(dataDir, 'lookalike.db'));
    database.connection.exec(
      `update images set descriptor = x'00', descriptor_version = ${DESCRIPTOR_VERSION} + (seq % 2) * 2 - 1`,
    );
    blobs = new FileBlobs(join(dataDir, 'blobs'));
  });

  afterEach(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true });
  });

  const outdated = () => database.store.images.countOutdated(VERSIONS);
  const run = (options?: Parameters<typeof reindex>[1], describer: PictureDescriber = pictures) => {
    const onError = vi.fn();
    const done = reindex({ store: database.store, blobs, pictures: describer, onError }, options);
    return done.then(() => onError.mock.calls.map(([error]) => String(error)));
  };

  async function searchById(imageId: string) {
    const engine = await openTestEngine({ dataDir, reindexes: false });
    const [image] = await engine.visualsnoop.getImages([{ collectionId, imageId }]);
    const matches = await engine.visualsnoop.searchById(image!, { limit: 100 });
    await engine.suspend();
    return matches!.map((match) => match.imageId).toSorted();
  }

  it('makes all of them, and lets them be found again', async () => {
    expect(await searchById(ids[0]!)).toEqual([]);
    const progress: unknown[] = [];
    expect(await run({ onProgress: (each) => progress.push(each) })).toEqual([]);
    expect(progress).toEqual(ids.map((_, index) => ({ done: index + 1, total: COUNT })));
    expect(await outdated()).toBe(0);
    expect(await searchById(ids[0]!)).toEqual(ids.slice(1));
  });

  it('leaves the images as they were', async () => {
    const rows = () =>
      database.db
        .selectFrom('images')
        .select(['image_id', 'image_time', 'content_hash'])
        .orderBy('image_id')
        .execute();
    const refs = () => database.db.selectFrom('blobs').selectAll().orderBy('content_hash').execute();
    const before = [await rows(), await refs()];
    await run();
    expect([await rows(), await refs()]).toEqual(before);
  });

  it('goes on where it was aborted', async () => {
    const controller = new AbortController();
    await run({ signal: controller.signal, onProgress: ({ done }) => done === 2 && controller.abort() });
    expect(await outdated()).toBe(COUNT - 2);
    const progress: unknown[] = [];
    await run({ onProgress: (each) => progress.push(each) });
    expect(progress.at(-1)).toEqual({ done: COUNT - 2, total: COUNT - 2 });
    expect(await outdated()).toBe(0);
  });

  it('leaves a picture that fails, says why, and goes on', async () => {
    let calls = 0;
    const describer: PictureDescriber = {
      describe: async (path) => {
        calls++;
        if (calls === 2) throw new Error('the disk is gone');
        return calls === 3 ? null : pictures.describe(path);
      },
    };
    const [first, second, ...others] = await run({}, describer);
    expect(first).toContain('the disk is gone');
    expect(second).toContain('cannot be decoded');
    expect(others).toEqual([]);
    expect(calls).toBe(COUNT);
    expect(await outdated()).toBe(2);
  });

  it('counts in one notice what is lost or cannot be decoded, in the background', async () => {
    const { content_hash: lost } = await database.db
      .selectFrom('images')
      .select('content_hash')
      .where('image_id', '=', ids[0]!)
      .executeTakeFirstOrThrow();
    await blobs.remove(lost);
    let calls = 0;
    const describer: PictureDescriber = {
      describe: async (path) => (++calls === 1 ? null : pictures.describe(path)),
    };
    const [onError, onNotice] = [vi.fn(), vi.fn()];
    const parts = { store: database.store, blobs, pictures: describer, onError };
    const reindexing = startReindexing(parts, onNotice);
    await vi.waitFor(() => expect(onNotice).toHaveBeenCalledWith(expect.stringContaining('any more: 2.')), {
      timeout: 20_000,
    });
    await reindexing.stop();
    expect(onError).not.toHaveBeenCalled();
    expect(onNotice.mock.calls.flat().filter((notice) => notice.includes('lost'))).toHaveLength(1);
    expect(await outdated()).toBe(2);
  });

  it('leaves out what is deleted meanwhile', async () => {
    const describer: PictureDescriber = {
      describe: async (path) => {
        database.connection.exec('delete from images');
        return pictures.describe(path);
      },
    };
    expect(await run({}, describer)).toEqual([]);
    expect(database.connection.prepare('select * from images').all()).toEqual([]);
  });

  it('is done in the background of an open engine', async () => {
    const engine = await openTestEngine({ dataDir });
    const key = { collectionId, imageId: ids[0]! };
    await expect.poll(() => engine.visualsnoop.searchById(key, { limit: 100 })).toHaveLength(COUNT - 1);
    await engine.suspend();
  });

  it('is not waited for to find the same bytes', async () => {
    const engine = await openTestEngine({ dataDir, reindexes: false });
    await using staged = await engine.stage(await lookAlike(2));
    const matches = await engine.visualsnoop.searchByImage(collectionId, staged, { limit: 100 });
    expect(matches).toEqual([{ collectionId, imageId: ids[2], rank: 0, found: 'WHOLE', part: null }]);
    await engine.suspend();
  });
});
