import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepReleasedBytes } from '#src/embedded/blobs/sweeper.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import { type OpenStorage, openStorage } from '#src/embedded/open-storage.js';
import { picture } from '../fakes/pictures.js';
import { openTestEngine } from '../harness/engine.js';
import { PATIENCE_MS } from '../harness/patience.js';
import { repetitions } from '../harness/repetitions.js';
import { seededRandom } from '../harness/seeded-random.js';
import { SharedServers, sharedStorageMissing } from '../harness/shared-servers.js';
import { fillRows } from './filled-rows.js';
import type { GatewayClient, KeyedCollection } from './gateway-client.js';
import { type GatewayPlan, Gateways } from './gateways.js';

/* What two gateways do to the same thing at the same moment, from their start on. */

const ROUNDS = repetitions({ variable: 'MANY_ROUNDS', what: 'rounds of races', few: 5, many: 12 });
const SEED = Number(process.env.MANY_SEED ?? randomInt(2 ** 31));
const TEST_MS = 4 * PATIENCE_MS + ROUNDS * 10_000;
const ENTRY = 'status entry { contentHash urls }';

const title = 'Gateways that meet';

describe.skipIf(sharedStorageMissing)(
  sharedStorageMissing ? `${title} (${sharedStorageMissing})` : title,
  () => {
    const random = seededRandom(SEED);
    let servers: SharedServers;
    let plan: GatewayPlan;
    let gateways: Gateways;
    let storage: OpenStorage;
    let collection: KeyedCollection;
    let one: GatewayClient;
    let other: GatewayClient;

    beforeAll(async () => {
      servers = await SharedServers.start();
      plan = { sharesFolder: true, storage: await servers.create() };
      gateways = await Gateways.start([plan, plan]);
      [one, other] = gateways.clients as [GatewayClient, GatewayClient];
      storage = await openStorage(plan.storage, {});
      const fields = 'publicKey secretKey collection { collectionId }';
      const created = await one.change('createCollection', { name: 'shared' }, fields);
      collection = { ...created, collectionId: created.collection.collectionId };
    });
    afterAll(async () => {
      process.stdout.write(`gateways that meet: rounds ${ROUNDS} | seed ${SEED}\n`);
      await storage?.close();
      await gateways?.[Symbol.asyncDispose]();
      await servers?.[Symbol.asyncDispose]();
    });

    let serial = 0;
    const newUrl = () => `https://x.example/${++serial}`;
    const newPicture = async () => Buffer.from(await picture(random(2 ** 31)));
    const storeVia = (gateway: GatewayClient, bytes: Buffer<ArrayBuffer>, url: string) =>
      gateway.change('storeEntry', { url, clientName: 'test' }, ENTRY, bytes);
    const deleteVia = (gateway: GatewayClient, contentHash: string) =>
      gateway.mutate('deleteEntry', { contentHash }, 'contentHash');
    const addVia = (
      gateway: GatewayClient,
      bytes: Buffer<ArrayBuffer>,
      imageId: string,
      updateExisting = false,
    ) =>
      gateway.mutate(
        'addImage',
        { collectionId: collection.collectionId, imageId, updateExisting },
        'status',
        bytes,
      );
    const deleteImageVia = (gateway: GatewayClient, imageId: string) =>
      gateway.mutate('deleteImage', { collectionId: collection.collectionId, imageId }, 'imageId');
    const urlsOf = async (gateway: GatewayClient, contentHash: string): Promise<string[] | null> => {
      const query = 'query ($hash: ContentHash!) { entry(contentHash: $hash) { urls } }';
      return (await gateway.query(query, { hash: contentHash })).entry?.urls ?? null;
    };
    const inTurns = (nth: number) => (nth % 2 === 0 ? ([one, other] as const) : ([other, one] as const));

    /** What a check of the rows finds, and bytes that rows need and that are not there. */
    async function problems(): Promise<unknown[]> {
      const found: unknown[] = [];
      const { audit } = storage.store;
      for (const batches of [audit.wrongCounts(), audit.urlsWithoutEntry(), audit.entriesWithoutUrl()])
        for await (const rows of batches) found.push(...rows);
      const database = new pg.Client(plan.storage.databaseUrl);
      await database.connect();
      const { rows } = await database.query<{ place: string }>('select place from blobs where refs > 0');
      await database.end();
      for (const { place } of rows)
        if ((await storage.blobs.sizeOf(place)) === null) found.push(`no object ${place}`);
      return found;
    }

    it(
      'make one default collection when both start for the first time',
      async () => {
        for (const gateway of [one, other]) {
          const { collections } = await gateway.query('{ collections { nodes { name } } }', {});
          const names = collections.nodes.map(({ name }: { name: string }) => name);
          expect(names.toSorted()).toEqual(['default', 'shared']);
        }
        const empty = await servers.create();
        const engines = await Promise.all(
          Array.from({ length: 4 }, () => openTestEngine({ storage: empty })),
        );
        const made = engines.filter(({ defaultCollection }) => defaultCollection);
        const listed = await engines[0]!.visualsnoop.listCollections({ limit: 10 });
        for (const engine of engines) await engine.close();
        expect([made.length, listed.length]).toEqual([1, 1]);
      },
      TEST_MS,
    );

    it(
      'over new bytes make one entry, with the URL of each',
      async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const [bytes, urls] = [await newPicture(), [newUrl(), newUrl()]];
          const stored = await Promise.all([
            storeVia(one, bytes, urls[0]!),
            storeVia(other, bytes, urls[1]!),
          ]);
          expect(stored.map(({ status }) => status).toSorted()).toEqual(['CREATED', 'URL_ADDED']);
          for (const gateway of [one, other])
            expect((await urlsOf(gateway, stored[0].entry.contentHash))?.toSorted()).toEqual(urls.toSorted());
        }
        expect(await problems()).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'over a URL more and the deletion of its entry leave a whole entry or none',
      async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const [storing, deleting] = inTurns(round);
          const [bytes, url] = [await newPicture(), newUrl()];
          const { contentHash } = (await storeVia(one, bytes, newUrl())).entry;
          const [{ status }, deleted] = await Promise.all([
            storeVia(storing, bytes, url),
            deleteVia(deleting, contentHash),
          ]);
          expect(deleted.__typename).toBe('DeleteEntrySuccess');
          // Whoever was first: a new entry after the deletion, or one URL more that went with it.
          const left = status === 'CREATED' ? [url] : null;
          expect(await urlsOf(deleting, contentHash)).toEqual(left);
          expect(await urlsOf(storing, contentHash)).toEqual(left);
        }
        expect(await problems()).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'over one image id add it once, and tell the other that it is there',
      async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const [byGraphQL, byWire] = inTurns(round);
          const imageId = `once-${round}`;
          const [added, posted] = await Promise.all([
            addVia(byGraphQL, await newPicture(), imageId),
            byWire.visualsnoop(collection, 'POST', `/image/${imageId}`, { body: await newPicture() }),
          ]);
          expect([
            ['AddImageSuccess', 409],
            ['ImageExistsError', 201],
          ]).toContainEqual([added.__typename, posted.status]);
        }
        expect(await problems()).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'over two images that change pictures crosswise update both',
      async () => {
        const [first, second] = [await newPicture(), await newPicture()];
        for (const id of ['left', 'right']) await addVia(one, first, id);
        for (let round = 0; round < ROUNDS; round++) {
          const [left, right] = round % 2 === 0 ? [second, first] : [first, second];
          if (round === 0) await addVia(other, second, 'right', true);
          const updated = await Promise.all([
            addVia(one, left, 'left', true),
            addVia(other, right, 'right', true),
          ]);
          expect(updated.map(({ status }) => status)).toEqual(['UPDATED', 'UPDATED']);
        }
        expect(await problems()).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'over the deletion of an image and its new descriptor delete it',
      async () => {
        const bytes = await newPicture();
        const ids = Array.from({ length: 4 * ROUNDS }, (_, nth) => `outdated-${nth}`);
        for (const id of ids) await addVia(one, bytes, id);
        const database = new pg.Client(plan.storage.databaseUrl);
        await database.connect();
        await database.query("update images set descriptor_version = 0 where image_id like 'outdated-%'");
        // It describes them anew from its start on.
        await gateways.add(plan);
        const deleted = await Promise.all(ids.map((id, nth) => deleteImageVia(inTurns(nth)[0], id)));
        const { rows } = await database.query("select 1 from images where image_id like 'outdated-%'");
        await database.end();
        expect(new Set(deleted.map(({ __typename }) => __typename))).toEqual(new Set(['DeleteImageSuccess']));
        expect(rows).toEqual([]);
        expect(await problems()).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'over bytes that are stored, deleted and swept keep what a row needs',
      async () => {
        const pictures = [await newPicture(), await newPicture()];
        const swept = { ...storage, locks: new KeyedLock() };
        // Fewer than a store begins again at most, and without any grace.
        const sweepTwice = async () => {
          let count = 0;
          for (let sweep = 0; sweep < 2; sweep++) {
            await sleep(random(200));
            count += await sweepReleasedBytes(swept, 0);
          }
          return count;
        };
        let removed = 0;
        for (let round = 0; round < 2 * ROUNDS; round++) {
          const bytes = pictures[round % pictures.length]!;
          const imageId = `swept-${round}`;
          const { contentHash } = (await storeVia(one, bytes, newUrl())).entry;
          const [, , added, , count] = await Promise.all([
            storeVia(one, bytes, newUrl()),
            sleep(random(100)).then(() => deleteVia(other, contentHash)),
            addVia(other, bytes, imageId),
            sleep(random(100)).then(() => storeVia(other, bytes, newUrl())),
            sweepTwice(),
          ]);
          removed += count;
          expect(added.__typename).toBe('AddImageSuccess');
          expect(await problems()).toEqual([]);
          for (const gateway of [one, other]) {
            const isThere = (await urlsOf(gateway, contentHash)) !== null;
            const file = await gateway.request('GET', `/files/${contentHash}`);
            expect([file.status, file.bytes.equals(bytes)]).toEqual(isThere ? [200, true] : [404, false]);
          }
          // Now and then nothing needs the bytes when the next one comes.
          await deleteImageVia(one, imageId);
          if (random(2) === 0) await deleteVia(one, contentHash);
        }
        expect(removed).toBeGreaterThan(0);
      },
      TEST_MS,
    );

    it(
      'search all there is from the first moment on',
      async () => {
        const filled = await servers.create();
        await using fresh = await Gateways.start([{ sharesFolder: false, storage: filled }]);
        const [writer] = fresh.clients as [GatewayClient];
        const rows = await fillRows(filled.databaseUrl, writer);
        const beginner = await fresh.add({ sharesFolder: false, storage: filled });
        // The first search of each kind waits for the first fill; more is stored meanwhile.
        const during = storeVia(writer, await newPicture(), newUrl());
        await Promise.all(rows.searches.map((search) => search(beginner)));
        const { entry } = await during;
        await Promise.all(rows.searches.map((search) => search(writer)));
        const found = await beginner.imgcache('GET', '/images/similar', {
          perceptual_hash: '0'.repeat(16),
          max_hamming_distance: '64',
        });
        const hashes = found.json().map((row: { content_hash: string }) => row.content_hash);
        expect(hashes).toHaveLength(rows.count + 1);
        expect(hashes).toContain(entry.contentHash);
      },
      TEST_MS,
    );
  },
);
