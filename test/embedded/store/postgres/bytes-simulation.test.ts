import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenPostgres, openPostgresStore } from '#src/embedded/store/postgres/open.js';
import { BytesGoneError, type NewBytes } from '#src/embedded/store/store.js';
import {
  createDatabase,
  postgresMissing,
  startPostgres,
  type TestServer,
} from '../../../harness/postgres.js';
import { random } from '../../hashes.js';
import { hashOf, newEntry } from '../contract/stores.js';

const SEED = Number(process.env.DIFFERENTIAL_SEED ?? Date.now() % 2 ** 31);
const HASHES = 4;
const ROUNDS = 120;

/** A writer or a sweeper that was killed in the midst of its work. */
class Killed extends Error {}

describe.skipIf(postgresMissing)(
  `Bytes of several gateways${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: TestServer;
    let gateways: OpenPostgres[];
    beforeAll(async () => {
      server = await startPostgres();
      const url = await createDatabase(server);
      gateways = [await openPostgresStore(url), await openPostgresStore(url), await openPostgresStore(url)];
    });
    afterAll(async () => {
      for (const gateway of gateways) await gateway.close();
      await server.stop();
    });

    it(`are there as long as a row needs them, whoever stalls or is killed (seed ${SEED})`, async () => {
      const chance = random(SEED);
      const objects = new Set<string>();
      /** Between any two steps anything may happen, for longer than any grace time: there is none here. */
      const between = async () => {
        if (chance() < 0.03) throw new Killed();
        if (chance() < 0.5) await sleep(chance() * 6);
      };

      async function write({ store }: OpenPostgres, number: number): Promise<void> {
        for (;;) {
          const known = await store.blobs.findPlace(hashOf(number));
          await between();
          let written: NewBytes | undefined;
          if (known === null || !objects.has(known)) {
            const place = await store.blobs.announce(hashOf(number));
            await between();
            expect(objects.has(place)).toBe(false);
            objects.add(place);
            await between();
            written = { place, ...(known !== null && { replaces: known }) };
          }
          try {
            await store.entries.insert(newEntry(number, { url: `${chance()}` }), written);
            return;
          } catch (error) {
            if (!(error instanceof BytesGoneError)) throw error;
          }
        }
      }

      async function sweep({ store }: OpenPostgres): Promise<void> {
        for (const { contentHash, place } of await store.blobs.findReleased(0, 100)) {
          await between();
          if (!(await store.blobs.claim(contentHash, place))) continue;
          await between();
          objects.delete(place);
          await between();
          await store.blobs.forget(contentHash, place);
        }
      }

      async function lost(): Promise<string[]> {
        const { store } = gateways[0]!;
        const missing: string[] = [];
        for (let number = 0; number < HASHES; number++) {
          const before = (await store.entries.find([hashOf(number)])).size;
          const place = await store.blobs.findPlace(hashOf(number));
          if (before === 1 && (place === null || !objects.has(place))) missing.push(hashOf(number));
        }
        return missing;
      }

      let kills = 0;
      const unlessKilled = (error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        kills++;
      };
      for (let round = 0; round < ROUNDS; round++) {
        const works = gateways.flatMap((gateway) => {
          const number = Math.floor(chance() * HASHES);
          const deletes = async () => void (await gateway.store.entries.delete(hashOf(number)));
          return [write(gateway, number), sweep(gateway), ...(chance() < 0.5 ? [deletes()] : [])];
        });
        await Promise.all(works.map((work) => work.catch(unlessKilled)));
        // Nobody is at work now, so what a row needs must be there.
        expect(await lost()).toEqual([]);
      }
      expect(kills).toBeGreaterThan(0);
      // What killed writers left is found by its age.
      for (let i = 0; i < 3; i++) {
        for (const { contentHash, place } of await gateways[0]!.store.blobs.findReleased(0, 1000)) {
          if (!(await gateways[0]!.store.blobs.claim(contentHash, place))) continue;
          objects.delete(place);
          await gateways[0]!.store.blobs.forget(contentHash, place);
        }
      }
      const places = await gateways[0]!.db.selectFrom('blobs').select('place').execute();
      expect([...objects].toSorted()).toEqual(places.map(({ place }) => place).toSorted());
    }, 120_000);
  },
);
