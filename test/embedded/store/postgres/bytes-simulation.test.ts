import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Blobs } from '#src/embedded/blobs/blobs.js';
import type { StoredBytes } from '#src/embedded/blobs/read-bytes.js';
import { sweepReleasedBytes } from '#src/embedded/blobs/sweeper.js';
import { writeWithBytes } from '#src/embedded/blobs/write-with-bytes.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import { type OpenPostgres, openPostgresStore } from '#src/embedded/store/postgres/open.js';
import type { Store } from '#src/embedded/store/store.js';
import type { StagedImage } from '#src/services/staged-image.js';
import { StorageError } from '#src/services/storage-error.js';
import { createDatabase, type DatabaseServer, postgresMissing } from '../../../harness/postgres.js';
import { sharePostgres } from '../../../harness/run-servers.js';
import { random } from '../../hashes.js';
import { hashOf, newEntry } from '../contract/stores.js';

const SEED = Number(process.env.DIFFERENTIAL_SEED ?? Date.now() % 2 ** 31);
const HASHES = 4;
/** The same bytes may be needed in each of them. */
const BUCKETS = ['', 'a', 'b'];
const SIZE = 1;
const ROUNDS = 120;

/** A process was killed in the midst of its work. */
class Killed extends Error {}

/** All of the object store that counts here: at which places there are objects. */
class Bucket {
  readonly places = new Set<string>();
}

/** The code that writes and sweeps, in a process that may stall or be killed before each step; its grace time is none. */
class Process {
  isKilled = false;
  /** Neither stalls nor is killed. */
  isCareful = false;
  readonly written: string[] = [];
  readonly #store: Store;
  readonly #bytes: StoredBytes;
  readonly #chance: () => number;

  constructor(store: Store, bucket: Bucket, chance: () => number) {
    this.#store = store;
    this.#chance = chance;
    const { findPlace, findPlaces, announce, announceAgain, claim, forget, findReleased, findInterrupted } =
      store.blobs;
    const { findBlake3, findByBlake3, listWithoutBlake3, setBlake3 } = store.blobs;
    this.#bytes = {
      store: {
        blobs: {
          findPlace: this.#stepwise(findPlace),
          findPlaces: this.#stepwise(findPlaces),
          announce: this.#stepwise(announce),
          announceAgain: this.#stepwise(announceAgain),
          claim: this.#stepwise(claim),
          forget: this.#stepwise(forget),
          findReleased: this.#stepwise(findReleased),
          findInterrupted: this.#stepwise(findInterrupted),
          findBlake3,
          findByBlake3,
          listWithoutBlake3,
          setBlake3,
        },
      },
      // The other operations are not called by what is tested here.
      blobs: {
        sizeOf: this.#stepwise(async (place: string) => (bucket.places.has(place) ? SIZE : null)),
        put: this.#stepwise(async (place: string) => {
          expect(bucket.places.has(place)).toBe(false);
          bucket.places.add(place);
          this.written.push(place);
        }),
        remove: this.#stepwise(async (place: string) => void bucket.places.delete(place)),
      } as Partial<Blobs> as Blobs,
    };
  }

  async write(number: number, url: string, bucket: string): Promise<void> {
    // Nothing else of it is looked at before its bytes are put.
    const image = { contentHash: hashOf(number), size: SIZE } as StagedImage;
    const insert = this.#stepwise(this.#store.entries.inBucket(bucket).insert);
    await writeWithBytes(this.#bytes, image, (written) => insert(newEntry(number, { url }), written));
  }

  async sweep(): Promise<void> {
    await sweepReleasedBytes({ ...this.#bytes, locks: new KeyedLock() }, 0);
  }

  #stepwise<A extends unknown[], T>(step: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
    return async (...args) => {
      if (!this.isCareful && this.#chance() < 0.02) this.isKilled = true;
      if (this.isKilled) throw new Killed();
      if (!this.isCareful && this.#chance() < 0.5) await sleep(this.#chance() * 6);
      return step(...args);
    };
  }
}

/** Without a grace time the bytes of one writer may be swept again and again. */
function unlessExpected(error: unknown): void {
  if (!(error instanceof Killed || error instanceof StorageError)) throw error;
}

describe.skipIf(postgresMissing)(
  `Bytes of several gateways${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: DatabaseServer;
    let gateways: OpenPostgres[];
    beforeAll(async () => {
      server = await sharePostgres();
      const url = await createDatabase(server);
      gateways = [await openPostgresStore(url), await openPostgresStore(url), await openPostgresStore(url)];
    });
    afterAll(async () => {
      for (const gateway of gateways) await gateway.close();
      await server.stop();
    });

    it(`are there as long as a row needs them, whoever stalls or is killed (seed ${SEED})`, async () => {
      const chance = random(SEED);
      const bucket = new Bucket();
      const processes: Process[] = [];
      /** Each work is done by a process of its own, so that one may be killed and the others go on. */
      const begin = ({ store }: OpenPostgres) => {
        const process = new Process(store, bucket, chance);
        processes.push(process);
        return process;
      };

      async function findLost(): Promise<string[]> {
        const { store } = gateways[0]!;
        const lost: string[] = [];
        for (let number = 0; number < HASHES; number++) {
          const isNeeded = (await store.buckets.find(hashOf(number))).length > 0;
          const place = await store.blobs.findPlace(hashOf(number));
          if (isNeeded && (place === null || !bucket.places.has(place))) lost.push(hashOf(number));
        }
        return lost;
      }

      for (let round = 0; round < ROUNDS; round++) {
        const works = gateways.flatMap((gateway) => {
          const number = Math.floor(chance() * HASHES);
          const [into, from] = [chance(), chance()].map((one) => BUCKETS[Math.floor(one * BUCKETS.length)]!);
          const deletes = async () =>
            void (await gateway.store.entries.inBucket(from!).delete(hashOf(number)));
          const works = [begin(gateway).write(number, `${chance()}`, into!), begin(gateway).sweep()];
          return chance() < 0.5 ? [...works, deletes()] : works;
        });
        await Promise.all(works.map((work) => work.catch(unlessExpected)));
        // Nobody is at work now, so what a row needs must be there.
        expect(await findLost()).toEqual([]);
      }
      const killed = processes.filter(({ isKilled }) => isKilled);
      expect(killed.length).toBeGreaterThan(0);
      const last = begin(gateways[0]!);
      last.isCareful = true;
      await last.sweep();
      const wrongCounts: unknown[] = [];
      for await (const rows of gateways[0]!.store.audit.wrongCounts()) wrongCounts.push(...rows);
      expect(wrongCounts).toEqual([]);
      const rows = await gateways[0]!.db.selectFrom('blobs').select('place').execute();
      const needed = new Set(rows.map(({ place }) => place));
      expect([...needed].filter((place) => !bucket.places.has(place))).toEqual([]);
      // Who stood still for longer than the grace time and was then killed leaves bytes, which a check finds.
      const leftByKilled = new Set(killed.flatMap(({ written }) => written));
      const leaked = [...bucket.places].filter((place) => !needed.has(place));
      expect(leaked.filter((place) => !leftByKilled.has(place))).toEqual([]);
    });
  },
);
