import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { startSweeper } from '#src/embedded/blobs/sweeper.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';

let folder: string;
let database: OpenSqlite;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-sweeper-'));
  database = await openSqliteStore(join(folder, 'lookalike.db'));
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

it('stops after the bytes at hand, however many are left', async () => {
  const released = Array.from({ length: 300 }, (_, n) => ({
    content_hash: `${n}`.padStart(64, '0'),
    refs: 0,
    released_at: '2020-01-01T00:00:00.000000Z',
  }));
  await database.db.insertInto('blobs').values(released).execute();
  const errors: unknown[] = [];
  const sweeper = startSweeper({
    store: database.store,
    blobs: new FileBlobs(join(folder, 'blobs')),
    locks: new KeyedLock(),
    onError: (error) => errors.push(error),
  });
  await sweeper.stop();
  const left = await database.db.selectFrom('blobs').select('content_hash').execute();
  expect(left.length).toBeGreaterThanOrEqual(299);
  expect(errors).toEqual([]);
});
