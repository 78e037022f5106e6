import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { sweepReleasedBytes } from '#src/embedded/blobs/sweeper.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import { openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import {
  type AddImageOptions,
  ImageExistsError,
  NotAPictureError,
  UnknownCollectionError,
} from '#src/services/visualsnoop.js';
import { lookAlike, picture } from '../fakes/pictures.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';
import { corpusPicture } from './corpus.js';

describe('the embedded VisualSnoop', () => {
  let engine: TestEngine;
  let collectionId: string;

  beforeEach(async () => {
    engine = await openTestEngine();
    collectionId = engine.defaultCollection!.collection.collectionId;
  });

  afterEach(() => engine.close());

  async function reopen(): Promise<void> {
    await engine.suspend();
    engine = await openTestEngine({ dataDir: engine.dataDir });
  }

  async function add(bytes: Buffer, options?: AddImageOptions) {
    await using staged = await engine.stage(bytes);
    return await engine.visualsnoop.addImage(collectionId, staged, options);
  }

  async function search(bytes: Buffer) {
    await using staged = await engine.stage(bytes);
    const matches = await engine.visualsnoop.searchByImage(collectionId, staged, { limit: 100 });
    return matches.map(({ collectionId, imageId, rank }) => ({ collectionId, imageId, rank }));
  }

  const key = (imageId: string) => ({ collectionId, imageId });

  describe('adds what the storage has already', () => {
    const files = () => readdirSync(join(engine.dataDir, 'blobs'), { recursive: true }).length;

    async function store(bytes: Buffer): Promise<string> {
      await using staged = await engine.stage(bytes);
      const origin = { url: 'https://x.example/', clientName: 'test' };
      return (await engine.imgcache.store(staged, origin)).entry.contentHash;
    }

    it('under its content hash, without bytes of its own, and finds it by how it looks', async () => {
      const bytes = await lookAlike(0);
      const contentHash = await store(bytes);
      const before = files();
      const added = await engine.visualsnoop.addKnownImage!(collectionId, contentHash);
      expect(added).toMatchObject({ status: 'ADDED', image: { collectionId, imageId: contentHash } });
      expect(files()).toBe(before);
      expect(await search(bytes)).toEqual([{ collectionId, imageId: contentHash, rank: 0 }]);
      const again = await engine.visualsnoop.addKnownImage!(collectionId, contentHash);
      expect(again).toEqual({ image: added!.image, status: 'UNCHANGED' });
      await engine.imgcache.delete(contentHash);
      const stream = await engine.visualsnoop.getBytes(key(contentHash));
      expect((await buffer(stream!)).equals(bytes)).toBe(true);
    });

    it('once, also when it is asked several times at once', async () => {
      const contentHash = await store(await lookAlike(0));
      const add = () => engine.visualsnoop.addKnownImage!(collectionId, contentHash);
      const added = await Promise.all([add(), add(), add()]);
      expect(added.map((each) => each!.status).toSorted()).toEqual(['ADDED', 'UNCHANGED', 'UNCHANGED']);
    });

    it('and nothing else: no bytes that it lacks or lost, and none that are no picture', async () => {
      const { addKnownImage } = engine.visualsnoop;
      const known = addKnownImage!.bind(engine.visualsnoop);
      expect(await known(collectionId, 'f'.repeat(64))).toBeNull();
      const lost = await store(await lookAlike(1));
      rmSync(new FileBlobs(join(engine.dataDir, 'blobs')).nameOf(lost));
      expect(await known(collectionId, lost)).toBeNull();
      const text = await store(Buffer.from('text'));
      await expect(known(collectionId, text)).rejects.toThrow(NotAPictureError);
      await expect(known('ffffffff', lost)).rejects.toThrow(UnknownCollectionError);
      expect(await engine.visualsnoop.listImages(collectionId, { limit: 10 })).toEqual([]);
    });
  });

  it('removes the images of a deleted collection, and their bytes after the grace time', async () => {
    const created = await engine.visualsnoop.createCollection({ name: 'gone' });
    const { collectionId: goneId } = created.collection;
    await using staged = await engine.stage(await lookAlike(2));
    for (const imageId of ['a', 'b']) await engine.visualsnoop.addImage(goneId, staged, { imageId });
    await engine.visualsnoop.deleteCollection(goneId, 'gone');
    const database = new Database(join(engine.dataDir, 'lookalike.db'));
    const left = () => (database.prepare('select count(*) as n from images').all() as { n: number }[])[0]!.n;
    await expect.poll(left).toBe(0);
    const [row] = database.prepare('select refs, released_at from blobs').all() as object[];
    expect(row).toMatchObject({ refs: 0, released_at: expect.any(String) });
    database.close();
  });

  describe('keeps over a restart', () => {
    it('collections with their keys', async () => {
      const created = await engine.visualsnoop.createCollection({ name: 'Holidays', user: 'a@example.org' });
      await reopen();
      const found = await engine.visualsnoop.getCollections([created.collection.collectionId]);
      expect(found).toEqual([created.collection]);
      expect(await engine.collectionKeys.find(created.publicKey)).toEqual({
        collectionId: created.collection.collectionId,
        secretKey: created.secretKey,
      });
      expect(await engine.collectionKeys.find(created.secretKey)).toBeNull();
    });

    it('images with their bytes, and what they look like', async () => {
      const bytes = await lookAlike(0);
      const { image } = await add(bytes, { imageId: 'a' });
      await reopen();
      expect(await engine.visualsnoop.getImages([key('a')])).toEqual([image]);
      expect(await buffer((await engine.visualsnoop.getBytes(key('a')))!)).toEqual(bytes);
      expect(await search(await lookAlike(3))).toEqual([{ ...key('a'), rank: expect.any(Number) }]);
    });
  });

  describe('keys', () => {
    it('are of the original form, and never the same', async () => {
      const created = await Promise.all(
        Array.from({ length: 20 }, () => engine.visualsnoop.createCollection({ name: 'any' })),
      );
      for (const { collection, publicKey, secretKey } of created) {
        expect(collection.collectionId).toMatch(/^[0-9a-f]{8}$/);
        expect(publicKey).toMatch(/^[0-9a-f]{20}$/);
        expect(secretKey).toMatch(/^[A-Za-z0-9]{40}$/);
      }
      expect(new Set(created.map(({ publicKey }) => publicKey)).size).toBe(20);
      expect(new Set(created.map(({ secretKey }) => secretKey)).size).toBe(20);
    });
  });

  describe('the default collection', () => {
    it('is made at the first start, and told of then only', async () => {
      const { collection, publicKey, secretKey } = engine.defaultCollection!;
      expect(collection.name).toBe('default');
      expect(await engine.collectionKeys.find(publicKey)).toEqual({ collectionId, secretKey });
      await reopen();
      expect(engine.defaultCollection).toBeNull();
      expect(await engine.visualsnoop.listCollections({ limit: 10 })).toEqual([collection]);
    });

    it('does not come back under its name', async () => {
      const database = new Database(join(engine.dataDir, 'lookalike.db'));
      database.exec(`update collections set name = 'renamed'`);
      database.close();
      await reopen();
      const collections = await engine.visualsnoop.listCollections({ limit: 10 });
      expect(collections.map(({ name }) => name)).toEqual(['renamed']);
    });
  });

  describe('files', () => {
    it('can be read by this user only', async () => {
      const parent = mkdtempSync(join(tmpdir(), 'lookalike-modes-'));
      const dataDir = join(parent, 'made', 'data');
      const inside = await openTestEngine({ dataDir });
      try {
        const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
        expect(mode(dataDir)).toBe('700');
        const files = readdirSync(dataDir).filter((name) => name.startsWith('lookalike.db'));
        expect(files.toSorted()).toEqual(['lookalike.db', 'lookalike.db-shm', 'lookalike.db-wal']);
        for (const file of files) expect([file, mode(join(dataDir, file))]).toEqual([file, '600']);
      } finally {
        await inside.close();
        rmSync(parent, { recursive: true });
      }
    });
  });

  describe('bytes', () => {
    const origin = { url: 'https://example.com/a.png', clientName: 'test' };

    async function store(bytes: Buffer): Promise<string> {
      await using staged = await engine.stage(bytes);
      await engine.imgcache.store(staged, origin);
      return staged.contentHash;
    }

    /** Sweeps what was released until now. @returns how many files went */
    async function sweep(): Promise<number> {
      const { store, close } = await openSqliteStore(join(engine.dataDir, 'lookalike.db'));
      const blobs = new FileBlobs(join(engine.dataDir, 'blobs'));
      const removed = await sweepReleasedBytes({ store, blobs, locks: new KeyedLock() }, 0);
      await close();
      return removed;
    }

    it('are shared with imgcache, and go when both let go', async () => {
      const bytes = await lookAlike(0);
      const contentHash = await store(bytes);
      await add(bytes, { imageId: 'a' });
      await add(bytes, { imageId: 'b' });
      await engine.imgcache.delete(contentHash);
      await engine.visualsnoop.deleteImage(key('a'));
      expect(await sweep()).toBe(0);
      expect(await buffer((await engine.visualsnoop.getBytes(key('b')))!)).toEqual(bytes);
      await engine.visualsnoop.deleteImage(key('b'));
      expect(await sweep()).toBe(1);
    });

    it('stay for imgcache when the collection lets go', async () => {
      const bytes = await lookAlike(0);
      await add(bytes, { imageId: 'a' });
      const contentHash = await store(bytes);
      await engine.visualsnoop.deleteImage(key('a'));
      expect(await sweep()).toBe(0);
      const { stream } = (await engine.imgcache.getBytes(contentHash))!;
      expect(await buffer(stream)).toEqual(bytes);
    });

    it('go when they are replaced, and not when they are the same', async () => {
      await add(await lookAlike(0), { imageId: 'a' });
      await add(await lookAlike(0), { imageId: 'a', updateExisting: true });
      await add(await lookAlike(0), { imageId: 'a' }).catch(() => {});
      expect(await sweep()).toBe(0);
      await add(await lookAlike(1), { imageId: 'a', updateExisting: true });
      expect(await sweep()).toBe(1);
      await engine.visualsnoop.deleteImage(key('a'));
      expect(await sweep()).toBe(1);
    });

    it('are stored by both at a time from one staged image', async () => {
      const bytes = await lookAlike(0);
      await using staged = await engine.stage(bytes);
      const [{ status }, { image }] = await Promise.all([
        engine.imgcache.store(staged, origin),
        engine.visualsnoop.addImage(collectionId, staged, { imageId: 'a' }),
      ]);
      expect(status).toBe('CREATED');
      expect(await buffer((await engine.visualsnoop.getBytes(image))!)).toEqual(bytes);
    });
  });

  describe('at the same time', () => {
    const many = Array.from({ length: 12 }, (_, index) => index);

    it('one of many adds an id, and it keeps the bytes that won', async () => {
      const bytes = await Promise.all(many.map((nth) => picture(nth)));
      const outcomes = await Promise.allSettled(bytes.map((each) => add(each, { imageId: 'a' })));
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      for (const [index, outcome] of outcomes.entries()) {
        if (index === winner) expect(outcome).toMatchObject({ value: { status: 'ADDED' } });
        else expect(outcome).toMatchObject({ reason: expect.any(ImageExistsError) });
      }
      expect(await buffer((await engine.visualsnoop.getBytes(key('a')))!)).toEqual(bytes[winner]);
    });

    it('many replace an id one after the other', async () => {
      const bytes = await Promise.all(many.map((nth) => picture(nth)));
      const added = await Promise.all(bytes.map((each) => add(each, { imageId: 'a', updateExisting: true })));
      const statuses = added.map(({ status }) => status).toSorted();
      expect(statuses).toEqual(['ADDED', ...many.slice(1).map(() => 'UPDATED')]);
      const [last] = added.map(({ image }) => image.imageTime).toSorted((a, b) => (a > b ? -1 : 1));
      const [image] = await engine.visualsnoop.getImages([key('a')]);
      expect(image?.imageTime).toBe(last);
      const of = added.findIndex(({ image }) => image.imageTime === last);
      expect(await buffer((await engine.visualsnoop.getBytes(key('a')))!)).toEqual(bytes[of]);
    });
  });

  describe('takes', () => {
    it.each(['rgb.bmp', 'icon.ico', 'cmyk.tiff', 'animated.gif', 'photo.avif', 'one-pixel.png'])(
      '%s',
      async (name) => {
        const bytes = corpusPicture(`odd/${name}`);
        await add(bytes, { imageId: name });
        expect(await search(bytes)).toEqual([{ ...key(name), rank: 0 }]);
      },
    );
  });

  describe('does not take', () => {
    it.each(['plain.svg', 'photo.heic', 'jpeg2000.jp2', 'truncated.png', 'text.txt', 'zero.bin'])(
      '%s',
      async (name) => {
        await expect(add(corpusPicture(`odd/${name}`))).rejects.toBeInstanceOf(NotAPictureError);
        expect(await engine.visualsnoop.listImages(collectionId, { limit: 1 })).toEqual([]);
      },
    );
  });

  it('tells apart keys that would read the same when joined', async () => {
    await add(await lookAlike(0), { imageId: 'x/y' });
    const keys = [key('x/y'), { collectionId: `${collectionId}/x`, imageId: 'y' }];
    expect(await engine.visualsnoop.getContentHashes(keys)).toEqual([expect.any(String), null]);
  });

  it('does not take half a surrogate pair for the character that stands for it', async () => {
    await add(await lookAlike(0), { imageId: '\ufffd' });
    expect(await engine.visualsnoop.getImages([key('\ud800')])).toEqual([null]);
    expect(await engine.visualsnoop.deleteImage(key('\ud800'))).toBeNull();
    expect(await engine.visualsnoop.searchById(key('\ud800'), { limit: 10 })).toBeNull();
  });
});
