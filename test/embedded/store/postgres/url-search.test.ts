import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenPostgres, openPostgresStore } from '#src/embedded/store/postgres/open.js';
import { compareEntries, ENTRY_ORDERS, type EntryPosition } from '#src/services/entry-order.js';
import type { EntryQuery } from '#src/services/entry-query.js';
import { urlHost } from '#src/services/url-host.js';
import { createDatabase, type DatabaseServer, postgresMissing } from '../../../harness/postgres.js';
import { sharePostgres } from '../../../harness/run-servers.js';

const ENTRIES = 30_000;
const START = Date.parse('2025-01-01T00:00:00Z');

/** One of 30,000 entries with two URLs each: matches of `kind 1` are common, those of `rare` and `second` are not. */
function entryAt(index: number) {
  return {
    contentHash: ((index * 7919) % ENTRIES).toString(16).padStart(64, '0'),
    fileSizeBytes: index % 100,
    // Three of them at a time.
    createdAt: new Date(START + Math.floor(index / 3)).toISOString().replace('Z', '000Z'),
    urls: [
      `https://a.example/${index % 1999 === 0 ? 'RARE' : `kind ${index % 2}`}`,
      `https://${index % 6000 === 0 ? 'few' : 'b'}.example/${index % 1777 === 0 ? 'second' : 'other'}${index % 2500 === 0 ? 'Q~' : ''}`,
    ],
    clientName: index % 5000 === 0 ? 'seldom' : 'often',
  };
}

const entries = Array.from({ length: ENTRIES }, (_, index) => entryAt(index));

/** What the search must find. All is ASCII here. */
function filtered({ filter = {}, order, after, before, limit }: EntryQuery): EntryPosition[] {
  const compare = (a: EntryPosition, b: EntryPosition) => compareEntries(order, a, b);
  const { urlContains = '', urlHost: host, clientName, clientNames, createdFrom, createdBefore } = filter;
  return entries
    .filter(
      (entry) =>
        entry.urls.some((url) => url.toLowerCase().includes(urlContains.toLowerCase())) &&
        (host === undefined || entry.urls.some((url) => urlHost(url) === host)) &&
        (clientName === undefined || entry.clientName === clientName) &&
        (clientNames === undefined || clientNames.includes(entry.clientName)) &&
        (createdFrom === undefined || entry.createdAt >= createdFrom) &&
        (createdBefore === undefined || entry.createdAt < createdBefore) &&
        (after === undefined || compare(after, entry) < 0) &&
        (before === undefined || compare(entry, before) < 0),
    )
    .sort(compare)
    .slice(0, limit)
    .map((entry) => ({
      [ENTRY_ORDERS[order].by]: entry[ENTRY_ORDERS[order].by],
      contentHash: entry.contentHash,
    }));
}

describe.skipIf(postgresMissing)(
  `URLs of many slices${postgresMissing ? ` (${postgresMissing})` : ''}`,
  () => {
    let server: DatabaseServer;
    let gateway: OpenPostgres;

    beforeAll(async () => {
      server = await sharePostgres();
      const url = await createDatabase(server);
      gateway = await openPostgresStore(url);
      const client = new pg.Client(url);
      await client.connect();
      const rows = JSON.stringify(entries);
      const given = `json_to_recordset($1::json) as g ("contentHash" text, "createdAt" timestamptz, urls json, "clientName" text, "fileSizeBytes" bigint)`;
      await client.query(
        `insert into blobs (content_hash, refs, place) select decode("contentHash", 'hex'), 1, "contentHash" from ${given}`,
        [rows],
      );
      await client.query(
        `insert into entries (content_hash, url, content_type, file_size_bytes, client_name, lookup_time, created_at)
       select decode("contentHash", 'hex'), urls->>0, 'image/png', "fileSizeBytes", "clientName", "createdAt", "createdAt" from ${given}`,
        [rows],
      );
      await client.query(
        `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
       select decode("contentHash", 'hex'), url, sha256(url::bytea), 'c', "createdAt", "createdAt"
       from ${given}, json_array_elements_text(urls) as url`,
        [rows],
      );
      await client.end();
    });
    afterAll(async () => {
      await gateway.close();
      await server.stop();
    });

    const time = (index: number) => entries[index]!.createdAt;
    const filters: EntryQuery['filter'][] = [
      {},
      { urlContains: 'kind 1' },
      { urlContains: 'rare' },
      { urlContains: 'second' },
      { urlContains: 'q~' },
      { urlContains: 'zz' },
      { urlContains: 'no such' },
      { urlContains: 'example', clientName: 'seldom' },
      { urlContains: 'rare', clientName: 'seldom' },
      { urlContains: 'rare', createdFrom: time(6000), createdBefore: time(27_000) },
      { urlHost: 'few.example' },
      { urlHost: 'few.example', clientName: 'often' },
      { urlHost: 'a.example', createdBefore: time(9000) },
      { clientNames: ['seldom', 'nobody'], createdFrom: time(6000) },
    ];

    it.each(filters)(
      'are found by %j in each order, from each start, up to each limit',
      async (filter = {}) => {
        for (const order of ['NEWEST_FIRST', 'OLDEST_FIRST', 'LARGEST_FIRST', 'SMALLEST_FIRST'] as const) {
          const { createdAt, fileSizeBytes, contentHash } = entries[15_050]!;
          const after = { createdAt, fileSizeBytes, contentHash };
          const whole = order === 'NEWEST_FIRST' ? [{}, { after }] : [];
          for (const more of [...whole, { limit: 5 }, { limit: 7, after }, { limit: 7, before: after }]) {
            const one: EntryQuery = { filter, order, ...more };
            expect(await gateway.urlSearch.searchUrls('', one)).toEqual(filtered(one));
          }
        }
      },
    );

    it('are searched no further once the request has gone', async () => {
      const controller = new AbortController();
      const query: EntryQuery = { filter: { urlContains: 'no such' }, order: 'NEWEST_FIRST' };
      const search = gateway.urlSearch.searchUrls('', query, controller.signal);
      controller.abort(new Error('gone'));
      await expect(search).rejects.toThrow('gone');
    });
  },
);
