import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ReaderThread } from '#src/embedded/search/reader-thread.js';
import { PATIENCE_MS } from '../../harness/patience.js';
import { EntriesDatabase } from '../entries-database.js';
import { within } from '../hashes.js';

/** Of two characters, so that all URLs are read: the index of trigrams knows longer ones. */
const RARE = { filter: { urlContains: '~~' }, order: 'NEWEST_FIRST' } as const;

describe('a reader thread', () => {
  let database: EntriesDatabase;
  let reader: ReaderThread;

  beforeEach(() => {
    database = new EntriesDatabase();
    reader = new ReaderThread({ kind: 'SQLITE', path: database.path });
  });
  afterEach(async () => {
    await reader.close();
    database.dispose();
  });

  /** Enough that a search through all of them takes long. */
  const addMany = () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => ({
      contentHash: `hash ${index}`,
      createdAt: String(index).padStart(9, '0'),
      urls: [`https://example.com/${index}`],
      clientName: 'test',
      contentType: 'image/png',
    }));
    database.addEntries(rows);
  };

  test('answers many calls at a time, each its own', async () => {
    database.addHashes(Array.from({ length: 50 }, (_, index) => [0, 0, 0, index] as const));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => reader.scanHashes('', [within(0, [0, 0, 0, index])])),
    );
    expect(answers.map(([found]) => [...found!.seqs])).toEqual(
      Array.from({ length: 50 }, (_, index) => [index + 1]),
    );
  });

  test('an abort rejects at once and ends the work in the thread', async () => {
    addMany();
    await reader.scanHashes('', [within(0, [0, 0, 0, 0])]);
    const started = performance.now();
    await reader.searchUrls('', RARE);
    const whole = performance.now() - started;
    const controllers = Array.from({ length: 100 }, () => new AbortController());
    const aborted = Promise.allSettled(controllers.map(({ signal }) => reader.searchUrls('', RARE, signal)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const controller of controllers) controller.abort(new Error('the client is gone'));
    for (const outcome of await aborted) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'the client is gone' } });
    }
    const abortedAt = performance.now();
    await reader.searchUrls('', RARE);
    // Beside all of them it would take a hundred times as long.
    expect(performance.now() - abortedAt).toBeLessThan(25 * whole);
  });

  test('scans at the same time load each row once', async () => {
    database.addHashes(Array.from({ length: 50_000 }, () => [1, 2, 3, 4] as const));
    const scans = await Promise.all([1, 2, 3].map(() => reader.scanHashes('', [within(0, [1, 2, 3, 4])])));
    expect(scans.map(([found]) => found!.seqs.length)).toEqual([50_000, 50_000, 50_000]);
  });

  test('an abort in the midst of the first load leaves the next search right', async () => {
    database.addHashes(Array.from({ length: 50_000 }, () => [1, 2, 3, 4] as const));
    const controller = new AbortController();
    const first = reader.scanHashes('', [within(0, [1, 2, 3, 4])], controller.signal);
    const second = reader.scanHashes('', [within(0, [1, 2, 3, 4])]);
    controller.abort();
    await expect(first).rejects.toThrow(controller.signal.reason);
    expect((await second)[0]!.seqs).toHaveLength(50_000);
  });

  test('a call with a signal that was aborted before is refused', async () => {
    await expect(reader.searchUrls('', RARE, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  test('an error in a call is its answer and the thread goes on', async () => {
    database.connection.exec('alter table entry_urls rename to moved');
    await expect(reader.searchUrls('', RARE)).rejects.toThrow('no such table');
    database.connection.exec('alter table moved rename to entry_urls');
    await expect(reader.searchUrls('', RARE)).resolves.toEqual([]);
  });

  test('scans see what another connection committed', async () => {
    await reader.scanHashes('', [within(64, [0, 0, 0, 0])]);
    const other = new ReaderThread({ kind: 'SQLITE', path: database.path });
    const seqs = database.addHashes([[0, 0, 0, 1]]);
    expect([...(await other.scanHashes('', [within(1, [0, 0, 0, 0])]))[0]!.seqs]).toEqual(seqs);
    expect([...(await reader.scanHashes('', [within(1, [0, 0, 0, 0])]))[0]!.seqs]).toEqual(seqs);
    await other.close();
  });

  test('closing fails the calls under way, and later ones', async () => {
    addMany();
    const searches = Promise.allSettled([reader.searchUrls('', RARE), reader.searchUrls('', RARE)]);
    await reader.close();
    expect((await searches).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(reader.searchUrls('', RARE)).rejects.toThrow('closed');
  });
});

test('a thread that dies fails its calls and is started again by the next one', async () => {
  const database = new EntriesDatabase();
  const reader = new ReaderThread({ kind: 'SQLITE', path: database.path });
  database.connection.exec('alter table entries rename to moved');
  const calls = await Promise.allSettled([
    reader.searchUrls('', RARE),
    reader.scanHashes('', [within(0, [0, 0, 0, 0])]),
  ]);
  expect(calls).toMatchObject([
    { status: 'rejected', reason: { message: 'The reader thread ended.' } },
    { status: 'rejected', reason: { message: 'The reader thread ended.' } },
  ]);
  database.connection.exec('alter table moved rename to entries');
  expect(await reader.searchUrls('', RARE)).toEqual([]);
  await reader.close();
  database.dispose();
});

test('a missing database is an error and is not created', async () => {
  const database = new EntriesDatabase();
  const missing = `${database.path}.missing`;
  const reader = new ReaderThread({ kind: 'SQLITE', path: missing });
  await expect(reader.searchUrls('', RARE)).rejects.toThrow('ended');
  await reader.close();
  expect(() => rmSync(missing)).toThrow('ENOENT');
  database.dispose();
});

test('the process lives while there are calls, and an idle thread does not keep it', async () => {
  const database = new EntriesDatabase();
  const module = new URL('../../../dist/embedded/search/reader-thread.js', import.meta.url);
  const program = `
    import { ReaderThread } from ${JSON.stringify(module.href)};
    const reader = new ReaderThread({ kind: 'SQLITE', path: ${JSON.stringify(database.path)} });
    const [found] = await reader.scanHashes('', [{ hash: [0, 0, 0, 0], radius: 64, limit: Infinity }]);
    console.log(found.seqs.length);`;
  const run = promisify(execFile);
  database.addHashes([[0, 0, 0, 0]]);
  const file = `${database.path}.mjs`;
  writeFileSync(file, program);
  const { stdout } = await run(process.execPath, [file], { timeout: PATIENCE_MS });
  expect(stdout).toBe('1\n');
  database.dispose();
});
