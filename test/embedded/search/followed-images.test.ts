import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeypointIndex } from '#src/embedded/keypoints/keypoint-index.js';
import { decodeKeypoints } from '#src/embedded/keypoints/keypoints.js';
import { type Descriptor, decodeDescriptor, encodeDescriptor } from '#src/embedded/picture/descriptor.js';
import { CollectionIndexes } from '#src/embedded/search/collection-indexes.js';
import { findLikenesses } from '#src/embedded/search/query-plan.js';
import { VisualIndex } from '#src/embedded/search/visual-index.js';
import type { AskedViews } from '#src/embedded/search/visual-rule.js';
import { VisualSearch } from '#src/embedded/search/visual-search.js';
import type { ImageRows, ImageSnapshot, Picture } from '#src/embedded/store/rows.js';
import type { ImageMatch } from '#src/services/visualsnoop.js';
import { type State, UnorderedRows } from '../../fakes/unordered-rows.js';
import { random } from '../hashes.js';
import { encoded, flippedKeypoints, randomKeypoints } from '../keypoints/random-keypoints.js';
import { clusteredDescriptor } from './clustered-descriptor.js';

const LIMIT = 6;
const COLLECTIONS = ['0a0a0a0a', '0b0b0b0b'];

interface ImageRecord extends Picture {
  imageId: string;
}

/** Collections whose images several processes change, each read as of one state of it, after a while. */
class SlowImageRows implements ImageRows {
  readonly collections: ReadonlyMap<string, UnorderedRows<ImageRecord>>;
  readonly #next: () => number;
  open = 0;

  constructor(next: () => number) {
    this.#next = next;
    this.collections = new Map(COLLECTIONS.map((id) => [id, new UnorderedRows<ImageRecord>(next)]));
  }

  async atOnce<T>(work: (snapshot: ImageSnapshot) => Promise<T>): Promise<T> {
    const versions = new Map([...this.collections].map(([id, rows]) => [id, rows.version]));
    this.open++;
    try {
      return await work(this.#snapshot(versions));
    } finally {
      this.open--;
    }
  }

  #snapshot(versions: ReadonlyMap<string, number>): ImageSnapshot {
    const collection = async (id: string) => {
      const rows = this.collections.get(id)!;
      const version = versions.get(id)!;
      await rows.pause();
      return { rows, version, state: rows.stateAt(version) };
    };
    return {
      changes: async (collectionId, after, limit) => {
        const { rows, version } = await collection(collectionId);
        const { added, ...changes } = rows.changes(after, Math.min(limit, LIMIT), version);
        return {
          ...changes,
          added: added.map(([seq, { descriptor, keypoints }]) => ({ seq, descriptor, keypoints })),
        };
      },
      pictures: async (collectionId, imageIds) => {
        const { state } = await collection(collectionId);
        return [...state.values()].filter(({ imageId }) => imageIds.includes(imageId));
      },
      identical: async (collectionId, contentHashes) => {
        const { state } = await collection(collectionId);
        return [...state]
          .map(([seq, record]) => ({ seq, ...record }))
          .filter(({ contentHash }) => contentHashes.includes(contentHash))
          .sort((a, b) => (a.imageId < b.imageId ? -1 : 1));
      },
      named: async (seqs) => {
        const states = await Promise.all(COLLECTIONS.map(collection));
        return states
          .flatMap(({ state }) => [...state].map(([seq, { imageId }]) => ({ seq, imageId })))
          .filter(({ seq }) => seqs.includes(seq));
      },
      keypoints: async (seqs) => {
        const states = await Promise.all(COLLECTIONS.map(collection));
        return states
          .flatMap(({ state }) => [...state])
          .flatMap(([seq, { keypoints }]) => (keypoints && seqs.includes(seq) ? [{ seq, keypoints }] : []));
      },
    };
  }

  /** An image comes with any seq, changes its descriptor, or goes; or the collection is restored from a backup. */
  change(): void {
    const rows = this.collections.get(COLLECTIONS[Math.floor(this.#next() * 2)]!)!;
    const seqs = [...rows.now.keys()];
    const one = seqs[Math.floor(this.#next() * seqs.length)];
    const kind = this.#next();
    if (kind < 0.03 && this.open === 0) rows.restore(new Map([...rows.now].filter(() => this.#next() < 0.5)));
    else if (kind < 0.3 && one !== undefined) rows.delete(one);
    else if (kind < 0.4 && one !== undefined) rows.set(one, { ...rows.now.get(one)!, ...this.picture() });
    else rows.set(this.#unusedSeq(), { imageId: `image ${this.#used.size}`, ...this.picture() });
  }

  picture(): Picture {
    const descriptor = encodeDescriptor(clusteredDescriptor(this.#next));
    const cluster = randomKeypoints(random(1 + Math.floor(this.#next() * 6)), 48);
    const keypoints =
      this.#next() < 0.2 ? null : encoded(flippedKeypoints(this.#next, cluster, { weak: 1, others: 2 }));
    return { contentHash: `hash ${Math.floor(this.#next() * 20)}`, descriptor, keypoints };
  }

  readonly #used = new Set<number>();
  #unusedSeq(): number {
    for (;;) {
      const seq = 1 + Math.floor(this.#next() * 100_000);
      if (this.#used.has(seq)) continue;
      this.#used.add(seq);
      return seq;
    }
  }
}

/** What a search must find in one state of a collection. */
function expected(
  collectionId: string,
  state: State<ImageRecord>,
  picture: Picture,
  limit: number,
): ImageMatch[] {
  const index = new VisualIndex();
  const places = new KeypointIndex();
  for (const [seq, { descriptor, keypoints }] of state) {
    index.add(seq, decodeDescriptor(descriptor)!);
    if (keypoints) places.add(seq, decodeKeypoints(keypoints)!);
  }
  const query = {
    descriptor: decodeDescriptor(picture.descriptor),
    keypoints: picture.keypoints && decodeKeypoints(picture.keypoints),
  };
  const indexes = {
    search: (descriptor: Descriptor, asked: AskedViews) => index.search(descriptor, asked),
    discountOf: (seq: number) => index.discountOf(seq),
    keypoints: places,
  };
  const likenesses = new Map(findLikenesses(query, indexes).map((each) => [each.key, each]));
  index.dispose();
  const copies = [...state.values()]
    .filter(({ contentHash }) => contentHash === picture.contentHash)
    .map(({ imageId }): ImageMatch => ({ collectionId, imageId, rank: 0, found: 'WHOLE', part: null }))
    .sort((a, b) => (a.imageId < b.imageId ? -1 : 1));
  const others = [...state]
    .filter(([seq, { contentHash }]) => contentHash !== picture.contentHash && likenesses.has(seq))
    .sort(([a], [b]) => likenesses.get(a)!.rank - likenesses.get(b)!.rank || a - b)
    .map(([seq, { imageId }]): ImageMatch => {
      const { rank, found, part } = likenesses.get(seq)!;
      return { collectionId, imageId, rank, found, part };
    });
  return [...copies, ...others].slice(0, limit);
}

describe('images that several processes write', () => {
  it.each([
    ['whose indexes all stay in memory', Number.POSITIVE_INFINITY],
    ['whose indexes leave memory as soon as they can', 0],
  ])('are found as one state of them has it, by many searches at a time, %s', async (_, maxBytes) => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const rows = new SlowImageRows(random(seed));
        const search = new VisualSearch(rows, new CollectionIndexes(maxBytes));
        const searches: Promise<number>[] = [];
        for (let step = 0; step < 40; step++) {
          rows.change();
          if (step % 4 === 3) searches.push(searchDuringChanges(rows, search, COLLECTIONS[step % 2]!));
          await rows.collections.get(COLLECTIONS[0]!)!.pause();
        }
        for (const matches of await Promise.all(searches)) found += matches;
      }),
      { numRuns: 12 },
    );
    expect(found).toBeGreaterThan(30);
  });
});

async function searchDuringChanges(
  rows: SlowImageRows,
  search: VisualSearch,
  collectionId: string,
): Promise<number> {
  const collection = rows.collections.get(collectionId)!;
  const states = [collection.now];
  const told = collection.onState;
  collection.onState = (state) => {
    told(state);
    states.push(state);
  };
  const picture = rows.picture();
  const limit = 5;
  const matches = await search.byPicture(collectionId, picture, { limit }, new AbortController().signal);
  expect(states.map((state) => expected(collectionId, state, picture, limit))).toContainEqual(matches);
  return matches.length;
}
