import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { trimChanges } from '#src/embedded/store/postgres/change-feed.js';
import { PostgresHashRows } from '#src/embedded/store/postgres/hash-rows.js';
import { type OpenPostgres, openPostgresStore } from '#src/embedded/store/postgres/open.js';
import type { HashRow, Position } from '#src/embedded/store/rows.js';
import {
  createDatabase,
  postgresMissing,
  startPostgres,
  type TestServer,
} from '../../../harness/postgres.js';
import { insert, newEntry } from '../contract/stores.js';

describe.skipIf(postgresMissing)(
  `The feed of changes${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: TestServer;
    let url: string;
    let gateway: OpenPostgres;
    let other: pg.Client;
    let rows: PostgresHashRows;

    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());
    beforeEach(async () => {
      url = await createDatabase(server);
      gateway = await openPostgresStore(url);
      rows = new PostgresHashRows(gateway.db);
      other = new pg.Client(url);
      await other.connect();
      return async () => {
        await other.end();
        await gateway.close();
      };
    });

    /** Follows until there is no more. */
    async function follow(from: Position | null, limit = 1000) {
      const added: HashRow[] = [];
      const deleted: number[] = [];
      let position = from;
      let resets = 0;
      for (let more = true; more; ) {
        const changes = await rows.changes(position, limit);
        if (changes.reset) {
          resets++;
          added.length = 0;
          deleted.length = 0;
        }
        added.push(...changes.added);
        deleted.push(...changes.deletedSeqs);
        ({ position, more } = changes);
      }
      return {
        seqs: added.map(([seq]) => seq).toSorted((a, b) => a - b),
        deleted,
        position: position!,
        resets,
      };
    }

    /** The statement of a gateway that adds an entry, within a transaction that goes on. */
    async function insertUncommitted(number: number): Promise<void> {
      const text = `insert into blobs (content_hash, refs, place) values (sha256('${number}'), 1, '${number}')`;
      await other.query(text);
      await other.query(
        `with added as (
         insert into entries (content_hash, url, content_type, file_size_bytes, client_name, lookup_time, created_at,
           hash_high, hash_low)
         values (sha256('${number}'), 'u', 't', 1, 'c', now(), now(), ${number}, 0) returning seq)
       insert into changes (seq) select seq from added`,
      );
    }

    const withHash = (number: number) =>
      newEntry(number, { perceptualHash: number.toString(16).padStart(16, '0') });

    it('gives what was begun earlier and committed later', async () => {
      await other.query('begin');
      await insertUncommitted(1);
      await insert(gateway.store, withHash(2));
      const first = await follow(null);
      // The row of the transaction that goes on has the smaller seq.
      expect(first.seqs).toEqual([2]);
      await insert(gateway.store, withHash(3));
      const second = await follow(first.position);
      expect(second.seqs).toEqual([3]);
      await other.query('commit');
      const third = await follow(second.position);
      expect(third.seqs).toEqual([1]);
      expect((await follow(third.position)).seqs).toEqual([]);
    });

    it('gives what was acknowledged at once, whoever else has a transaction open', async () => {
      await other.query('begin');
      await insertUncommitted(1);
      let { position } = await follow(null);
      for (let number = 2; number < 20; number++) {
        await insert(gateway.store, withHash(number));
        const next = await follow(position);
        expect(next.seqs).toEqual([number]);
        ({ position } = next);
      }
      await other.query('rollback');
      expect((await follow(position)).seqs).toEqual([]);
    });

    it('gives everything once by whatever batches, while it is filled and after', async () => {
      for (let number = 1; number <= 10; number++) await insert(gateway.store, withHash(number));
      const half = await rows.changes(null, 4);
      expect(half).toMatchObject({ more: true, reset: false });
      await insert(gateway.store, withHash(11));
      const whole = await follow(half.position, 4);
      expect([...half.added.map(([seq]) => seq), ...whole.seqs].toSorted((a, b) => a - b)).toEqual(
        expect.arrayContaining([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
      );
      for (let number = 20; number < 30; number++) await insert(gateway.store, withHash(number));
      const more = await follow(whole.position, 3);
      expect(more.seqs).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
    });

    it('begins anew for those who followed before changes were forgotten, and for nobody else', async () => {
      await insert(gateway.store, withHash(1));
      const old = await follow(null);
      await insert(gateway.store, withHash(2));
      const recent = await follow(old.position);
      await trimChanges(gateway.db, 0);
      await insert(gateway.store, withHash(3));
      expect(await follow(recent.position)).toMatchObject({ seqs: [3], resets: 0 });
      expect(await follow(old.position)).toMatchObject({ seqs: [1, 2, 3], resets: 1 });
    });

    it('forgets nothing that a transaction could make somebody miss', async () => {
      await other.query('begin');
      await insertUncommitted(1);
      const before = await follow(null);
      await insert(gateway.store, withHash(2));
      await trimChanges(gateway.db, 0);
      // Else the copies of all gateways would begin anew, as long as that transaction lasts.
      const after = await follow(before.position);
      expect(after).toMatchObject({ seqs: [2], resets: 0 });
      await other.query('commit');
      expect(await follow(after.position)).toMatchObject({ seqs: [1], resets: 0 });
    });

    it('begins anew after a restore of the tables', async () => {
      await insert(gateway.store, withHash(1));
      const before = await follow(null);
      // As pg_restore --clean makes them anew.
      await other.query('alter table changes rename to old; create table changes (like old including all)');
      expect(await follow(before.position)).toMatchObject({ seqs: [1], resets: 1 });
    });

    it('forgets at a start what a restore from another cluster brought along', async () => {
      await insert(gateway.store, withHash(1));
      await other.query(`insert into changes (xact, seq) values ('999999999', 77)`);
      await other.query(`update changes_trimmed set horizon = '999999998'`);
      await (await openPostgresStore(url)).close();
      const { position } = await follow(null);
      expect(await follow(position)).toMatchObject({ seqs: [], deleted: [], resets: 0 });
    });

    it('begins anew in another cluster or history', async () => {
      await insert(gateway.store, withHash(1));
      const { position } = await follow(null);
      const { database, ...rest } = JSON.parse(position);
      const [system, timeline, table] = database.split('/');
      expect(timeline).toBe('00000001');
      for (const changed of [`1${system}/${timeline}/${table}`, `${system}/00000002/${table}`])
        expect(await follow(JSON.stringify({ database: changed, ...rest }))).toMatchObject({
          seqs: [1],
          resets: 1,
        });
    });
  },
);
