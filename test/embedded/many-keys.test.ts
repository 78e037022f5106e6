import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '#src/services/entry.js';
import type { Image } from '#src/services/visualsnoop.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';

/** More than a statement of SQLite takes values. */
const COUNT = 40_000;

describe('More keys than one statement takes', () => {
  let engine: TestEngine;
  let image: Image;
  let entry: Entry;

  beforeAll(async () => {
    engine = await openTestEngine();
    const { collectionId } = engine.defaultCollection!.collection;
    await using staged = await engine.stage(Buffer.from(tinyPicture('0123456789abcdef')));
    ({ entry } = await engine.imgcache.store(staged, { url: 'https://x.example/', clientName: 'test' }));
    ({ image } = await engine.visualsnoop.addImage(collectionId, staged));
  });
  afterAll(() => engine.close());

  /** The known key behind and before so many that find nothing. */
  const among = <K>(known: K, unknown: (i: number) => K): K[] => [
    known,
    ...Array.from({ length: COUNT }, (_, i) => unknown(i)),
    known,
  ];
  const answers = <T>(known: T, nothing: T): T[] => among(known, () => nothing);
  const unknownHash = (i: number) => i.toString(16).padStart(64, '0');
  const unknownId = (i: number) => `no ${i}`;

  it('find images', async () => {
    const keys = among(image, (i) => ({ ...image, imageId: unknownId(i) }));
    expect(await engine.visualsnoop.getImages(keys)).toEqual(answers<Image | null>(image, null));
    expect(await engine.visualsnoop.getContentHashes(keys)).toEqual(
      answers<string | null>(entry.contentHash, null),
    );
  });

  it('find the images with the same bytes', async () => {
    const hashes = among(entry.contentHash, unknownHash);
    expect(await engine.visualsnoop.findByContentHash(hashes, null, 10)).toEqual(answers([image], []));
  });

  it('find collections, and their newest images', async () => {
    const { collection } = engine.defaultCollection!;
    const ids = among(collection.collectionId, unknownId);
    expect(await engine.visualsnoop.getCollections(ids)).toEqual(
      answers<typeof collection | null>(collection, null),
    );
    expect(await engine.visualsnoop.listNewestImages(ids, 10)).toEqual(answers([image], []));
  });

  it('find entries', async () => {
    const hashes = among(entry.contentHash, unknownHash);
    expect(await engine.imgcache.getMeta(hashes)).toEqual(answers<Entry | null>(entry, null));
    expect(await engine.imgcache.getUrls(hashes)).toEqual(answers([entry.url], []));
    const entries = hashes.map((contentHash) => ({ ...entry, contentHash }));
    expect(await engine.imgcache.getFewUrls(entries, 10)).toEqual(answers([entry.url], [entry.url]));
  });
});
