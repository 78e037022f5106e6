import { sql } from 'kysely';
import { urlHash } from '../store/sqlite/entries.js';
import { batches } from './batches.js';
import type { CheckedFolder, Finding } from './finding.js';

const ALL = 'select seq, content_hash, url, url_hash from entry_urls where seq > ? order by seq limit ?';
const WITHOUT_ENTRY = `
  select * from entry_urls
  where seq > ? and content_hash not in (select content_hash from entries) order by seq limit ?`;
const WITHOUT_URL = `
  select seq, content_hash, url, client_name, lookup_time, created_at from entries
  where seq > ? and not exists
    (select 1 from entry_urls as urls where urls.content_hash = entries.content_hash and urls.url = entries.url)
  order by seq limit ?`;

interface UrlRow {
  seq: number;
  content_hash: string;
  url: string;
  url_hash: string;
}
type EntryRow = Omit<UrlRow, 'url_hash'> & { client_name: string; lookup_time: string; created_at: string };

/** The URLs of entries, and what they are found by. */
export async function* checkUrls({ database }: CheckedFolder): AsyncGenerator<Finding> {
  for await (const rows of batches<UrlRow, 'seq'>(database, WITHOUT_ENTRY, 'seq', 0))
    for (const row of rows) yield urlWithoutEntry(row);
  for await (const rows of batches<UrlRow, 'seq'>(database, ALL, 'seq', 0))
    for (const row of rows) if (row.url_hash !== urlHash(row.url)) yield wrongUrlHash(row);
  for await (const rows of batches<EntryRow, 'seq'>(database, WITHOUT_URL, 'seq', 0))
    for (const row of rows) yield entryWithoutUrl(row);
}

function urlWithoutEntry(row: UrlRow): Finding {
  return {
    kind: 'url-without-entry',
    problem: `There is a URL of the entry ${row.content_hash}, which is not there.`,
    remedy: 'Its row is set aside.',
    async repair({ store, setAside }) {
      await setAside.rows('entry_urls', [row]);
      await store.deleteFrom('entry_urls').where('seq', '=', row.seq).execute();
    },
  };
}

function wrongUrlHash({ seq, content_hash, url }: UrlRow): Finding {
  return {
    kind: 'wrong-url-hash',
    problem: `A URL of the entry ${content_hash} cannot be looked up.`,
    remedy: 'Its hash is made anew.',
    async repair({ store }) {
      // In place of the one that the same URL got when it was stored once more since: this one is the first.
      await sql`update or replace entry_urls set url_hash = ${urlHash(url)} where seq = ${seq}`.execute(
        store,
      );
    },
  };
}

function entryWithoutUrl({ seq: _, ...row }: EntryRow): Finding {
  return {
    kind: 'entry-without-url',
    problem: `The entry ${row.content_hash} is not under its own URL.`,
    remedy: 'The URL is noted again.',
    async repair({ store }) {
      await store
        .insertInto('entry_urls')
        .values({ ...row, url_hash: urlHash(row.url) })
        .execute();
    },
  };
}
