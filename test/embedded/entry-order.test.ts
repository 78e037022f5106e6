import { afterEach, beforeEach, expect, it } from 'vitest';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';

const HASH = '0123456789abcdef';

let engine: TestEngine;
beforeEach(async () => {
  engine = await openTestEngine();
});
afterEach(() => engine.close());

const picture = (name: string) => engine.stage(Buffer.from(tinyPicture(HASH, name)));
const origin = (name: string) => ({ url: `https://x.example/${name}`, clientName: 'test' });

it('has the entry that was written last as the newest, however long its bytes took', async () => {
  await using slow = await picture('slow');
  await using quick = await picture('quick');
  const move = slow.moveTo.bind(slow);
  slow.moveTo = async (path) => {
    await engine.imgcache.store(quick, origin('quick'));
    await move(path);
  };
  await engine.imgcache.store(slow, origin('slow'));
  const listed = [];
  for await (const batch of engine.imgcache.search({ order: 'OLDEST_FIRST' })) listed.push(...batch);
  expect(listed.map(({ contentHash }) => contentHash)).toEqual([quick.contentHash, slow.contentHash]);
  const similar = [];
  for await (const batch of engine.imgcache.similar({ perceptualHash: HASH, maxHammingDistance: 0 }))
    similar.push(...batch.map(({ entry }) => entry));
  expect(similar).toEqual(listed);
});
