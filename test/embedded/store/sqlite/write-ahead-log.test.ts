import fs, { mkdtempSync, rmSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { openReadOnly } from '#src/embedded/store/sqlite/read-only.js';
import { newEntry } from '../contract/stores.js';

let folder: string;
let path: string;
let sqlite: OpenSqlite;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-log-'));
  path = join(folder, 'lookalike.db');
  sqlite = await openSqliteStore(path);
});
afterEach(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await sqlite.close();
  rmSync(folder, { recursive: true });
});

/** Lets syncs of bytes fail. */
function breakSyncs(): void {
  const broken = (_fd: number, done: fs.NoParamCallback) => done(new Error('EIO'));
  vi.spyOn(fs, 'fdatasync').mockImplementation(broken as typeof fs.fdatasync);
  syncBuiltinESMExports();
}

const logBytes = () => statSync(`${path}-wal`).size;

it('is written into the database where it cannot be synced, and is not trusted before', async () => {
  await sqlite.store.entries.insert(newEntry(1));
  breakSyncs();
  expect((await sqlite.store.entries.insert(newEntry(2))).status).toBe('CREATED');
  expect(logBytes()).toBe(0);
});

it('tells of a row that it cannot make durable, and of all later ones until it can', async () => {
  await sqlite.store.entries.insert(newEntry(1));
  sqlite.connection.pragma('busy_timeout = 1');
  const reader = openReadOnly(path);
  reader.exec('begin');
  reader.prepare('select * from entries').all();
  breakSyncs();
  const message = 'What was committed could not be made durable.';
  await expect(sqlite.store.entries.insert(newEntry(2))).rejects.toThrow(message);
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await expect(sqlite.store.entries.insert(newEntry(3))).rejects.toThrow(message);
  reader.exec('commit');
  reader.close();
  expect((await sqlite.store.entries.insert(newEntry(4))).status).toBe('CREATED');
  expect(logBytes()).toBe(0);
});
