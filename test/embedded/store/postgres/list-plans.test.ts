import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tablesOf } from '#src/embedded/store/postgres/bucket-tables.js';
import { ofUrls, properties, where } from '#src/embedded/store/postgres/entry-filter.js';
import { behind, inFrontOf, inOrder } from '#src/embedded/store/postgres/entry-order.js';
import { type OpenPostgres, openPostgresStore } from '#src/embedded/store/postgres/open.js';
import type { EntryOrder } from '#src/services/entry-order.js';
import type { EntryFilter } from '#src/services/entry-query.js';
import { createDatabase, type DatabaseServer, postgresMissing } from '../../../harness/postgres.js';
import { sharePostgres } from '../../../harness/run-servers.js';

const COUNT = 20_000;
/** Of many buckets that are as large as each other. */
const BUCKET = 'bucket 3';

describe.skipIf(postgresMissing)(`Plans of lists${postgresMissing ? ` (${postgresMissing})` : ''}`, () => {
  let server: DatabaseServer;
  let opened: OpenPostgres;

  beforeAll(async () => {
    server = await sharePostgres();
    opened = await openPostgresStore(await createDatabase(server));
    const hash = `sha256(i::text::bytea)`;
    for (const statement of [
      `insert into blobs (content_hash, refs, place) select ${hash}, 1, i from generate_series(1, ${COUNT}) as i`,
      `insert into entries (content_hash, url, content_type, file_size_bytes, width, height, hash_high, hash_low,
         client_name, lookup_time, created_at)
       select ${hash}, 'u', 'image/png', i, i, i, 1, 1, 'client ' || i % 50, now(), now() - i * interval '1 s'
       from generate_series(1, ${COUNT}) as i`,
      `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
       select ${hash}, 'https://h' || i % 1000 || '.example/' || i, ${hash}, 'c', now(), now()
       from generate_series(1, ${COUNT}) as i`,
      `insert into bucket_entries (bucket, prefix, content_hash, url, content_type, file_size_bytes, width, height,
         hash_high, hash_low, client_name, lookup_time, created_at)
       select 'bucket ' || i % 20, 'prefix ' || i % 1000, ${hash}, 'u', 'image/png', i, i, i, i, i, 'client ' || i % 50,
         now(), now() - i * interval '1 s'
       from generate_series(1, ${COUNT}) as i`,
      `insert into bucket_entry_urls (bucket, content_hash, url, url_hash, client_name, lookup_time, created_at)
       select 'bucket ' || i % 20, ${hash}, 'https://h' || i % 1000 || '.example/' || i, ${hash}, 'c', now(), now()
       from generate_series(1, ${COUNT}) as i`,
      ...['entries', 'entry_urls', 'bucket_entries', 'bucket_entry_urls'].map((table) => `analyze ${table}`),
    ])
      await sql.raw(statement).execute(opened.db);
  });

  afterAll(async () => {
    await opened?.close();
    await server?.stop();
  });

  async function planOf(query: RawBuilder<unknown>): Promise<string> {
    const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${query}`.execute(opened.db);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  const place = {
    createdAt: '2024-01-01T00:00:00.005000Z',
    fileSizeBytes: 5000,
    contentHash: 'f'.repeat(64),
  };

  it.each([
    ['NEWEST_FIRST', '', 'entries_created'],
    ['OLDEST_FIRST', '', 'entries_created'],
    ['LARGEST_FIRST', '', 'entries_size'],
    ['SMALLEST_FIRST', '', 'entries_size'],
    ['NEWEST_FIRST', BUCKET, 'bucket_entries_created'],
    ['OLDEST_FIRST', BUCKET, 'bucket_entries_created'],
    ['LARGEST_FIRST', BUCKET, 'bucket_entries_size'],
    ['SMALLEST_FIRST', BUCKET, 'bucket_entries_size'],
  ] satisfies [EntryOrder, string, string][])(
    'a page in the order %s of the bucket "%s" is read off %s',
    async (order, bucket, index) => {
      const { entries, isIn } = tablesOf(bucket);
      for (const bounds of [[], [behind(order, place)], [inFrontOf(order, place)]]) {
        const plan = await planOf(
          sql`select * from ${entries} ${where([isIn(), ...bounds])} order by ${inOrder(order)} limit 20`,
        );
        expect(plan).toMatch(new RegExp(`Index Scan (Backward )?using ${index} on (bucket_)?entries`));
        expect(plan).not.toMatch(/Sort|Seq Scan/);
      }
    },
  );

  it.each([
    [{ clientNames: ['nobody', 'none'] }, 'entries_client'],
    [{ contentTypes: ['video/*', 'text/plain'] }, 'entries_type'],
    [{ minWidth: COUNT - 5 }, 'entries_width'],
    [{ minHeight: COUNT - 5 }, 'entries_height'],
    [{ hasPerceptualHash: false }, 'entries_hash_high'],
    [{ prefix: 'prefix 3' }, 'entries_prefix'],
  ] satisfies [EntryFilter, string][])(
    'what few meet is found off an index: %j by %s',
    async (filter, index) => {
      const conditions = properties(filter).map(({ condition }) => condition);
      for (const [bucket, prefix] of [
        ['', ''],
        [BUCKET, 'bucket_'],
      ] as const) {
        const { entries, isIn } = tablesOf(bucket);
        const found = sql`select content_hash from ${entries} ${where([isIn(), ...conditions])} limit 10001`;
        expect(await planOf(found)).toContain(`${prefix}${index}`);
      }
    },
  );

  it('entries of a host are found off an index', async () => {
    const conditions = ofUrls({ urlHost: 'h5.example' });
    for (const [bucket, index] of [
      ['', 'entry_urls_host'],
      [BUCKET, 'bucket_entry_urls_host'],
    ] as const) {
      const { urls, isIn } = tablesOf(bucket);
      const all = where([isIn(), ...conditions]);
      const plan = await planOf(sql`select content_hash from ${urls} as entry_urls ${all} limit 10001`);
      expect(plan).toContain(index);
    }
  });
});
