import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Entry, EntryMatch } from '#src/services/entry.js';
import type { EntryOrigin } from '#src/services/entry-origin.js';
import type { EntryFilter } from '#src/services/entry-query.js';
import type { ImgCache } from '#src/services/imgcache.js';
import { collect } from '../contract/imgcache-contract-bench.js';
import { MemoryBuckets } from '../fakes/memory-buckets.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';
import { randomRuns } from '../harness/repetitions.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const BUCKETS = ['', 'a', 'A', 'é \u{1f600}'];
const PICTURES = ['0000000000000000', '0000000000000001', '00000000000000ff', 'ffffffffffffffff'].map(
  (hash) => tinyPicture(hash),
);
const CONTENTS = [...PICTURES, Buffer.from('no picture'), Buffer.from('none either')];

const bucket = fc.constantFrom(...BUCKETS);
const url = fc.constantFrom('https://x.example/1', 'https://X.example/1', 'https://y.example/2', '');
const origin: fc.Arbitrary<EntryOrigin> = fc.record(
  {
    url,
    clientName: fc.constantFrom('c', 'd'),
    lookupTime: fc.constant('2024-01-01T00:00:00.000001Z'),
    filename: fc.constantFrom('a.jpg', 'b'),
    prefix: fc.constantFrom(null, 'p', 'p/q'),
    meta: fc.constantFrom(null, { a: [1] }),
    notesRetrieval: fc.constant(true),
  },
  { requiredKeys: ['url', 'clientName', 'lookupTime'] },
);
const content = fc.nat({ max: CONTENTS.length - 1 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ bucket, content, origin }) },
  { weight: 2, arbitrary: fc.record({ bucket, content }) },
);
type Step = { bucket: string; content: number; origin?: EntryOrigin };

const FILTERS: EntryFilter[] = [
  {},
  { urlContains: 'X.EXAMPLE' },
  { urlHost: 'y.example', clientName: 'c' },
  { prefix: 'p' },
  { hasPerceptualHash: false },
];

/** Two imgcaches are not asked at the same time; they tell URLs along with an entry or do not. */
function withoutNow({ createdAt: _created, urls: _urls, retrievedAt, ...entry }: Entry) {
  return { ...entry, isRetrieved: retrievedAt !== null };
}

const ofMatch = ({ entry, hammingDistance }: EntryMatch) => ({ ...withoutNow(entry), hammingDistance });

async function run(imgcache: ImgCache, steps: readonly Step[]): Promise<unknown[]> {
  const told = [];
  for (const { bucket, content, origin } of steps) {
    await using image = await engine.stage(CONTENTS[content]!);
    const target = imgcache.inBucket!(bucket);
    if (origin) {
      const { entry, status } = await target.store(image, origin);
      told.push([status, withoutNow(entry)]);
    } else told.push(await target.delete(image.contentHash));
  }
  return told;
}

/** All that can be asked. */
async function allOf(imgcache: ImgCache, contentHashes: readonly string[]): Promise<unknown> {
  const urls = ['https://x.example/1', 'https://y.example/2', '', 'nowhere'];
  const similar = { perceptualHash: '0000000000000000', maxHammingDistance: 8 };
  const all = imgcache.acrossBuckets!();
  const across = {
    buckets: await imgcache.listBuckets!(),
    found: (await Promise.all(contentHashes.map((hash) => all.find(hash)))).map((found) =>
      found.map(withoutNow),
    ),
    lookup: (await all.lookup(urls)).map((entry) => entry && withoutNow(entry)),
    newest: (await collect(all.search({ order: 'NEWEST_FIRST', filter: FILTERS[1]!, limit: 3 }))).map(
      withoutNow,
    ),
    oldest: (await collect(all.search({ order: 'OLDEST_FIRST' }))).map(withoutNow),
    largest: (await collect(all.search({ order: 'LARGEST_FIRST' }))).map(withoutNow),
    similar: (await collect(all.similar(similar))).map(ofMatch),
    nearest: (await collect(all.similar({ ...similar, limit: 2 }))).map(ofMatch),
  };
  const each = [];
  for (const name of BUCKETS) {
    const inBucket = imgcache.inBucket!(name);
    const lists = [];
    for (const filter of FILTERS)
      for (const order of ['NEWEST_FIRST', 'SMALLEST_FIRST'] as const)
        lists.push((await collect(inBucket.search({ filter, order }))).map(withoutNow));
    each.push({
      entries: (await inBucket.getMeta(contentHashes)).map((entry) => entry && withoutNow(entry)),
      urls: await inBucket.getUrls(contentHashes),
      lookup: (await inBucket.lookup(urls)).map((entry) => entry && withoutNow(entry)),
      lists,
      counts: await Promise.all(FILTERS.map((filter) => inBucket.count(filter))),
      clients: await inBucket.listClients({ startsWith: '', limit: 9 }),
      prefixes: await inBucket.listPrefixes!(),
      similar: (await collect(inBucket.similar(similar))).map(ofMatch),
      far: (await collect(inBucket.similar({ ...similar, maxHammingDistance: 64, limit: 2 }))).map(ofMatch),
    });
  }
  return { across, each };
}

it('Buckets tell what plain lists of each would, whatever is stored in them and deleted', async () => {
  const contentHashes: string[] = [];
  for (const bytes of CONTENTS) {
    await using image = await engine.stage(bytes);
    contentHashes.push(image.contentHash);
  }
  let shared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), async (steps) => {
      for (const name of BUCKETS)
        for (const contentHash of contentHashes) await engine.imgcache.inBucket!(name).delete(contentHash);
      const model = new MemoryBuckets();
      expect(await run(engine.imgcache, steps)).toEqual(await run(model, steps));
      expect(await allOf(engine.imgcache, contentHashes)).toEqual(await allOf(model, contentHashes));
      for (const contentHash of contentHashes) {
        const inBuckets = await model.acrossBuckets().find(contentHash);
        shared += inBuckets.length > 1 ? 1 : 0;
        // Bytes are there as long as any bucket has them, and in no other.
        for (const name of BUCKETS) {
          const bytes = await engine.imgcache.inBucket!(name).getBytes(contentHash);
          bytes?.stream.destroy();
          expect(bytes !== null).toBe(inBuckets.some((entry) => entry.bucket === name));
        }
        const [blake3] = await engine.imgcache.getBlake3!([contentHash]);
        expect(typeof blake3).toBe(inBuckets.length > 0 ? 'string' : 'object');
        if (blake3) expect(await engine.imgcache.findByBlake3!([blake3])).toEqual([contentHash]);
      }
    }),
    { numRuns: randomRuns(40) },
  );
  expect(shared).toBeGreaterThan(0);
});
