import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { URL_TRIGRAMS } from '#src/embedded/store/sqlite/migrations/0005-url-trigrams.js';
import { HOST } from '#src/embedded/store/sqlite/migrations/0006-lists.js';
import { INDEXES_OF_ENTRIES, INDEXES_OF_URLS } from '#src/embedded/store/sqlite/migrations/0011-buckets.js';
import type { HashChunks } from '#src/services/hamming-distance.js';

const SCHEMA = `
  create table entries (
    seq integer primary key autoincrement,
    content_hash text not null,
    bucket text not null default '',
    prefix text,
    content_type text not null,
    file_size_bytes integer not null default 0,
    width integer,
    height integer,
    client_name text not null,
    created_at text not null,
    url text not null,
    hash0 integer, hash1 integer, hash2 integer, hash3 integer
  );
  create table deleted_entries (id integer primary key autoincrement, seq integer not null);
  create table entry_urls (
    seq integer primary key autoincrement,
    content_hash text not null,
    bucket text not null default '',
    url text not null,
    url_hash text not null,
    host text generated always as (${HOST}) virtual
  );`;

const TABLES = [SCHEMA, ...URL_TRIGRAMS, ...INDEXES_OF_ENTRIES, ...INDEXES_OF_URLS];

export interface EntryRow {
  contentHash: string;
  createdAt: string;
  urls: readonly string[];
  clientName: string;
  contentType: string;
  /** @default 0 */
  fileSizeBytes?: number;
}

/** A SQLite file with the tables of entries, removed again by dispose(). */
export class EntriesDatabase {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'entries 100% #'));
  readonly path = path.join(this.#folder, 'entries.db');
  readonly connection = new Database(this.path);
  #count = 0;

  constructor() {
    this.connection.pragma('journal_mode = wal');
    this.connection.pragma('synchronous = off');
    for (const statement of TABLES) this.connection.exec(statement);
  }

  /** In one transaction. @returns the seq of each */
  addHashes(hashes: readonly (HashChunks | null)[], bucket = ''): number[] {
    const insert = this.connection.prepare(
      `insert into entries
         (content_hash, bucket, content_type, client_name, created_at, url, hash0, hash1, hash2, hash3)
       values (?, ?, 'image/png', 'test', ?, '', ?, ?, ?, ?)`,
    );
    return this.connection.transaction(() =>
      hashes.map((hash) => {
        const name = String(++this.#count).padStart(9, '0');
        const result = insert.run(name, bucket, name, ...(hash ?? [null, null, null, null]));
        return Number(result.lastInsertRowid);
      }),
    )();
  }

  /** In one transaction. */
  deleteSeqs(seqs: readonly number[]): void {
    const drop = this.connection.prepare('delete from entries where seq = ?');
    const record = this.connection.prepare('insert into deleted_entries (seq) values (?)');
    this.connection.transaction(() => {
      for (const seq of seqs) {
        drop.run(seq);
        record.run(seq);
      }
    })();
  }

  addEntries(rows: readonly EntryRow[], bucket = ''): void {
    const insert = this.connection.prepare(
      `insert into entries (content_hash, bucket, content_type, client_name, created_at, url, file_size_bytes)
       values (?, ?, ?, ?, ?, ?, ?)`,
    );
    const insertUrl = this.connection.prepare(
      'insert into entry_urls (content_hash, bucket, url, url_hash) values (?, ?, ?, ?)',
    );
    this.connection.transaction(() => {
      for (const { contentHash, contentType, clientName, createdAt, urls, fileSizeBytes = 0 } of rows) {
        insert.run(contentHash, bucket, contentType, clientName, createdAt, urls[0], fileSizeBytes);
        urls.forEach((url, index) => {
          insertUrl.run(contentHash, bucket, url, String(index));
        });
      }
    })();
  }

  deleteEntry(contentHash: string): void {
    this.connection.prepare('delete from entry_urls where content_hash = ?').run(contentHash);
    this.connection.prepare('delete from entries where content_hash = ?').run(contentHash);
  }

  dispose(): void {
    this.connection.close();
    rmSync(this.#folder, { recursive: true });
  }
}
