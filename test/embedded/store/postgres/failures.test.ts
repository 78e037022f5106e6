import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresHashRows } from '#src/embedded/store/postgres/hash-rows.js';
import {
  type OpenPostgres,
  openPostgresReader,
  openPostgresStore,
} from '#src/embedded/store/postgres/open.js';
import type { SqlReport } from '#src/embedded/store/sql-report.js';
import { StorageError } from '#src/services/storage-error.js';
import {
  createDatabase,
  postgresMissing,
  startPostgres,
  type TestServer,
} from '../../../harness/postgres.js';
import { addCollection, hashOf, insert, newEntry, newImage, writeBytes } from '../contract/stores.js';

/** Stands between a gateway and its database, and can cut them off. */
class Cable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Told of each piece on its way back; true cuts the connection instead. */
  cutsBefore: (response: Buffer) => boolean = () => false;

  private constructor(target: number) {
    this.#server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.on('data', (data) => far.write(data));
      far.on('data', (data) => {
        if (this.cutsBefore(data)) near.destroy();
        else near.write(data);
      });
    });
  }

  static async to(target: number): Promise<Cable> {
    const cable = new Cable(target);
    cable.#server.listen(0, '127.0.0.1');
    await once(cable.#server, 'listening');
    return cable;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Cuts all connections, and lets none be made. */
  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe.skipIf(postgresMissing)(
  `A database that fails${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: TestServer;
    let url: string;
    let cable: Cable;
    let gateway: OpenPostgres;
    const reports: SqlReport[] = [];

    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());
    beforeEach(async () => {
      url = await createDatabase(server);
      cable = await Cable.to(server.port);
      reports.length = 0;
      const between = url.replace(`:${server.port}/`, `:${cable.port}/`);
      gateway = await openPostgresStore(between, { onSql: (report) => reports.push(report) });
      return async () => {
        await gateway.close();
        await cable.close();
      };
    });

    /** Cuts the connection once, when the server says that a statement with this in its response is done. */
    function cutResponseOnce(part: string): void {
      let cut = false;
      cable.cutsBefore = (response) => {
        if (cut || !response.includes(part)) return false;
        cut = true;
        return true;
      };
    }

    it('is told in one sentence without a word of its own', async () => {
      await cable.close();
      const { store, hashIndex, urlSearch } = gateway;
      for (const call of [
        () => store.entries.find([hashOf(1)]),
        () => store.entries.insert(newEntry(1), { place: 'p' }),
        () => store.entries.delete(hashOf(1)),
        () => store.entries.ping(),
        () => store.images.put(newImage('c', 'i', 1), false, { place: 'p' }),
        () => store.images.delete({ collectionId: 'c', imageId: 'i' }),
        () => store.collections.list({ limit: 1 }),
        () =>
          store.collections.replaceKeys(
            'c',
            { publicKey: 'p', secretKey: 's' },
            '2024-01-01T00:00:00.000000Z',
          ),
        () => store.blobs.announce(hashOf(1)),
        () => store.audit.countNeededBytes(),
        () => hashIndex.candidates('', [{ hash: [0, 0, 0, 0], radius: 2 }], 10),
        () => urlSearch.searchUrls('', { order: 'NEWEST_FIRST', filter: { urlContains: 'x' } }),
        () => gateway.readFigures(),
      ]) {
        const error = await call().then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(StorageError);
        expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
        expect((error as Error).message).toMatch(/^The database [a-z ]+\.$/);
      }
    });

    it('is used again when it is back, and no connection that it ended', async () => {
      await insert(gateway.store, newEntry(1));
      await server.kill();
      await expect(gateway.store.entries.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await server.start();
      expect((await gateway.store.entries.find([hashOf(1)])).size).toBe(1);
    });

    it('loses no call to connections that it ends while these are idle', async () => {
      await gateway.store.entries.ping();
      const admin = new pg.Client(url);
      await admin.connect();
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      );
      await admin.end();
      expect(await gateway.store.entries.find([hashOf(1)])).toEqual(new Map());
    });

    it('has written what was committed before the connection was lost, and says so', async () => {
      const { store } = gateway;
      await addCollection(store, 'c');
      cutResponseOnce(hashOf(1));
      const written = await writeBytes(store, hashOf(1));
      const stored = await store.entries.insert(newEntry(1), written);
      expect(stored.status).toBe('CREATED');
      expect(await store.entries.insert(newEntry(1))).toEqual({ entry: stored.entry, status: 'UNCHANGED' });

      cutResponseOnce('lost id');
      const bytes = await writeBytes(store, hashOf(2));
      const { status, image } = await store.images.put(newImage('c', 'lost id', 2), false, bytes);
      expect(status).toBe('ADDED');

      const key = { collectionId: 'c', imageId: 'lost id' };
      expect(await store.images.find([key])).toEqual([image]);
      let looks = 0;
      // The first response with the id is that of the look at it, the second one that of the deletion.
      cable.cutsBefore = (response) => response.includes('lost id') && ++looks === 2;
      expect(await store.images.delete(key)).toEqual(image);
      expect(looks).toBe(2);
      cable.cutsBefore = () => false;
      expect(await store.images.delete(key)).toBeNull();
      const wrong: unknown[] = [];
      for await (const rows of store.audit.wrongCounts()) wrong.push(...rows);
      expect(wrong).toEqual([]);
    });

    it('has the durations of its statements reported', async () => {
      await insert(gateway.store, newEntry(1));
      await gateway.store.entries.find([hashOf(1)]);
      expect(reports.filter(({ kind }) => kind === 'WRITE').length).toBeGreaterThanOrEqual(2);
      expect(reports.at(-1)).toMatchObject({ kind: 'READ', durationMs: expect.any(Number) });
    });

    it('tells of its connections and of the oldest transaction', async () => {
      const other = new pg.Client(url);
      await other.connect();
      await other.query('begin');
      await other.query('select pg_current_xact_id()');
      await other.query('select pg_sleep(0.05)');
      await insert(gateway.store, newEntry(1));
      const figures = await gateway.readFigures();
      expect(figures.oldestTransactionSeconds).toBeGreaterThanOrEqual(0.05);
      expect(figures.snapshotLag).toBeGreaterThanOrEqual(1);
      expect(gateway.poolFigures()).toEqual({ total: 1, idle: 1, waiting: 0 });
      await other.end();
    });

    it.each([
      ['53100', 'UNAVAILABLE'],
      ['53300', 'UNAVAILABLE'],
      ['57P01', 'UNAVAILABLE'],
      ['25006', 'UNAVAILABLE'],
      ['08006', 'UNAVAILABLE'],
      ['57014', 'TIMEOUT'],
      ['55P03', 'TIMEOUT'],
    ])('is told of the error %s as %s', async (sqlState, code) => {
      const admin = new pg.Client(url);
      await admin.connect();
      await admin.query(
        `create function fail() returns trigger language plpgsql as $$ begin
         raise exception 'secret inside' using errcode = '${sqlState}'; end $$;
       create trigger fail before insert on entries for each row execute function fail()`,
      );
      await admin.end();
      const written = await writeBytes(gateway.store, hashOf(1));
      const error = await gateway.store.entries
        .insert(newEntry(1), written)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({ code, message: expect.not.stringContaining('secret') });
      expect(await gateway.store.entries.find([hashOf(1)])).toEqual(new Map());
    });
  },
);

describe.skipIf(postgresMissing)(`A start${postgresMissing ? ` (${postgresMissing})` : ''}`, () => {
  let server: TestServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = (await createDatabase(server)).replace('lookalike@', 'lookalike:S3cr3t@');
  });
  afterAll(() => server.stop());

  it.each([
    ['where nothing listens', (good: string) => good.replace(/:\d+\//, ':1/'), 'ECONNREFUSED'],
    [
      'by a name that nobody has',
      (good: string) => good.replace('127.0.0.1', 'nobody.invalid'),
      'nobody.invalid',
    ],
    ['without the database', (good: string) => good.replace(/test_\w+$/, 'nowhere'), 'no database "nowhere"'],
    ['as nobody', (good: string) => good.replace('lookalike:', 'nobody:'), '"nobody" does not exist'],
    ['by TLS, which the server does not have', (good: string) => `${good}?sslmode=require`, 'TLS'],
    ['without a socket', () => 'postgres://u:S3cr3t@localhost/d?host=/nowhere', 'ENOENT'],
  ])('%s is refused in one line', async (_, wrong, reason) => {
    for (const open of [openPostgresStore, openPostgresReader]) {
      const error = await open(wrong(url)).then(
        () => null,
        (refusal: unknown) => refusal,
      );
      expect((error as Error).message).toMatch(/^DATABASE_URL: .+$/);
      expect((error as Error).message).toContain(reason);
      expect((error as Error).message).not.toContain('S3cr3t');
    }
  });
});

describe.skipIf(postgresMissing)(`A standby${postgresMissing ? ` (${postgresMissing})` : ''}`, () => {
  it('is refused, and begins a history of its own once it is promoted', async () => {
    const primary = await startPostgres({ settings: 'max_wal_senders = 4' });
    const url = await createDatabase(primary);
    const first = await openPostgresStore(url);
    const standby = await primary.startStandby();
    const standbyUrl = url.replace(`:${primary.port}/`, `:${standby.port}/`);
    await expect(openPostgresStore(standbyUrl)).rejects.toThrow(/^DATABASE_URL: .*standby/);
    await standby.promote();
    const promoted = await openPostgresStore(standbyUrl);
    const databaseOf = async ({ db }: OpenPostgres) =>
      JSON.parse((await new PostgresHashRows(db).changes(null, 1)).position).database;
    expect(await databaseOf(promoted)).not.toBe(await databaseOf(first));
    await promoted.close();
    await first.close();
    await standby.stop();
    await primary.stop();
  });
});
