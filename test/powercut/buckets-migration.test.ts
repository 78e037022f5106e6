import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { createDatabaseBeforeBuckets, readOldColumns } from '../harness/database-before-buckets.js';
import { PATIENCE_MS } from '../harness/patience.js';
import { repetitions } from '../harness/repetitions.js';
import { seededRandom } from './seeded-random.js';

const ROUNDS = repetitions({
  variable: 'MIGRATION_ROUNDS',
  what: 'migrations that are killed',
  few: 8,
  many: 60,
});
const SEED = Number(process.env.POWERCUT_SEED ?? randomInt(2 ** 31));
const COUNT = 4000;

const PROGRAM = `
  const { openSqliteStore } = await import(process.argv[1]);
  process.stdout.write('begins');
  const { close } = await openSqliteStore(process.argv[2]);
  process.stdout.write('ends');
  await close();`;

let folder: string;
let original: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-migration-'));
  original = join(folder, 'original.db');
  await createDatabaseBeforeBuckets(original, COUNT);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** @param killAfterMs from its beginning on; null lets it end */
async function migrate(path: string, killAfterMs: number | null): Promise<number> {
  const module = import.meta.resolve('#src/embedded/store/sqlite/open.js');
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, module, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  const begun = performance.now();
  if (killAfterMs !== null) {
    await sleep(killAfterMs);
    child.kill('SIGKILL');
  }
  await exit;
  return performance.now() - begun;
}

/** Whether the tables are the new ones, and noted as such: both, or neither. */
function isMigrated(path: string): boolean {
  const connection = new Database(path);
  try {
    const all = (query: string) => connection.prepare(query).all();
    expect(all('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const noted = all("select 1 from kysely_migration where name = '0011_buckets'").length;
    const columns = ['entries', 'entry_urls'].map(
      (table) => all(`select 1 from pragma_table_info('${table}') where name = 'bucket'`).length,
    );
    expect(columns).toEqual([noted, noted]);
    expect(all("select name from sqlite_master where name like '%_of_buckets'")).toEqual([]);
    return noted === 1;
  } finally {
    connection.close();
  }
}

it(`is whole before or whole after, when the migration is killed ${ROUNDS} times`, {
  timeout: 4 * PATIENCE_MS + ROUNDS * 10_000,
}, async () => {
  const random = seededRandom(SEED);
  const expected = readOldColumns(original);
  const whole = join(folder, 'whole.db');
  copyFileSync(original, whole);
  const durationMs = await migrate(whole, null);
  expect(isMigrated(whole)).toBe(true);
  expect(readOldColumns(whole)).toEqual(expected);
  const tally = { before: 0, after: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const path = join(folder, `${round}.db`);
    copyFileSync(original, path);
    await migrate(path, random(Math.ceil(durationMs)));
    tally[isMigrated(path) ? 'after' : 'before']++;
    expect(readOldColumns(path)).toEqual(expected);
    await (await openSqliteStore(path)).close();
    expect(isMigrated(path)).toBe(true);
    expect(readOldColumns(path)).toEqual(expected);
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  }
  process.stdout.write(`\nMigrations that were killed (seed ${SEED}): ${JSON.stringify(tally)}\n`);
  expect(tally.before).toBeGreaterThan(0);
});
