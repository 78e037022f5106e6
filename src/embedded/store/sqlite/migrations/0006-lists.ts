import { type Kysely, sql } from 'kysely';

/*
 * The host of a URL, as services/url-host.ts reads it. Each expression stands within the next ones and is evaluated as often
 * as it stands there, so that an authority without a user, as most are, goes a shorter way.
 */
const SCHEME = `substr(url, 1, instr(url, '://') - 1)`;
const NO_SCHEME = `instr(url, '://') < 2
  or ltrim(lower(${SCHEME}), 'abcdefghijklmnopqrstuvwxyz0123456789+-.') <> ''`;
const REST = `replace(replace(replace(substr(url, instr(url, '://') + 3), '?', '/'), '#', '/'), '\\', '/')`;
const AUTHORITY = `substr(${REST}, 1, instr(${REST} || '/', '/') - 1)`;
const BEHIND_USER = `substr(${AUTHORITY}, length(rtrim(${AUTHORITY}, replace(${AUTHORITY}, '@', ''))) + 1)`;
const withoutPort = (host: string) => `
  case when substr(${host}, 1, 1) = '[' then substr(${host}, 1, instr(${host}, ']'))
  else substr(${host}, 1, instr(${host} || ':', ':') - 1) end`;
export const HOST = `case when ${NO_SCHEME} then null
  else lower(substr(case when instr(${AUTHORITY}, '@') > 0 then ${withoutPort(BEHIND_USER)}
                    else ${withoutPort(AUTHORITY)} end, 1, 256)) end`;

/** The columns and indexes of lists in an order and by a filter. */
export const LISTS = [
  'create index entries_size on entries (file_size_bytes, content_hash)',
  'create index entries_client on entries (client_name)',
  'create index entries_type on entries (content_type)',
  'create index entries_width on entries (width)',
  'create index entries_height on entries (height)',
  // Takes no room in the table, and is right whoever writes the row.
  `alter table entry_urls add column host text generated always as (${HOST}) virtual`,
  'create index entry_urls_host on entry_urls (host, content_hash)',
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of LISTS) await sql.raw(statement).execute(db);
}
