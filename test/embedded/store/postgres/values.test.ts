import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueTypes } from '#src/embedded/store/postgres/values.js';
import { createDatabase, type DatabaseServer, postgresMissing } from '../../../harness/postgres.js';
import { randomRuns } from '../../../harness/repetitions.js';
import { sharePostgres } from '../../../harness/run-servers.js';

describe.skipIf(postgresMissing)(
  `Values of PostgreSQL${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: DatabaseServer;
    let client: pg.Client;
    beforeAll(async () => {
      server = await sharePostgres();
      client = new pg.Client({ connectionString: await createDatabase(server), types: valueTypes });
      await client.connect();
    });
    afterAll(async () => {
      await client.end();
      await server.stop();
    });

    it('keep each microsecond, whatever the time zone of the session', async () => {
      const zone = fc.constantFrom(
        'UTC',
        'America/New_York',
        'Asia/Kathmandu',
        'Pacific/Kiritimati',
        'Europe/Amsterdam',
      );
      // From the first to the last microsecond that a Timestamp has.
      const time = fc
        .bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
        .map((micros) => {
          const seconds = micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n);
          const rest = micros - seconds * 1_000_000n;
          return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${String(rest).padStart(6, '0')}Z`;
        });
      const edges = fc.constantFrom(
        '0001-01-01T00:00:00.000000Z',
        '9999-12-31T23:59:59.999999Z',
        '1900-01-01T00:00:00.000001Z',
      );
      await fc.assert(
        fc.asyncProperty(zone, fc.oneof(time, edges), async (timeZone, given) => {
          await client.query('select set_config($1, $2, false)', ['TimeZone', timeZone]);
          const { rows } = await client.query('select $1::timestamptz as time', [given]);
          expect(rows).toEqual([{ time: given }]);
        }),
        { numRuns: randomRuns(300) },
      );
    });

    it('are numbers where they count', async () => {
      const { rows } = await client.query(
        'select count(*) as count, 9007199254740991::bigint as big, sum(1::bigint) as sum, null::bigint as none',
      );
      expect(rows).toEqual([{ count: 1, big: Number.MAX_SAFE_INTEGER, sum: 1, none: null }]);
    });
  },
);
