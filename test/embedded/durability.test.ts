import fs, { copyFileSync, existsSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { sql } from 'kysely';
import type Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { sweepReleasedBytes } from '#src/embedded/blobs/sweeper.js';
import { KeyedLock } from '#src/embedded/keyed-lock.js';
import { openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { openReadOnly } from '#src/embedded/store/sqlite/read-only.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';
import { golden } from '../harness/gateway.js';
import { corpusPicture } from './corpus.js';

const FIG = 'photos/03-fig.jpg';
const { blake2b256: fig } = golden(FIG);

/** What a loss of power would find at the moment of a sync. */
interface Moment {
  sync: 'BYTES' | 'FOLDER' | 'ROW';
  /** Whether the file has its name. */
  file: boolean;
  /** What is committed of the bytes: nothing, that they are about to come, or that a row needs them. */
  known: 'NO' | 'ANNOUNCED' | 'NEEDED';
}

describe('before an acknowledgement', () => {
  let engine: TestEngine;
  let blobs: FileBlobs;
  let reader: Database.Database;
  let moments: Moment[];

  beforeEach(async () => {
    engine = await openTestEngine();
    blobs = new FileBlobs(join(engine.dataDir, 'blobs'));
    reader = openReadOnly(join(engine.dataDir, 'lookalike.db'));
    moments = await watchSyncs((sync) => ({ sync, file: existsSync(blobs.path(fig)), known: known() }));
  });
  afterEach(async () => {
    watchNoMore();
    reader.close();
    await engine.close();
  });

  function known(): Moment['known'] {
    const [row] = reader.prepare('select refs from blobs where content_hash = ?').all(fig) as {
      refs: number;
    }[];
    return row ? (row.refs > 0 ? 'NEEDED' : 'ANNOUNCED') : 'NO';
  }

  /** The bytes are synced before they get their name, and the name is before a row needs it. */
  const RIGHT_ORDER: Moment[] = [
    { sync: 'BYTES', file: false, known: 'ANNOUNCED' },
    { sync: 'FOLDER', file: true, known: 'ANNOUNCED' },
  ];
  const ROW: Moment = { sync: 'ROW', file: true, known: 'NEEDED' };

  it('an entry has its bytes and then its row synced', async () => {
    await using staged = await engine.stage(corpusPicture(FIG));
    await engine.imgcache.store(staged, { url: 'https://x.example/', clientName: 'test' });
    const ofBytes = moments.filter(({ sync, known }) => sync === 'BYTES' || known === 'ANNOUNCED').slice(-2);
    expect(ofBytes).toEqual(RIGHT_ORDER);
    expect(moments.at(-1)).toEqual(ROW);
    expect(known()).toBe('NEEDED');
  });

  it('an entry is acknowledged only when the sync of its row is over', async () => {
    await using staged = await engine.stage(corpusPicture(FIG));
    let isOver = false;
    watchNoMore();
    await watchSyncs(
      () => {},
      async (sync) => {
        if (sync !== 'ROW') return;
        await new Promise((resolve) => setTimeout(resolve, 50));
        isOver = true;
      },
    );
    await engine.imgcache.store(staged, { url: 'https://x.example/', clientName: 'test' });
    expect(isOver).toBe(true);
  });

  it('an image has its bytes and then its row synced', async () => {
    await using staged = await engine.stage(corpusPicture(FIG));
    const { collectionId } = engine.defaultCollection!.collection;
    await engine.visualsnoop.addImage(collectionId, staged);
    expect(moments.slice(-2)).toEqual(RIGHT_ORDER);
    expect(known()).toBe('NEEDED');
  });

  it('the folders of the first bytes in them are synced before a row needs them', async () => {
    await using staged = await engine.stage(corpusPicture(FIG));
    await engine.imgcache.store(staged, { url: 'https://x.example/', clientName: 'test' });
    const made = moments.filter(({ sync, file }) => sync === 'FOLDER' && !file);
    expect(made).toEqual(Array(2).fill({ sync: 'FOLDER', file: false, known: 'ANNOUNCED' }));
    expect(moments.at(-1)).toEqual(ROW);
  });
});

describe('the database', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await openTestEngine();
  });
  afterEach(() => engine.close());

  it('syncs each commit, however often it was told not to for a while', async () => {
    const { store, db, connection, close } = await openSqliteStore(join(engine.dataDir, 'lookalike.db'));
    const level = () => {
      const [row] = connection.prepare('pragma synchronous').all() as { synchronous: number }[];
      return row!.synchronous;
    };
    const [NORMAL, FULL] = [1, 2];
    expect(level()).toBe(FULL);
    for (let time = 0; time < 2; time++) {
      await sql`pragma synchronous = normal`.execute(db);
      expect(level()).toBe(NORMAL);
      await sql`pragma synchronous = full`.execute(db);
      expect(level()).toBe(FULL);
    }
    await store.blobs.announce(fig);
    expect(level()).toBe(FULL);
    await close();
  });

  it('forgets bytes only once their file is gone for good', async () => {
    const blobs = new FileBlobs(join(engine.dataDir, 'blobs'));
    await using staged = await engine.stage(corpusPicture(FIG));
    await engine.imgcache.store(staged, { url: 'https://x.example/', clientName: 'test' });
    await engine.imgcache.delete(fig);
    const { store, connection, close } = await openSqliteStore(join(engine.dataDir, 'lookalike.db'));
    const isKnown = () =>
      connection.prepare('select refs from blobs where content_hash = ?').all(fig).length > 0;
    const moments = await watchSyncs(() => ({ file: existsSync(blobs.path(fig)), known: isKnown() }));
    expect(await sweepReleasedBytes({ store, blobs, locks: new KeyedLock() }, 0)).toBe(1);
    watchNoMore();
    expect(moments).toEqual([{ file: false, known: true }]);
    expect(isKnown()).toBe(false);
    await close();
  });

  it('takes bytes back whose row could not be written', async () => {
    const blobs = new FileBlobs(join(engine.dataDir, 'blobs'));
    const { store, connection, close } = await openSqliteStore(join(engine.dataDir, 'lookalike.db'));
    connection.exec("create trigger full before insert on entries begin select raise(abort, 'full'); end");
    await using staged = await engine.stage(corpusPicture(FIG));
    const stored = engine.imgcache.store(staged, { url: 'https://x.example/', clientName: 'test' });
    await expect(stored).rejects.toThrow('full');
    expect(existsSync(blobs.path(fig))).toBe(false);
    expect(await sweepReleasedBytes({ store, blobs, locks: new KeyedLock() }, 0)).toBe(0);
    await close();
  });
});

it('is whole in the file of the database once it was closed', async () => {
  const engine = await openTestEngine();
  await using staged = await engine.stage(corpusPicture(FIG));
  await engine.imgcache.store(staged, { url: 'https://x.example/', clientName: 'test' });
  await engine.suspend();
  const copy = join(engine.dataDir, 'copy.db');
  copyFileSync(join(engine.dataDir, 'lookalike.db'), copy);
  const reader = openReadOnly(copy);
  expect(reader.prepare('select content_hash from entries').all()).toEqual([
    expect.objectContaining({ content_hash: fig }),
  ]);
  reader.close();
  rmSync(engine.dataDir, { recursive: true });
});

/**
 * Looks at the state of things at each sync of a file's bytes, of a folder, or of the file that commits are written to.
 * @param delay what the sync waits for
 */
async function watchSyncs<T>(
  look: (sync: Moment['sync']) => T,
  delay: (sync: Moment['sync']) => Promise<void> = async () => {},
): Promise<T[]> {
  const moments: T[] = [];
  for (const method of ['fdatasync', 'fsync'] as const) {
    const original = fs[method];
    vi.spyOn(fs, method).mockImplementation(((fd: number, done: fs.NoParamCallback) => {
      const sync = kindOf(fd);
      moments.push(look(sync));
      original(fd, (error) => void delay(sync).then(() => done(error)));
    }) as typeof fs.fsync);
  }
  syncBuiltinESMExports();
  return moments;
}

function watchNoMore(): void {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
}

function kindOf(fd: number): Moment['sync'] {
  if (fs.fstatSync(fd).isDirectory()) return 'FOLDER';
  return fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith('-wal') ? 'ROW' : 'BYTES';
}
