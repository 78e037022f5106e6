import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VisualSearchThread } from '#src/embedded/search/visual-search-thread.js';
import type { ImageMatch } from '#src/services/visualsnoop.js';
import { openTestEngine, type TestEngine } from '../../harness/engine.js';
import { corpusPicture } from '../corpus.js';

const PHOTOS = ['11-picos.jpg', '36-coffee.png', '03-fig.jpg'];

describe('a collection whose keypoints need more memory than they may have', () => {
  let engine: TestEngine;
  let search: VisualSearchThread;
  let collectionId: string;
  const notices: string[] = [];

  const add = async (imageId: string, bytes: Buffer) => {
    await using staged = await engine.stage(bytes);
    await engine.visualsnoop.addImage(collectionId, staged, { imageId });
  };
  const found = async (imageId: string) => {
    const [matches] = await search.byIds([{ collectionId, imageId }], { limit: 10 });
    return matches!.map(({ imageId: match, found: kind, part }: ImageMatch) => [match, kind, part]);
  };

  beforeAll(async () => {
    engine = await openTestEngine();
    collectionId = engine.defaultCollection!.collection.collectionId;
    for (const name of PHOTOS) await add(name, corpusPicture(`photos/${name}`));
    const half = sharp(corpusPicture('photos/11-picos.jpg')).extract({
      left: 300,
      top: 100,
      width: 350,
      height: 300,
    });
    await add('part', await half.jpeg().toBuffer());
    await add('small', await sharp(corpusPicture('photos/36-coffee.png')).resize(200).jpeg().toBuffer());
    const address = { kind: 'SQLITE', path: `${engine.dataDir}/lookalike.db` } as const;
    const onNotice = (notice: string) => notices.push(notice);
    search = new VisualSearchThread(address, { maxKeypointBytes: 0, onNotice });
  });
  afterAll(async () => {
    await search.close();
    await engine.close();
  });

  it('is searched without them: for wholes, and no parts', async () => {
    const key = { collectionId, imageId: 'part' };
    expect(await engine.visualsnoop.searchById(key, { limit: 10 })).toMatchObject([
      { imageId: '11-picos.jpg', found: 'PART' },
    ]);
    expect(await found('part')).toEqual([]);
    expect(await found('36-coffee.png')).toEqual([['small', 'WHOLE', null]]);
  });

  it('is told of once, and counted', async () => {
    await found('part');
    await found('36-coffee.png');
    expect(notices).toEqual([expect.stringContaining(collectionId)]);
    expect(search.collectionsWithoutKeypoints).toBe(1);
    expect(engine.collectionsWithoutKeypoints()).toBe(0);
  });
});
