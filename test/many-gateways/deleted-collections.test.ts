import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenStorage, openStorage } from '#src/embedded/open-storage.js';
import { picture } from '../fakes/pictures.js';
import { PATIENCE_MS } from '../harness/patience.js';
import { repetitions } from '../harness/repetitions.js';
import { seededRandom } from '../harness/seeded-random.js';
import { SharedServers, sharedStorageMissing } from '../harness/shared-servers.js';
import type { GatewayClient, KeyedCollection } from './gateway-client.js';
import { Gateways } from './gateways.js';

/* What one gateway knows of a collection that another one deleted, or gave new keys, a moment ago. */

const ROUNDS = repetitions({
  variable: 'MANY_ROUNDS',
  what: 'rounds with collections that go',
  few: 3,
  many: 6,
});
const SEED = Number(process.env.MANY_SEED ?? randomInt(2 ** 31));
const TEST_MS = 4 * PATIENCE_MS + ROUNDS * 10_000;

const title = 'Gateways and collections that go';

describe.skipIf(sharedStorageMissing)(
  sharedStorageMissing ? `${title} (${sharedStorageMissing})` : title,
  () => {
    const random = seededRandom(SEED);
    let servers: SharedServers;
    let gateways: Gateways;
    let storage: OpenStorage;
    let databaseUrl: string;
    let one: GatewayClient;
    let other: GatewayClient;

    beforeAll(async () => {
      servers = await SharedServers.start();
      const plan = { sharesFolder: false, storage: await servers.create() };
      ({ databaseUrl } = plan.storage);
      gateways = await Gateways.start([plan, plan]);
      [one, other] = gateways.clients as [GatewayClient, GatewayClient];
      storage = await openStorage(plan.storage, {});
    });
    afterAll(async () => {
      process.stdout.write(`collections that go: rounds ${ROUNDS} | seed ${SEED}\n`);
      await storage?.close();
      await gateways?.[Symbol.asyncDispose]();
      await servers?.[Symbol.asyncDispose]();
    });

    const newPicture = async () => Buffer.from(await picture(random(2 ** 31)));
    const create = async (name: string): Promise<KeyedCollection> => {
      const fields = 'publicKey secretKey collection { collectionId }';
      const created = await one.change('createCollection', { name }, fields);
      return { ...created, collectionId: created.collection.collectionId };
    };
    const add = (gateway: GatewayClient, collectionId: string, imageId: string, bytes: Buffer<ArrayBuffer>) =>
      gateway.mutate('addImage', { collectionId, imageId }, 'status', bytes);

    async function imagesOf(collectionId: string): Promise<number> {
      const database = new pg.Client(databaseUrl);
      await database.connect();
      const { rows } = await database.query('select from images where collection_id = $1', [collectionId]);
      await database.end();
      return rows.length;
    }

    async function problems(): Promise<unknown[]> {
      const found: unknown[] = [];
      const { audit } = storage.store;
      const all = [audit.wrongCounts(), audit.missingCollections(), audit.collectionsWithoutKeys()];
      for (const batches of all) for await (const rows of batches) found.push(...rows);
      return found;
    }

    it(
      'know nothing of one that another gateway deleted, whatever they searched before',
      async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const collection = await create(`round ${round}`);
          const { collectionId } = collection;
          const bytes = await newPicture();
          for (const id of ['a', 'b']) await add(one, collectionId, id, bytes);
          const similar =
            'query ($c: String!) { image(collectionId: $c, imageId: "a") { similar { rank } } }';
          const { image } = await other.query(similar, { c: collectionId });
          expect(image.similar).toEqual([{ rank: 0 }]);
          await one.change('deleteCollection', { collectionId, confirmName: `round ${round}` }, 'deletedId');
          expect((await other.query(similar, { c: collectionId })).image).toBeNull();
          const listed = await other.query('{ collections { nodes { collectionId } } }', {});
          expect(listed.collections.nodes).not.toContainEqual({ collectionId });
          await expect(other.visualsnoop(collection, 'GET', '/collection')).rejects.toThrow('401');
          expect((await add(other, collectionId, 'c', bytes)).__typename).toBe('NotFoundError');
          expect((await other.mutate('rotateCollectionKeys', { collectionId }, 'publicKey')).__typename).toBe(
            'NotFoundError',
          );
        }
        expect(await problems()).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'leave no image behind in one that is deleted while they add to it',
      async () => {
        const bytes = await Promise.all(Array.from({ length: 4 }, newPicture));
        for (let round = 0; round < ROUNDS; round++) {
          const { collectionId } = await create('busy');
          const adding = bytes.flatMap((each, nth) => [
            sleep(random(60)).then(() => add(one, collectionId, `one ${nth}`, each)),
            sleep(random(60)).then(() => add(other, collectionId, `other ${nth}`, each)),
          ]);
          const deleting = [one, other].map((gateway) =>
            sleep(random(60)).then(() =>
              gateway.mutate('deleteCollection', { collectionId, confirmName: 'busy' }, 'deletedId'),
            ),
          );
          const deleted = (await Promise.all(deleting)).map(({ __typename }) => __typename);
          expect(deleted.toSorted()).toEqual(['DeleteCollectionSuccess', 'NotFoundError']);
          for (const { __typename } of await Promise.all(adding))
            expect(['AddImageSuccess', 'NotFoundError']).toContain(__typename);
          await expect.poll(() => imagesOf(collectionId)).toBe(0);
        }
        expect(await problems()).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'take the new keys of one at once, and the old ones no more',
      async () => {
        let keys = await create('rotated');
        const { collectionId } = keys;
        for (let round = 0; round < ROUNDS; round++) {
          const [rotating, asked] = round % 2 === 0 ? [one, other] : [other, one];
          expect((await asked.visualsnoop(keys, 'GET', '/collection')).status).toBe(200);
          const rotated = await rotating.change(
            'rotateCollectionKeys',
            { collectionId },
            'publicKey secretKey',
          );
          await expect(asked.visualsnoop(keys, 'GET', '/collection')).rejects.toThrow('401');
          keys = { ...rotated, collectionId };
          expect((await asked.visualsnoop(keys, 'GET', '/collection')).status).toBe(200);
        }
        expect(await problems()).toEqual([]);
      },
      TEST_MS,
    );
  },
);
