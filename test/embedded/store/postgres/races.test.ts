import { Readable } from 'node:stream';
import { createBLAKE2b } from 'hash-wasm';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBlake3Fill } from '#src/embedded/blake3-fill.js';
import type { Blobs } from '#src/embedded/blobs/blobs.js';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import { BytesGoneError } from '#src/embedded/store/blob-store.js';
import { type OpenPostgres, openPostgresStore } from '#src/embedded/store/postgres/open.js';
import { until } from '../../../harness/patience.js';
import {
  createDatabase,
  postgresMissing,
  startPostgres,
  type TestServer,
} from '../../../harness/postgres.js';
import { addCollection, hashOf, insert, newEntry, newImage, put, writeBytes } from '../contract/stores.js';

/*
 * Each race is held open by a transaction of another gateway, whose statements are those of a naive implementation where
 * that is what goes wrong.
 */

describe.skipIf(postgresMissing)(
  `Gateways that meet${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: TestServer;
    let url: string;
    let gateway: OpenPostgres;
    let other: pg.Client;

    beforeAll(async () => {
      server = await startPostgres({ settings: "deadlock_timeout = '50ms'" });
    });
    afterAll(() => server.stop());
    beforeEach(async () => {
      url = await createDatabase(server);
      gateway = await openPostgresStore(url);
      other = new pg.Client(url);
      await other.connect();
      return async () => {
        await other.end();
        await gateway.close();
      };
    });

    /** Resolves when somebody waits for a lock of another: the race is on. */
    async function untilSomebodyWaits(): Promise<void> {
      const watcher = new pg.Client(url);
      await watcher.connect();
      for (let waiting = 0; waiting === 0; ) {
        const { rows } = await watcher.query<{ count: string }>(
          "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        );
        waiting = Number(rows[0]!.count);
      }
      await watcher.end();
    }

    /** What a check finds; nothing, after any race. */
    async function problems(): Promise<unknown[]> {
      const found: unknown[] = [];
      const { audit } = gateway.store;
      for (const batches of [audit.wrongCounts(), audit.urlsWithoutEntry(), audit.entriesWithoutUrl()])
        for await (const rows of batches) found.push(...rows);
      return found;
    }

    const bytesOf = (number: number) => `decode('${hashOf(number)}', 'hex')`;

    it('over a URL more and the deletion of its entry leave no URL behind', async () => {
      const { entries } = gateway.store;
      await insert(gateway.store, newEntry(1));
      await other.query('begin');
      await other.query(`delete from entries where content_hash = ${bytesOf(1)}`);
      await other.query(`update blobs set refs = 0, released_at = now() where content_hash = ${bytesOf(1)}`);
      const stored = entries.insert(newEntry(1, { url: 'other' }));
      await untilSomebodyWaits();
      await other.query('commit');
      // The entry went first, so this is a new one.
      expect((await stored).status).toBe('CREATED');
      expect((await entries.findUrls([hashOf(1)])).get(hashOf(1))).toEqual(['other']);
      expect(await problems()).toEqual([]);
    });

    it('over the deletion of an entry and a URL more delete that as well', async () => {
      const { entries } = gateway.store;
      await insert(gateway.store, newEntry(1));
      await other.query('begin');
      await other.query(`select 1 from entries where content_hash = ${bytesOf(1)} for key share`);
      await other.query(
        `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
       values (${bytesOf(1)}, 'late', '\\x01', 'c', now(), now())`,
      );
      const deleted = entries.delete(hashOf(1));
      await untilSomebodyWaits();
      await other.query('commit');
      expect(await deleted).toBe(true);
      expect(await entries.findUrls([hashOf(1)])).toEqual(new Map([[hashOf(1), []]]));
      expect(await problems()).toEqual([]);
    });

    it('over the deletion of an image and its new descriptor delete it', async () => {
      const { images } = gateway.store;
      await addCollection(gateway.store, 'c');
      await put(gateway.store, { ...newImage('c', 'one', 1), descriptorVersion: 0 });
      const [outdated] = await images.listOutdated(VERSIONS, undefined, 1, 'me');
      await other.query('begin');
      await other.query(
        `with old as (select seq, collection_id from images where seq = ${outdated!.seq} for update)
       update images set seq = default, descriptor_version = 1 from old where images.seq = old.seq`,
      );
      const deleted = images.delete({ collectionId: 'c', imageId: 'one' });
      await untilSomebodyWaits();
      await other.query('commit');
      expect(await deleted).toMatchObject({ imageId: 'one' });
      expect(await images.find([{ collectionId: 'c', imageId: 'one' }])).toEqual([null]);
      expect(await problems()).toEqual([]);
    });

    it('and wait for each other in a circle begin again', async () => {
      const { images } = gateway.store;
      await addCollection(gateway.store, 'c');
      await put(gateway.store, newImage('c', 'one', 1));
      await put(gateway.store, newImage('c', 'two', 2));
      await other.query('begin');
      await other.query(`select from blobs where content_hash = ${bytesOf(2)} for update`);
      const replaced = images.put(newImage('c', 'one', 2), true);
      await untilSomebodyWaits();
      // It holds this row, and waits for the one above: one of the two has to give way.
      const wanted = other
        .query(`select from images where image_id = 'one' for update`)
        .catch((error: pg.DatabaseError) => error.code);
      const outcome = await wanted;
      await other.query('rollback');
      expect((await replaced).status).toBe('UPDATED');
      expect(['40P01', 'SELECT']).toContain(typeof outcome === 'string' ? outcome : outcome?.command);
      expect(await problems()).toEqual([]);
    });

    it('over the last URL of an entry in one bucket leave that of another one alone', async () => {
      const { entries } = gateway.store;
      await insert(gateway.store, newEntry(1));
      await entries.inBucket('b').insert(newEntry(1, { url: 'b' }));
      await other.query('begin');
      await other.query(`delete from bucket_entries where content_hash = ${bytesOf(1)}`);
      await other.query(`update blobs set refs = refs - 1 where content_hash = ${bytesOf(1)}`);
      // Nobody waits for the row in the other bucket.
      expect((await entries.insert(newEntry(1, { url: 'more' }))).status).toBe('URL_ADDED');
      const stored = entries.inBucket('b').insert(newEntry(1, { url: 'again' }));
      await untilSomebodyWaits();
      await other.query('commit');
      expect((await stored).status).toBe('CREATED');
      expect([...(await entries.inBucket('b').findUrls([hashOf(1)])).values()]).toEqual([['again']]);
      expect(await problems()).toEqual([]);
    });

    it('over the time of a retrieval and a deletion make the entry anew', async () => {
      const { entries } = gateway.store;
      await insert(gateway.store, newEntry(1));
      await other.query('begin');
      await other.query(`delete from entries where content_hash = ${bytesOf(1)}`);
      await other.query(`update blobs set refs = 0, released_at = now() where content_hash = ${bytesOf(1)}`);
      const stored = entries.insert(newEntry(1, { retrievedAt: 'NOW' }));
      await untilSomebodyWaits();
      await other.query('commit');
      const { entry, status } = await stored;
      expect([status, entry.retrievedAt]).toEqual(['CREATED', entry.createdAt]);
      expect(await problems()).toEqual([]);
    });

    describe('over bytes', () => {
      it('that are stored in two buckets at once need them twice, and a deletion in one leaves them', async () => {
        const { store } = gateway;
        const second = await openPostgresStore(url);
        for (let n = 0; n < 20; n++) {
          const [here, there] = [await writeBytes(store, hashOf(n)), await writeBytes(store, hashOf(n))];
          const stored = await Promise.all([
            store.entries.inBucket('a').insert(newEntry(n), here),
            second.store.entries.inBucket('b').insert(newEntry(n), there),
          ]);
          expect(stored.map(({ status }) => status)).toEqual(['CREATED', 'CREATED']);
          const [deleted, added] = await Promise.all([
            store.entries.inBucket('b').delete(hashOf(n)),
            second.store.entries.insert(newEntry(n)),
          ]);
          expect([deleted, added.status]).toEqual([true, 'CREATED']);
          const place = (await store.blobs.findPlace(hashOf(n)))!;
          expect([here.place, there.place]).toContain(place);
          expect(await store.blobs.claim(hashOf(n), place)).toBe(false);
          expect((await store.buckets.find(hashOf(n))).map(({ bucket }) => bucket)).toEqual(['', 'a']);
        }
        await second.close();
        expect(await problems()).toEqual([]);
      });

      it('without a BLAKE3 are read by one of them, and by the next where that one ends', async () => {
        const { store } = gateway;
        const second = await openPostgresStore(url);
        const contents = new Map<string, string>();
        const hasher = await createBLAKE2b(256);
        for (let n = 0; n < 30; n++) {
          const contentHash = hasher.init().update(`${n}`).digest('hex');
          contents.set(contentHash, `${n}`);
          await insert(store, newEntry(n, { contentHash }));
        }
        /** The bytes, and which gateway read each. */
        const reads: { by: string; place: string }[] = [];
        let release = () => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const parts = (by: string, of: OpenPostgres) => ({
          store: of.store,
          onError: (error: unknown) => expect.fail(String(error)),
          // Nothing else of it is called.
          blobs: {
            async open(place: string) {
              reads.push({ by, place });
              if (reads.length === 10) await held;
              return Readable.from([Buffer.from(contents.get(place.split('/')[2]!.slice(0, 64))!)]);
            },
          } as Partial<Blobs> as Blobs,
        });
        const first = startBlake3Fill(parts('first', gateway), () => {});
        await until(() => reads.length === 10);
        const others = startBlake3Fill(parts('second', second), () => {});
        await others.stop();
        const stopped = first.stop();
        release();
        await stopped;
        expect(reads.map(({ by }) => by)).toEqual(Array(10).fill('first'));
        const last = startBlake3Fill(parts('second', second), () => {});
        await until(async () => (await store.blobs.listWithoutBlake3('', 1)).length === 0);
        await last.stop();
        expect(new Set(reads.map(({ place }) => place)).size).toBe(30);
        // The one that was at hand twice.
        expect(reads.length).toBe(31);
        await second.close();
      });

      it('that are deleted in their last bucket and stored in another one stay', async () => {
        const { store } = gateway;
        await insert(store, newEntry(1));
        await other.query('begin');
        await other.query(`delete from entries where content_hash = ${bytesOf(1)}`);
        await other.query(
          `update blobs set refs = 0, released_at = now() where content_hash = ${bytesOf(1)}`,
        );
        const stored = store.entries.inBucket('b').insert(newEntry(1));
        await untilSomebodyWaits();
        await other.query('commit');
        expect((await stored).status).toBe('CREATED');
        expect(await store.blobs.claim(hashOf(1), (await store.blobs.findPlace(hashOf(1)))!)).toBe(false);
        expect(await problems()).toEqual([]);
      });

      it('that a sweeper claims while they are written begin again', async () => {
        const { store } = gateway;
        const written = await writeBytes(store, hashOf(1));
        expect(await store.blobs.claim(hashOf(1), written.place)).toBe(true);
        await expect(store.entries.insert(newEntry(1), written)).rejects.toThrow(BytesGoneError);
        expect(await store.entries.find([hashOf(1)])).toEqual(new Map());
        await addCollection(store, 'c');
        await expect(store.images.put(newImage('c', 'one', 1), false, written)).rejects.toThrow(
          BytesGoneError,
        );
        expect(await store.images.find([{ collectionId: 'c', imageId: 'one' }])).toEqual([null]);
        expect(await problems()).toEqual([]);
      });

      it('that a sweeper is just claiming wait for it, and begin again', async () => {
        const { store } = gateway;
        await insert(store, newEntry(1));
        await store.entries.delete(hashOf(1));
        await other.query('begin');
        await other.query(`delete from blobs where content_hash = ${bytesOf(1)} and refs = 0`);
        const stored = store.entries.insert(newEntry(1)).catch((error: unknown) => error);
        await untilSomebodyWaits();
        await other.query('commit');
        expect(await stored).toBeInstanceOf(BytesGoneError);
        expect(await problems()).toEqual([]);
      });

      it('that a row comes to need are not claimed', async () => {
        const { store } = gateway;
        await insert(store, newEntry(1));
        const place = (await store.blobs.findPlace(hashOf(1)))!;
        await store.entries.delete(hashOf(1));
        await other.query('begin');
        await other.query(`update blobs set refs = 1, released_at = null where content_hash = ${bytesOf(1)}`);
        const claimed = store.blobs.claim(hashOf(1), place);
        await untilSomebodyWaits();
        await other.query('commit');
        expect(await claimed).toBe(false);
      });

      it('that two write at once keep one place, and the other is garbage', async () => {
        const { store } = gateway;
        const [first, second] = [await writeBytes(store, hashOf(1)), await writeBytes(store, hashOf(1))];
        expect(first.place).not.toBe(second.place);
        await store.entries.insert(newEntry(1), first);
        await addCollection(store, 'c');
        await store.images.put(newImage('c', 'one', 1), false, second);
        expect(await store.blobs.findPlace(hashOf(1))).toBe(first.place);
        expect(await store.blobs.findReleased(0, 10)).toEqual([
          { contentHash: hashOf(1), place: second.place },
        ]);
        expect(await store.blobs.claim(hashOf(1), first.place)).toBe(false);
        expect(await problems()).toEqual([]);
      });

      it('of a writer who comes later than a sweeper are found again, when the row has others by now', async () => {
        const { store } = gateway;
        await addCollection(store, 'c');
        const late = [await writeBytes(store, hashOf(1)), await writeBytes(store, hashOf(1))];
        for (const { place } of late) {
          expect(await store.blobs.claim(hashOf(1), place)).toBe(true);
          await store.blobs.forget(hashOf(1), place);
        }
        await insert(store, newEntry(1));
        await store.images.put(newImage('c', 'one', 1), false);
        expect((await store.entries.insert(newEntry(1, { url: 'b' }), late[0])).status).toBe('URL_ADDED');
        expect((await store.images.put(newImage('c', 'one', 1), true, late[1])).status).toBe('UNCHANGED');
        const released = (await store.blobs.findReleased(0, 10)).map(({ place }) => place);
        expect(released.toSorted()).toEqual(late.map(({ place }) => place).toSorted());
        expect(await problems()).toEqual([]);
      });

      it('that two find lost are replaced once', async () => {
        const { store } = gateway;
        await insert(store, newEntry(1));
        const lost = (await store.blobs.findPlace(hashOf(1)))!;
        const [first, second] = [await writeBytes(store, hashOf(1)), await writeBytes(store, hashOf(1))];
        expect([first.replaces, second.replaces]).toEqual([lost, lost]);
        expect((await store.entries.insert(newEntry(1), first)).status).toBe('UNCHANGED');
        expect((await store.entries.insert(newEntry(1, { url: 'b' }), second)).status).toBe('URL_ADDED');
        expect(await store.blobs.findPlace(hashOf(1))).toBe(first.place);
        const released = (await store.blobs.findReleased(0, 10)).map(({ place }) => place);
        expect(released.toSorted()).toEqual([lost, second.place].toSorted());
        expect(await problems()).toEqual([]);
      });
    });
  },
);
