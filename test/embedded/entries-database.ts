import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { URL_TRIGRAMS } from '#src/embedded/store/sqlite/migrations/0005-url-trigrams.js';
import { LISTS } from '#src/embedded/store/sqlite/migrations/0006-lists.js';
import type { HashChunks } from '#src/services/hamming-distance.js';

const SCHEMA = `
  create table entries (
    seq integer primary key autoincrement,
    content_hash text not null unique,
    content_type text not null,
    file_size_bytes integer not null default 0,
    width integer,
    height integer,
    client_name text not null,
    created_at text not null,
    url text not null,
    hash0 integer, hash1 integer, hash2 integer, hash3 integer
  );
  create index entries_created on entries (created_at desc, content_hash asc);
  create index entries_hash0 on entries (hash0, hash1, hash2, hash3);
  create index entries_hash1 on entries (hash1, hash0, hash2, hash3);
  create index entries_hash2 on entries (hash2, hash3, hash0, hash1);
  create index entries_hash3 on entries (hash3, hash0, hash1, hash2);
  create table deleted_entries (id integer primary key autoincrement, seq integer not null);
  create table entry_urls (
    seq integer primary key autoincrement,
    content_hash text not null,
    url text not null,
    url_hash text not null,
    unique (content_hash, url_hash)
  );`;

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
    for (const statement of [SCHEMA, ...URL_TRIGRAMS, ...LISTS]) this.connection.exec(statement);
  }

  /** In one transaction. @returns the seq of each */
  addHashes(hashes: readonly (HashChunks | null)[]): number[] {
    const insert = this.connection.prepare(
      `insert into entries (content_hash, content_type, client_name, created_at, url, hash0, hash1, hash2, hash3)
       values (?, 'image/png', 'test', ?, '', ?, ?, ?, ?)`,
    );
    return this.connection.transaction(() =>
      hashes.map((hash) => {
        const name = String(++this.#count).padStart(9, '0');
        const result = insert.run(name, name, ...(hash ?? [null, null, null, null]));
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

  addEntries(rows: readonly EntryRow[]): void {
    const insert = this.connection.prepare(
      `insert into entries (content_hash, content_type, client_name, created_at, url, file_size_bytes)
       values (?, ?, ?, ?, ?, ?)`,
    );
    const insertUrl = this.connection.prepare(
      'insert into entry_urls (content_hash, url, url_hash) values (?, ?, ?)',
    );
    this.connection.transaction(() => {
      for (const { contentHash, contentType, clientName, createdAt, urls, fileSizeBytes = 0 } of rows) {
        insert.run(contentHash, contentType, clientName, createdAt, urls[0], fileSizeBytes);
        urls.forEach((url, index) => {
          insertUrl.run(contentHash, url, String(index));
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
