import { readdirSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '#src/embedded/store/postgres/migrate.js';
import { openPostgresReader, openPostgresStore } from '#src/embedded/store/postgres/open.js';
import { TablesVersionError } from '#src/embedded/store/tables-version-error.js';
import {
  bouncerMissing,
  createDatabase,
  postgresMissing,
  startBouncer,
  startPostgres,
  type TestServer,
} from '../../../harness/postgres.js';
import { insert, newEntry } from '../contract/stores.js';

const MIGRATIONS = new URL('../../../../src/embedded/store/postgres/migrations/', import.meta.url);
/** The number of migrations. */
const VERSION = readdirSync(MIGRATIONS).length;

describe.skipIf(postgresMissing)(
  `Tables in PostgreSQL${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: TestServer;
    let url: string;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());
    beforeEach(async () => {
      url = await createDatabase(server);
    });

    async function query(text: string): Promise<pg.QueryResult> {
      const client = new pg.Client(url);
      await client.connect();
      try {
        return await client.query(text);
      } finally {
        await client.end();
      }
    }

    it('are made once by gateways that start at the same time', async () => {
      const opened = await Promise.all(Array.from({ length: 5 }, () => openPostgresStore(url)));
      for (const { store } of opened) await store.entries.ping();
      await Promise.all(opened.map((one) => one.close()));
      expect((await query('select version, minimum from lookalike_version')).rows).toEqual([
        { version: VERSION, minimum: 1 },
      ]);
    });

    it.skipIf(bouncerMissing)('are made through a bouncer, of which no lock stays', async () => {
      const bouncer = await startBouncer(server);
      const through = bouncer.through(url);
      for (let i = 0; i < 5; i++) await (await openPostgresStore(through)).close();
      expect((await query("select * from pg_locks where locktype = 'advisory'")).rows).toEqual([]);
      await bouncer.stop();
    });

    it('stay as they are where a newer gateway has only added to them', async () => {
      await (await openPostgresStore(url)).close();
      await query('update lookalike_version set version = 99; alter table all_entries add column more text');
      for (const open of [openPostgresStore, openPostgresReader]) {
        const { store, close } = await open(url);
        await insert(store, newEntry(Math.random()));
        await close();
      }
      expect((await query('select version, minimum from lookalike_version')).rows).toEqual([
        { version: 99, minimum: 1 },
      ]);
    });

    it('are refused in one line by a gateway that is too old for them', async () => {
      await (await openPostgresStore(url)).close();
      await query('update lookalike_version set version = 99, minimum = 98');
      for (const open of [openPostgresStore, openPostgresReader]) {
        await expect(open(url)).rejects.toThrow(TablesVersionError);
        await expect(open(url)).rejects.toThrow(/^DATABASE_URL: .*newer version.*$/);
      }
    });

    it('are refused in one line by a command, where there are none or older ones', async () => {
      await expect(openPostgresReader(url)).rejects.toThrow(/^DATABASE_URL: .*no tables.*$/);
      await (await openPostgresStore(url)).close();
      await query('update lookalike_version set version = 0, minimum = 0');
      await expect(openPostgresReader(url)).rejects.toThrow(/^DATABASE_URL: .*older version.*$/);
    });

    it('are changed whole or not at all', async () => {
      const { db, close } = await openPostgresStore(url);
      const before = (await query('select * from lookalike_version')).rows;
      const first = { up: async () => {}, minimum: 1 };
      const done = Array<typeof first>(VERSION).fill(first);
      const second = {
        minimum: 1,
        async up(transaction: typeof db) {
          await transaction.schema.createTable('half').addColumn('a', 'integer').execute();
        },
      };
      const third = {
        minimum: 1,
        async up() {
          throw new Error('no further');
        },
      };
      await expect(migrate(db, [...done, second, third])).rejects.toThrow('no further');
      expect((await query("select to_regclass('half') as half")).rows).toEqual([{ half: null }]);
      expect((await query('select * from lookalike_version')).rows).toEqual(before);
      await migrate(db, [...done, second, { ...first, minimum: 98 }]);
      expect((await query('select * from lookalike_version')).rows).toEqual([
        { version: VERSION + 2, minimum: 98 },
      ]);
      await expect(migrate(db, [first])).rejects.toThrow(TablesVersionError);
      await close();
    });

    it('serve statements that are prepared by name', async () => {
      const { store, close } = await openPostgresStore(`${url}?prepare=1`);
      for (let i = 0; i < 20; i++) await insert(store, newEntry(i));
      expect((await store.entries.find([newEntry(3).contentHash])).size).toBe(1);
      await close();
    });
  },
);
