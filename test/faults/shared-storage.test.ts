import pg from 'pg';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { after, type Behaviour, neverAnswer, resetBeforeHead } from '../fakes/faulty-server.js';
import { object, partOf, s3Error } from '../fakes/s3-behaviours.js';
import { until } from '../harness/patience.js';
import { type DatabaseServer, postgresMissing } from '../harness/postgres.js';
import { sharePostgres } from '../harness/run-servers.js';
import { type SharedGateway, startSharedGateway } from './shared-gateway.js';
import { type Needs, OPERATIONS } from './shared-operations.js';

/** As is promised of any operation and of `/ready`, while something fails and then. */
const [FAILED_WITHIN_MS, RECOVERED_WITHIN_MS] = [20_000, 40_000];

interface Fault {
  name: string;
  /** What fails: operations that need it. The others work. */
  hits: readonly Needs[];
  /** Whether what it hits may succeed all the same. */
  mayPass?: boolean;
  /** Whether `/ready` tells of it. */
  isReady: boolean;
  /** In the URL of the database. */
  parameters?: string;
  /** @returns what ends it */
  begin(gateway: SharedGateway): Promise<() => Promise<unknown>>;
}

const ALL: Needs[] = ['ROWS', 'NEW_ROWS', 'BYTES', 'NEW_BYTES'];
const WRITES: Needs[] = ['NEW_ROWS', 'NEW_BYTES'];
const OBJECTS: Needs[] = ['BYTES', 'NEW_BYTES'];

/** The object store behaves so. */
const objects = (behaviour: (gateway: SharedGateway) => Behaviour) => async (gateway: SharedGateway) => {
  gateway.objects.behave(behaviour(gateway));
  return async () => gateway.objects.behave(gateway.s3.behaviour);
};

/** Of what is read, other bytes come, or not all of them; all else is as it should be. */
const bodies =
  (other: (body: Buffer) => Behaviour) =>
  ({ s3 }: SharedGateway): Behaviour =>
  (exchange) => {
    const { method, path } = exchange.request;
    const body = s3.objects.get(path);
    return (method === 'GET' && body ? other(body) : s3.behaviour)(exchange);
  };

const TABLES = ['entries', 'images', 'collections'];

// biome-ignore format: a table
const FAULTS: Fault[] = [
  { name: 'database: down', hits: ALL, isReady: false, begin: async ({ database }) => {
    await database.turn('REFUSE');
    return () => database.turn('PASS');
  } },
  { name: 'database: stalls', hits: ALL, isReady: false, begin: async ({ database }) => {
    await database.turn('STALL');
    return () => database.turn('PASS');
  } },
  { name: 'database: slow', hits: ALL, mayPass: true, isReady: true, begin: async ({ database }) => {
    database.delayMs = 200;
    return async () => { database.delayMs = 0; };
  } },
  { name: 'database: reset mid-transaction', hits: WRITES, isReady: true, begin: async ({ database }) => {
    database.resetsAt = (piece) => piece.includes('insert into');
    return async () => { database.resetsAt = () => false; };
  } },
  { name: 'database: pool exhausted', hits: ALL, isReady: false, parameters: '?max=2', begin: lockTables },
  { name: 'database: disk full (53100)', hits: WRITES, isReady: true, begin: raise('53100') },
  { name: 'database: read-only (25006)', hits: WRITES, isReady: false, begin: async (gateway) => {
    await gateway.query(`alter role ${gateway.role} set default_transaction_read_only = on`);
    await gateway.disconnect();
    return () => gateway.query(`alter role ${gateway.role} reset default_transaction_read_only`);
  } },
  { name: 'database: connections (53300)', hits: ALL, isReady: false, begin: async (gateway) => {
    await gateway.query(`alter role ${gateway.role} connection limit 0`);
    await gateway.disconnect();
    return () => gateway.query(`alter role ${gateway.role} connection limit -1`);
  } },
  { name: 'S3: down', hits: OBJECTS, isReady: false, begin: async (gateway) => {
    await gateway.objects.leave();
    return () => gateway.objects.comeBack();
  } },
  { name: 'S3: never answers', hits: OBJECTS, isReady: false, begin: objects(() => neverAnswer) },
  { name: 'S3: slow', hits: OBJECTS, mayPass: true, isReady: true, begin: objects(({ s3 }) => after(500, s3.behaviour)) },
  { name: 'S3: resets', hits: OBJECTS, isReady: false, begin: objects(() => resetBeforeHead) },
  { name: 'S3: 503 SlowDown', hits: OBJECTS, isReady: false, begin: objects(() => s3Error(503, 'SlowDown')) },
  { name: 'S3: 403', hits: OBJECTS, isReady: false, begin: objects(() => s3Error(403, 'InvalidAccessKeyId')) },
  { name: 'S3: stalled body', hits: ['BYTES'], isReady: true, begin: objects(bodies((body) => partOf(body, 100, () => {}))) },
  { name: 'S3: wrong bytes', hits: ['BYTES'], isReady: true, begin: objects(bodies((body) => object(Buffer.alloc(body.length)))) },
];

async function lockTables({ query }: SharedGateway): Promise<() => Promise<unknown>> {
  const [row] = await query<{ port: number; name: string }>(
    "select current_setting('port')::int as port, current_database() as name",
  );
  const client = new pg.Client(`postgres://lookalike@127.0.0.1:${row!.port}/${row!.name}`);
  await client.connect();
  await client.query(`begin; lock table ${TABLES.join(', ')}, collection_keys in access exclusive mode`);
  return () => client.end();
}

/** As the server itself would, where it has no room for a row. */
function raise(sqlState: string) {
  return async ({ query }: SharedGateway) => {
    await query(`create function fail() returns trigger language plpgsql as $$ begin
      raise exception 'could not extend file "base/1/2"' using errcode = '${sqlState}'; end $$`);
    for (const table of TABLES)
      await query(`create trigger fail before insert on ${table} for each row execute function fail()`);
    return () => query('drop function fail() cascade');
  };
}

const FAILURE = /^(SERVICE_(UNAVAILABLE|TIMEOUT)|(Partial )?ServiceError (UNAVAILABLE|TIMEOUT)|503|504)$/;

let server: DatabaseServer;
const cells: string[] = [];

vi.setConfig({ maxConcurrency: 3 });

describe
  .skipIf(postgresMissing)
  .concurrent(`A gateway whose storage fails${postgresMissing ? ` (${postgresMissing})` : ''}`, () => {
    beforeAll(async () => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'hunter2');
      server = await sharePostgres();
    });
    afterAll(async () => {
      vi.unstubAllEnvs();
      await server.stop();
      process.stdout.write(`\nA gateway on PostgreSQL and S3:\n${cells.sort().join('\n')}\n`);
    });

    it.for(FAULTS)('$name', async (fault, { expect }) => {
      const gateway = await startSharedGateway(server, fault.parameters);
      try {
        // Also so that its threads have started: a busy machine takes long for that.
        for (const operation of OPERATIONS)
          expect.soft((await operation.run(gateway)).code, `${operation.name}, before`).toBe('OK');
        const end = await fault.begin(gateway);
        await Promise.all([
          ...OPERATIONS.map(async (operation) => {
            const startedAt = performance.now();
            const { code, text } = await operation.run(gateway);
            const cell = `  ${fault.name.padEnd(34)}${operation.name.padEnd(20)}`;
            cells.push(cell + code);
            const isHit = fault.hits.includes(operation.needs);
            if (isHit && code !== 'OK')
              expect.soft(performance.now() - startedAt, cell).toBeLessThan(FAILED_WITHIN_MS);
            const cutOff = operation.needs === 'BYTES' && fault.isReady && code === 'CUT OFF';
            const asWanted = isHit
              ? FAILURE.test(code) || cutOff || (fault.mayPass && code === 'OK')
              : code === 'OK';
            expect.soft(asWanted, `${cell}${code} ${text.slice(0, 300)}`).toBe(true);
            expect.soft(text, cell).not.toMatch(/hunter2|127\.0\.0\.1|\.js:|could not extend/);
          }),
          fault.isReady || untilReady(gateway, 503),
        ]);
        expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
        await end();
        await untilReady(gateway, 200);
        for (const operation of OPERATIONS)
          expect.soft((await operation.run(gateway)).code, `${operation.name}, afterwards`).toBe('OK');
        expect(await gateway.halves()).toEqual([]);
        expect(gateway.reported).toEqual([]);
        expect(gateway.log.text).not.toMatch(/"stack"|hunter2/);
      } finally {
        await gateway.close();
      }
    });
  });

/** While the process lives all the time. */
async function untilReady({ url }: SharedGateway, status: 200 | 503): Promise<void> {
  await until(
    async () => {
      const answer = await fetch(`${url}/ready`);
      await answer.body?.cancel();
      return answer.status === status;
    },
    () => `/ready does not say ${status}.`,
    status === 503 ? FAILED_WITHIN_MS : RECOVERED_WITHIN_MS,
  );
}
