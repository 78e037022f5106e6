import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Store, StoredImage } from '#src/embedded/store/store.js';
import { compareText } from '#src/services/compare-text.js';
import { lowerAscii } from '#src/services/lower-ascii.js';
import type { ImageFilter, ImageOrder, ImagePosition } from '#src/services/visualsnoop.js';
import { randomRuns } from '../../../harness/repetitions.js';
import { addCollection, describeStores, hashOf } from './stores.js';

const TIMES = Array.from({ length: 4 }, (_, i) => `2024-01-01T00:00:00.00000${i}Z`);
const IDS = ['a', 'A', 'ä', 'Ä', '%', '_', '\\', '\uffff', '\u{1f600}', 'ab'];
const COUNT = 120;

const samples = fc.sample(
  fc.record({
    imageTime: fc.constantFrom(...TIMES),
    prefix: fc.constantFrom(...IDS),
    suffix: fc.constantFrom('', ...IDS),
  }),
  COUNT,
);
const all: StoredImage[] = samples.map(({ imageTime, prefix, suffix }, number) => ({
  collectionId: 'c',
  imageId: `${prefix}${number}${suffix}`,
  imageTime,
  contentHash: hashOf(number % 7),
}));

function compare(order: ImageOrder, a: ImagePosition, b: ImagePosition): number {
  const newestFirst = compareText(b.imageTime, a.imageTime) || compareText(a.imageId, b.imageId);
  return order === 'NEWEST_FIRST' ? newestFirst : -newestFirst;
}

function matches({ imageId, imageTime }: StoredImage, filter: ImageFilter): boolean {
  const { imageIdContains = '', imageTimeFrom = TIMES[0]!, imageTimeBefore = '9' } = filter;
  return (
    lowerAscii(imageId).includes(lowerAscii(imageIdContains)) &&
    imageTime >= imageTimeFrom &&
    imageTime < imageTimeBefore
  );
}

const someFilter: fc.Arbitrary<ImageFilter> = fc.record(
  {
    imageIdContains: fc.constantFrom('', 'a', 'B', '1', 'Ä', '%', '_', '\u{1f600}', 'nowhere'),
    imageTimeFrom: fc.constantFrom(...TIMES),
    imageTimeBefore: fc.constantFrom(...TIMES),
  },
  { requiredKeys: [] },
);

describeStores('Lists of images', (open) => {
  let store: Store;

  beforeAll(async () => {
    ({ store } = await open());
    for (const id of ['c', 'd']) await addCollection(store, id);
    const hashes = [...new Set(all.map(({ contentHash }) => contentHash))];
    await store.transfer.writeBytes(
      hashes.map((contentHash) => ({ contentHash, refs: 2 * COUNT, blake3: null, place: contentHash })),
    );
    const described = { descriptorVersion: 1, descriptor: Buffer.from([1]) };
    const rows = all.map((image, index) => ({ ...image, seq: index + 1, ...described }));
    await store.transfer.write('images', rows);
    const elsewhere = rows.map((row) => ({ ...row, collectionId: 'd', seq: row.seq + COUNT }));
    await store.transfer.write('images', elsewhere);
  });

  const order = fc.constantFrom<ImageOrder[]>('NEWEST_FIRST', 'OLDEST_FIRST');
  const place = fc.option(fc.constantFrom(...all), { nil: undefined });

  it('are what a plain filter and a sort make of all, between any two places', async () => {
    await fc.assert(
      fc.asyncProperty(
        someFilter,
        order,
        place,
        place,
        fc.integer({ min: 1, max: 150 }),
        async (filter, order, after, before, limit) => {
          const expected = all
            .filter((image) => matches(image, filter))
            .filter((image) => !after || compare(order, image, after) > 0)
            .filter((image) => !before || compare(order, image, before) < 0)
            .sort((a, b) => compare(order, a, b))
            .slice(0, limit);
          const bounds = { ...(after && { after }), ...(before && { before }) };
          expect(await store.images.list('c', { order, filter, limit, ...bounds })).toEqual(expected);
        },
      ),
      { numRuns: randomRuns(250) },
    );
  });

  it('are counted as they are', async () => {
    await fc.assert(
      fc.asyncProperty(someFilter, async (filter) => {
        const expected = all.filter((image) => matches(image, filter)).length;
        expect(await store.images.count('c', filter)).toBe(expected);
      }),
      { numRuns: randomRuns(60) },
    );
    expect(await store.images.count('nowhere', {})).toBe(0);
  });
});
