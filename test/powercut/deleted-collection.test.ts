import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { folderDatabase, openStore } from '#src/embedded/store/open-store.js';
import type { Store } from '#src/embedded/store/store.js';
import { addCollection, hashOf, newImage } from '../embedded/store/contract/stores.js';
import { seededRandom } from '../harness/seeded-random.js';
import { GatewayClient } from '../many-gateways/gateway-client.js';
import { startProcess } from './gateway-process.js';

const SEED = Number(process.env.POWERCUT_SEED ?? randomInt(2 ** 31));
const IMAGES = 20_000;
const PICTURES = 50;
const COLLECTION = { collectionId: 'c', confirmName: 'c' };
const READ = `{
  collection(collectionId: "c") { name }
  image(collectionId: "c", imageId: "1") { imageId }
  collections { nodes { collectionId } }
}`;

async function withStore<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const { store, close } = await openStore(folderDatabase(dataDir));
  try {
    return await work(store);
  } finally {
    await close();
  }
}

/** How many images there are, after a check that all is right. */
async function countImages(store: Store): Promise<number> {
  const { audit } = store;
  const checks = [
    audit.wrongCounts(),
    audit.missingCollections(),
    audit.collectionsWithoutKeys(),
    audit.wrongDeletions('image'),
  ];
  for (const batches of checks) for await (const rows of batches) expect(rows).toEqual([]);
  return store.transfer.count('images');
}

it.each([
  { killed: 'before or while it answers', answers: false },
  { killed: 'after it has answered', answers: true },
])('a collection whose deletion is killed $killed is whole or gone', async ({ answers }) => {
  const random = seededRandom(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-powercut-'));
  const dataDir = join(folder, 'data');
  try {
    mkdirSync(dataDir);
    await withStore(dataDir, async (store) => {
      await addCollection(store, 'c');
      await addCollection(store, 'kept');
      const images = Array.from({ length: IMAGES }, (_, i) => ({
        ...newImage(i === 0 ? 'kept' : 'c', `${i}`, i % PICTURES),
        seq: i + 1,
        imageTime: '2024-01-01T00:00:00.000000Z',
      }));
      const bytes = Array.from({ length: PICTURES }, (_, i) => ({
        contentHash: hashOf(i),
        place: hashOf(i),
        refs: IMAGES / PICTURES,
        blake3: null,
      }));
      await store.transfer.writeBytes(bytes);
      await store.transfer.write('images', images);
    });
    let acknowledged = false;
    let left = IMAGES;
    let kills = 0;
    while (left > 1) {
      const gateway = await startProcess(folder, { LOOKALIKE_DATA_DIR: dataDir });
      const client = new GatewayClient(gateway.url);
      const { collection, image, collections } = await client.query(READ, {});
      const isThere = collection !== null;
      expect([image !== null, collections.nodes.length]).toEqual([isThere, isThere ? 2 : 1]);
      if (acknowledged) expect(isThere).toBe(false);
      const deleting = isThere
        ? client.mutate('deleteCollection', COLLECTION, 'collectionId').then(
            ({ __typename }) => {
              acknowledged ||= __typename === 'DeleteCollectionSuccess';
            },
            () => {},
          )
        : null;
      if (answers) await deleting;
      // The first ones before or while it answers, the later ones while images go.
      await sleep(random(kills < 3 ? 15 : 200));
      await gateway.kill('SIGKILL');
      await deleting;
      kills++;
      const before = left;
      left = await withStore(dataDir, countImages);
      expect(left).toBeLessThanOrEqual(before);
    }
    process.stdout.write(`deleted collection: ${kills} kills | seed ${SEED}\n`);
    expect(kills).toBeGreaterThan(1);
    // A kill between the commit and the answer leaves a deletion that nobody was told of.
    if (answers) expect(acknowledged).toBe(true);
    const kept = await withStore(dataDir, (store) => store.images.list('kept', { limit: 10 }));
    expect(kept).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
