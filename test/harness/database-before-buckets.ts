import { Kysely, Migrator, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { urlHash } from '#src/embedded/store/sqlite/entries.js';
import { MIGRATIONS } from '#src/embedded/store/sqlite/migrate.js';
import { random } from '../embedded/hashes.js';
import { hashOf } from '../embedded/store/contract/stores.js';

/** The last migration without buckets. */
const LAST = '0010';
const HOSTS = ['a.example', 'B.example:80', 'user@é.example', '[::1]'];

/** The columns that there were, by table. */
export const OLD_TABLES: Readonly<Record<string, string>> = {
  entries: `seq, content_hash, url, content_type, file_size_bytes, original_filename, width, height, hash0, hash1, hash2,
    hash3, client_name, lookup_time, created_at`,
  entry_urls: 'seq, content_hash, url, url_hash, client_name, lookup_time, created_at, host',
  deleted_entries: 'id, seq',
  blobs: 'content_hash, refs, released_at',
  images: '*',
  duplicate_decisions: '*',
};

/** A database as it was before there were buckets, with entries of every sort, some of which were deleted. */
export async function createDatabaseBeforeBuckets(path: string, count: number): Promise<void> {
  const connection = new Database(path);
  connection.pragma('journal_mode = WAL');
  connection.pragma('recursive_triggers = ON');
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: connection as never }) });
  const older = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < `${LAST}~`));
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => older },
  }).migrateToLatest();
  if (error) throw error;
  connection.transaction(() => fill(connection, count))();
  // libsql leaves new rows in the file beside it.
  connection.pragma('wal_checkpoint(truncate)');
  await db.destroy();
}

function fill(connection: Database.Database, count: number): void {
  const next = random(count);
  const pick = (most: number) => Math.floor(next() * most);
  const entry = connection.prepare(
    `insert into entries (content_hash, url, content_type, file_size_bytes, original_filename, width, height, hash0, hash1,
       hash2, hash3, client_name, lookup_time, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const url = connection.prepare(
    `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
     values (?, ?, ?, ?, ?, ?)`,
  );
  const bytes = connection.prepare('insert into blobs (content_hash, refs, released_at) values (?, ?, ?)');
  for (let number = 0; number < count; number++) {
    const hash = hashOf(number);
    const at = `2024-01-01T00:00:${String(10 + pick(50))}.${String(pick(1e6)).padStart(6, '0')}Z`;
    const urls = Array.from(
      { length: 1 + pick(3) },
      (_, nth) => `https://${HOSTS[pick(4)]}/${number}/${nth}?"İ`,
    );
    const chunks = pick(3) === 0 ? [null, null, null, null] : [pick(4), pick(4), pick(4), 0xffff];
    const facts =
      chunks[0] === null ? ['text/plain', pick(9), null, null, null] : ['image/png', 1, 'é.png', 2, 3];
    entry.run(hash, urls[0], ...facts, ...chunks, `client ${pick(5)}`, at, at);
    for (const each of urls) url.run(hash, each, urlHash(each), 'c', at, at);
    bytes.run(hash, 1, null);
  }
  // The last ones, among others: what is stored later has yet later numbers.
  const gone = [3, 5, count - 2, count - 1].map(hashOf);
  for (const hash of gone) {
    connection.prepare('delete from entry_urls where content_hash = ?').run(hash);
    connection
      .prepare(
        `insert into deleted_entries (seq) select seq from entries where content_hash = ? and hash0 is not null`,
      )
      .run(hash);
    connection.prepare('delete from entries where content_hash = ?').run(hash);
    connection
      .prepare("update blobs set refs = 0, released_at = '2024-02-01' where content_hash = ?")
      .run(hash);
  }
  connection
    .prepare(
      `insert into duplicate_decisions (seq, change, decision_id, verdict, likeness, widest, content_hashes, kept_hashes,
         decided_at) values (1, 1, 'one', 'KEEP_ALL', 'LIKELY', 3, ?, ?, '2024-01-01T00:00:00.000000Z')`,
    )
    .run(JSON.stringify([hashOf(0), hashOf(1)]), JSON.stringify([hashOf(0), hashOf(1)]));
}

/** All rows of the columns that there were, in their order, and how far each table has counted. */
export function readOldColumns(path: string): Record<string, unknown> {
  const connection = new Database(path);
  try {
    const all = (query: string) => connection.prepare(query).all();
    const rows = Object.entries(OLD_TABLES).map(([table, columns]) => [
      table,
      all(`select ${columns} from ${table} order by 1`),
    ]);
    return {
      ...Object.fromEntries(rows),
      counted: all("select name, seq from sqlite_sequence where name like 'entr%' order by name"),
      trigrams: ['"/1/"', '"é.e"', '"İ"', '"?""İ"', '"b.e"'].map((text) =>
        all(`select rowid from url_trigrams where url_trigrams match '${text}' order by rowid`),
      ),
    };
  } finally {
    connection.close();
  }
}
