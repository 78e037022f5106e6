import { randomInt } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../fakes/pictures.js';
import { PATIENCE_MS } from '../harness/patience.js';
import { seededRandom } from '../harness/seeded-random.js';
import { SharedServers, sharedStorageMissing } from '../harness/shared-servers.js';
import type { GatewayClient } from './gateway-client.js';
import { Gateways } from './gateways.js';

/* What one gateway says of duplicates that another one stored, or decided of, a moment ago. */

const ROUNDS = Number(process.env.MANY_ROUNDS ?? 6);
const SEED = Number(process.env.MANY_SEED ?? randomInt(2 ** 31));
const TEST_MS = 4 * PATIENCE_MS + ROUNDS * 10_000;

const title = 'Gateways and duplicates';
const GROUPS = `{ duplicateGroups(likeness: POSSIBLE, first: 100) {
  nodes { id members { entry { contentHash } } } } }`;

describe.skipIf(sharedStorageMissing)(
  sharedStorageMissing ? `${title} (${sharedStorageMissing})` : title,
  () => {
    const random = seededRandom(SEED);
    let servers: SharedServers;
    let gateways: Gateways;
    let one: GatewayClient;
    let other: GatewayClient;

    beforeAll(async () => {
      servers = await SharedServers.start();
      const plan = { sharesFolder: false, storage: await servers.create() };
      gateways = await Gateways.start([plan, plan]);
      [one, other] = gateways.clients as [GatewayClient, GatewayClient];
    });
    afterAll(async () => {
      process.stdout.write(`duplicates: rounds ${ROUNDS} | seed ${SEED}\n`);
      await gateways?.[Symbol.asyncDispose]();
      await servers?.[Symbol.asyncDispose]();
    });

    async function store(gateway: GatewayClient, bytes: Buffer<ArrayBuffer>): Promise<string> {
      const input = { url: `https://x.example/${random(2 ** 31)}`, clientName: 'test' };
      const stored = await gateway.change('storeEntry', input, 'entry { contentHash }', bytes);
      return stored.entry.contentHash;
    }

    /** Two copies of a new picture, each stored by another gateway. */
    async function storeCopies(): Promise<[string, string]> {
      const original = Buffer.from(await picture(random(2 ** 31)));
      const copy = Buffer.from(await sharp(original).webp({ lossless: true }).toBuffer());
      const stored = [await store(one, original), await store(other, copy)];
      return stored.toSorted() as [string, string];
    }

    async function groupOf(
      gateway: GatewayClient,
      hash: string,
    ): Promise<{ id: string; hashes: string[] } | null> {
      const { duplicateGroups } = await gateway.query(GROUPS, {});
      for (const { id, members } of duplicateGroups.nodes) {
        const hashes = members.map(({ entry }: { entry: { contentHash: string } }) => entry.contentHash);
        if (hashes.includes(hash)) return { id, hashes };
      }
      return null;
    }

    it(
      'have the same groups, of what either has stored and of nothing that either has decided',
      async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const copies = await storeCopies();
          const group = await groupOf(one, copies[0]);
          expect(group?.hashes).toEqual(expect.arrayContaining(copies));
          expect(await groupOf(other, copies[0])).toEqual(group);
          const input = { groupId: group!.id, verdict: 'NOT_DUPLICATES' };
          const { decision } = await one.change('decideDuplicates', input, 'decision { id }');
          expect(await groupOf(other, copies[0])).toBeNull();
          await other.change('undoDuplicateDecision', { decisionId: decision.id }, 'undoneId');
          expect(await groupOf(one, copies[0])).toEqual(group);
          await one.change('decideDuplicates', input, 'decision { id }');
        }
      },
      TEST_MS,
    );

    it(
      'have the same groups by look, of what either has stored and added to a collection',
      async () => {
        const { collections } = await one.query('{ collections(first: 1) { nodes { collectionId } } }', {});
        const [{ collectionId }] = collections.nodes;
        for (let round = 0; round < ROUNDS; round++) {
          const original = Buffer.from(await picture(random(2 ** 31)));
          const turned = Buffer.from(await sharp(original).rotate(90).png().toBuffer());
          const stored = [await store(one, original), await store(other, turned)];
          expect(await groupOf(one, stored[0]!)).toBeNull();
          await other.change(
            'addImage',
            { collectionId, imageId: `${round} original` },
            '__typename',
            original,
          );
          await one.change('addImage', { collectionId, imageId: `${round} turned` }, '__typename', turned);
          const group = await groupOf(one, stored[0]!);
          expect(group?.hashes).toEqual(stored.toSorted());
          expect(await groupOf(other, stored[1]!)).toEqual(group);
          await one.change('deleteImage', { collectionId, imageId: `${round} original` }, '__typename');
          expect(await groupOf(other, stored[0]!)).toBeNull();
        }
      },
      TEST_MS,
    );

    it(
      'never delete both of two pictures, of which each was told to keep another one',
      async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const copies = await storeCopies();
          const { id } = (await groupOf(one, copies[0]))!;
          const verdicts = await Promise.all(
            [one, other].map((gateway, nth) =>
              gateway.mutate(
                'decideDuplicates',
                {
                  groupId: id,
                  verdict: 'KEEP_SELECTED',
                  keep: [copies[nth]],
                  members: copies,
                  deleteOthers: true,
                },
                'deletedHashes',
              ),
            ),
          );
          const done = verdicts.filter(({ __typename }) => __typename === 'DecideDuplicatesSuccess');
          expect(done.map(({ deletedHashes }) => deletedHashes)).toEqual([[expect.any(String)]]);
          const query =
            'query ($hashes: [ContentHash!]!) { entriesByContentHash(contentHashes: $hashes) { url } }';
          for (const gateway of [one, other]) {
            const { entriesByContentHash } = await gateway.query(query, { hashes: copies });
            expect(entriesByContentHash.filter((entry: unknown) => entry !== null)).toHaveLength(1);
          }
        }
      },
      TEST_MS,
    );
  },
);
