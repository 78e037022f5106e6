import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewEntry } from '#src/embedded/store/entry-store.js';
import { MIGRATIONS, type Migration } from '#src/embedded/store/postgres/migrate.js';
import {
  type OpenPostgres,
  openPostgresEntryRows,
  openPostgresStore,
} from '#src/embedded/store/postgres/open.js';
import type { HashRow, HashRows, Position } from '#src/embedded/store/rows.js';
import type { Store } from '#src/embedded/store/store.js';
import { createDatabase, type DatabaseServer, postgresMissing } from '../../../harness/postgres.js';
import { sharePostgres } from '../../../harness/run-servers.js';
import { hashOf, insert, newEntry, writeBytes } from '../contract/stores.js';
import { OLDER_VERSION, OlderGateway } from './older-gateway.js';

const TABLES = ['entries', 'entry_urls', 'blobs', 'blob_garbage', 'changes'];
const COUNT = 50;

describe.skipIf(postgresMissing)(
  `The database of a version before buckets${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: DatabaseServer;
    let url: string;
    let older: OlderGateway;

    beforeAll(async () => {
      server = await sharePostgres();
    });
    afterAll(() => server.stop());

    /** Entries with one URL and with two, with a hash and without, and some that have gone, the last one among them. */
    beforeEach(async () => {
      url = await createDatabase(server);
      older = new OlderGateway(url);
      await older.start();
      for (let n = 0; n < COUNT; n++) {
        await older.store({
          contentHash: hashOf(n),
          url: `https://x.example/${n}`,
          hash: n % 3 ? [n, -n] : null,
        });
        if (n % 4 === 0) await older.store({ contentHash: hashOf(n), url: 'https://x.example/shared' });
      }
      for (const n of [7, COUNT - 1]) await older.delete(hashOf(n));
      return () => older.close();
    });

    const rowsOfBefore = async () => {
      const rows: Record<string, unknown> = {};
      for (const table of TABLES) rows[table] = await older.query(`select * from ${table} order by 1, 2, 3`);
      return rows;
    };

    const added = { bucket: '', prefix: null, meta: null, retrieved_at: null };

    it('has the same rows afterwards, and new ones get later numbers', async () => {
      const before = await rowsOfBefore();
      const [{ last }] = (await older.query('select last_value::int as last from entries_seq_seq')) as [
        { last: number },
      ];
      const { store, close } = await openPostgresStore(url);
      const withColumns = (rows: unknown, more: object) =>
        (rows as object[]).map((row) => ({ ...row, ...more }));
      expect(await rowsOfBefore()).toEqual({
        ...before,
        entries: withColumns(before.entries, added),
        entry_urls: withColumns(before.entry_urls, { bucket: '' }),
        blobs: withColumns(before.blobs, { blake3: null }),
      });
      await insert(store, newEntry(1000));
      await insertIn('b', store, newEntry(1001));
      const seqs = await older.query('select seq::int, bucket from all_entries where seq > $1 order by seq', [
        last,
      ]);
      expect(seqs.map(({ bucket }) => bucket)).toEqual(['', 'b']);
      await close();
    });

    it('is as it was when the connection is lost before the end, and is brought up to date by the next', async () => {
      const before = await rowsOfBefore();
      const buckets = MIGRATIONS[OLDER_VERSION]!;
      const cutOff: Migration = {
        ...buckets,
        async up(transaction) {
          await buckets.up(transaction);
          const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
          await older.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
        },
      };
      await expect(older.start([...MIGRATIONS.slice(0, OLDER_VERSION), cutOff])).rejects.toThrow();
      expect(await rowsOfBefore()).toEqual(before);
      expect(await older.query('select version from lookalike_version')).toEqual([
        { version: OLDER_VERSION },
      ]);
      expect(await older.store({ contentHash: hashOf(2000), url: 'after' })).toBe(true);
      await (await openPostgresStore(url)).close();
      expect(await older.query('select version from lookalike_version')).toEqual([
        { version: MIGRATIONS.length },
      ]);
    });

    it('keeps what was prepared of it beforehand', async () => {
      for (const statement of PREPARED) await older.query(statement);
      expect(await older.store({ contentHash: hashOf(2000), url: 'between' })).toBe(true);
      const made = await older.query('select oid::int from pg_class where relname = any($1) order by oid', [
        INDEXES,
      ]);
      await (await openPostgresStore(url)).close();
      expect(made).toHaveLength(INDEXES.length);
      expect(
        await older.query('select oid::int from pg_class where relname = any($1) order by oid', [INDEXES]),
      ).toEqual(made);
      expect(await older.find(hashOf(2000))).toMatchObject([added]);
    });

    describe('brought up to date while gateways of it run', () => {
      let gateway: OpenPostgres;
      beforeEach(async () => {
        gateway = await openPostgresStore(url);
        return () => gateway.close();
      });

      async function problems(): Promise<unknown[]> {
        const found: unknown[] = [];
        const { audit } = gateway.store;
        for (const batches of [audit.wrongCounts(), audit.urlsWithoutEntry(), audit.entriesWithoutUrl()])
          for await (const rows of batches) found.push(...rows);
        return found;
      }

      it('lets them store, name and delete, which the newer ones find', async () => {
        const { entries } = gateway.store;
        expect(await older.store({ contentHash: hashOf(2000), url: 'a' })).toBe(true);
        expect(await older.store({ contentHash: hashOf(2000), url: 'b' })).toBe(false);
        expect(await entries.findUrls([hashOf(2000)])).toEqual(new Map([[hashOf(2000), ['a', 'b']]]));
        expect((await entries.insert(newEntry(2000, { url: 'a' }))).status).toBe('UNCHANGED');
        expect(await older.delete(hashOf(2000))).toBe(true);
        expect(await entries.find([hashOf(2000)])).toEqual(new Map());
        await insert(gateway.store, newEntry(2001, { prefix: 'p', meta: { of: 'it' } }));
        expect(await older.store({ contentHash: hashOf(2001), url: 'older' })).toBe(false);
        expect((await entries.find([hashOf(2001)])).get(hashOf(2001))).toMatchObject({
          prefix: 'p',
          urls: null,
        });
        expect(await problems()).toEqual([]);
      });

      it('keeps the entries of other buckets from them, and the bytes that these need', async () => {
        const { store } = gateway;
        await insertIn('b', store, newEntry(1));
        await insertIn('b', store, newEntry(2000));
        expect(await older.find(hashOf(2000))).toEqual([]);
        expect(await older.delete(hashOf(2000))).toBe(false);
        expect(await older.delete(hashOf(1))).toBe(true);
        expect(await older.store({ contentHash: hashOf(2000), url: 'older' })).toBe(true);
        expect(await older.delete(hashOf(2000))).toBe(true);
        for (const n of [1, 2000]) {
          expect((await store.entries.inBucket('b').findUrls([hashOf(n)])).get(hashOf(n))).toHaveLength(1);
          expect(await store.blobs.claim(hashOf(n), (await store.blobs.findPlace(hashOf(n)))!)).toBe(false);
        }
        expect(await problems()).toEqual([]);
      });

      it('lets searches follow what both write, each row in its bucket', async () => {
        const rows = openPostgresEntryRows(url);
        const followed = new Map<number, HashRow>();
        let position = await follow(rows.hashes, null, followed);
        const find = async (bucket: string) => {
          position = await follow(rows.hashes, position, followed);
          return [...followed.values()].filter((row) => row[1] === bucket).length;
        };
        const before = await find('');
        await older.store({ contentHash: hashOf(2000), url: 'a', hash: [1, 2] });
        await insertIn('b', gateway.store, newEntry(2000, { perceptualHash: '00000000000000ff' }));
        await insertIn('ß', gateway.store, newEntry(1, { perceptualHash: '00000000000000ff' }));
        expect([await find(''), await find('b'), await find('ß')]).toEqual([before + 1, 1, 1]);
        await older.delete(hashOf(2000));
        await gateway.store.entries.inBucket('ß').delete(hashOf(1));
        expect([await find(''), await find('b'), await find('ß')]).toEqual([before, 1, 0]);
        await rows.close();
      });

      it('lets them start until something is in another bucket', async () => {
        await older.start();
        await insert(gateway.store, newEntry(2000));
        await older.start();
        await insertIn('b', gateway.store, newEntry(2000));
        await expect(older.start()).rejects.toThrow(/too old/);
        // Whoever runs goes on.
        expect(await older.store({ contentHash: hashOf(2001), url: 'a' })).toBe(true);
        await (await openPostgresStore(url)).close();
      });
    });
  },
);

/** What docs/scaling.md has operators of large databases do beforehand. */
const PREPARED = preparedStatements();
const INDEXES = ['entries_prefix', 'blobs_blake3', 'blobs_without_blake3'];

function preparedStatements(): string[] {
  const docs = readFileSync(new URL('../../../../docs/scaling.md', import.meta.url), 'utf8');
  const section = docs.slice(docs.indexOf('For buckets and the BLAKE3 of bytes'));
  const [, block] = /```sql\n([^`]*)```/.exec(section)!;
  return block!.split(/;\s*/).filter((statement) => statement !== '');
}

async function insertIn(bucket: string, store: Store, entry: NewEntry): Promise<void> {
  await store.entries.inBucket(bucket).insert(entry, await writeBytes(store, entry.contentHash));
}

async function follow(
  rows: HashRows,
  after: Position | null,
  followed: Map<number, HashRow>,
): Promise<Position> {
  for (let position = after; ; ) {
    const changes = await rows.changes(position, 7);
    for (const row of changes.added) followed.set(row[0], row);
    for (const seq of changes.deletedSeqs) followed.delete(seq);
    position = changes.position;
    if (!changes.more) return position;
  }
}
