import { type Kysely, sql } from 'kysely';

/**
 * An index of the trigrams of URLs, for the search for substrings.
 *
 * It holds the URLs as `lower` makes them and takes case as it is, so that it compares as the search does, which knows
 * the case of ASCII letters only. It tells which rows have a trigram, and neither where nor how often. Triggers keep it
 * with its table: a row that is replaced fires them where `recursive_triggers` is on.
 */
export const URL_TRIGRAMS = [
  'create view lower_urls as select seq, lower(url) as url from entry_urls',
  `create virtual table url_trigrams using fts5 (
     url, content = 'lower_urls', content_rowid = 'seq',
     tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0
   )`,
  // Each commit adds a segment; merging sixteen at a time, and not four, halves what a store costs.
  `insert into url_trigrams (url_trigrams, rank) values ('automerge', 16)`,
  `create trigger entry_urls_inserted after insert on entry_urls begin
     insert into url_trigrams (rowid, url) values (new.seq, lower(new.url));
   end`,
  `create trigger entry_urls_deleted after delete on entry_urls begin
     insert into url_trigrams (url_trigrams, rowid, url) values ('delete', old.seq, lower(old.url));
   end`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of URL_TRIGRAMS) await sql.raw(statement).execute(db);
  await sql`insert into url_trigrams (url_trigrams) values ('rebuild')`.execute(db);
}
