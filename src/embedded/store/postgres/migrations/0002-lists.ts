import { type Kysely, sql } from 'kysely';

/**
 * The host of a URL, as services/url-host.ts reads it: behind the last @, and never a part of the user before it. An
 * expression, and no column: gateways of the version before write URLs too.
 */
export const URL_HOST = String.raw`left(lower(substring(entry_urls.url collate "C"
  from '^[A-Za-z0-9+.-]+://(?:[^/?#\\]*@)?(\[[^]/?#\\@]*\]|[^:/?#[\\@][^:/?#\\@]*)(?![^/?#\\]*@)')), 256)`;

/** The indexes of lists in an order and by a filter. Each may have been built beforehand, while gateways run. */
export const LISTS = [
  // Read backwards for the largest first.
  'create index if not exists entries_size on entries (file_size_bytes, content_hash)',
  'create index if not exists entries_client on entries (client_name)',
  'create index if not exists entries_type on entries (content_type)',
  'create index if not exists entries_width on entries (width)',
  'create index if not exists entries_height on entries (height)',
  `create index if not exists entry_urls_host on entry_urls ((${URL_HOST}), content_hash)`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of LISTS) await sql.raw(statement).execute(db);
}
