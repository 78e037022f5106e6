import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { checkFolder } from '#src/embedded/check/check-folder.js';
import { openSqliteReader } from '#src/embedded/store/sqlite/open.js';
import { openReadOnly } from '#src/embedded/store/sqlite/read-only.js';
import { PATIENCE_MS } from '../harness/patience.js';
import { repetitions } from '../harness/repetitions.js';
import { stagedFiles } from '../harness/staged-files.js';
import { type Target, WritingClient } from './client.js';
import { type GatewayProcess, startProcess } from './gateway-process.js';
import { type Content, Ledger } from './ledger.js';
import { readBytes, readEntries, readImagesOf } from './readings.js';
import { seededRandom } from './seeded-random.js';

/*
 * The gateway is killed with SIGKILL at random moments while clients write to it, and started again on the same folder.
 * That shows in which order things are written, and that a start copes with what any moment leaves. It does not show
 * what a loss of power leaves: the system keeps what the killed process wrote, synced or not. That every sync comes
 * before its acknowledgement is shown in test/embedded/durability.test.ts.
 */
const ROUNDS = repetitions({
  variable: 'POWERCUT_ROUNDS',
  what: 'rounds of kill -9',
  few: 5,
  many: 15,
});
const SEED = Number(process.env.POWERCUT_SEED ?? randomInt(2 ** 31));
const CLIENTS = 8;
/** A round goes on for up to so many acknowledgements, and then for up to so long. */
const MOST_ACKNOWLEDGED = 12;
const MOST_MS = 30;

let folder: string;
let gateway: GatewayProcess | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-powercut-'));
});
afterAll(async () => {
  await gateway?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const entries = new Ledger();
const images = new Ledger();
const tally = { rounds: 0, acknowledged: 0, inDoubt: 0, lost: 0, dangling: 0, swept: 0 };

it(`loses nothing acknowledged in ${ROUNDS} rounds of kill -9`, {
  timeout: 4 * PATIENCE_MS + ROUNDS * 10_000,
}, async () => {
  const random = seededRandom(SEED);
  const problems: string[] = [];
  const clients = Array.from(
    { length: CLIENTS },
    (_, nth) => new WritingClient(`client-${nth}`, entries, images, random),
  );
  gateway = await startProcess(folder);
  const others = plantFilesOfOthers();
  for (; tally.rounds < ROUNDS; tally.rounds++) {
    const target = { url: gateway.url, ...readCollection() };
    const writing = clients.map((client) => client.writeTo(target));
    await Promise.race([acknowledgements(1 + random(MOST_ACKNOWLEDGED)), ...writing.map(endsTooEarly)]);
    await sleep(random(MOST_MS));
    expect(await gateway.kill('SIGKILL')).toBe('SIGKILL');
    await Promise.all(writing);
    tally.swept += leftovers();
    gateway = await startProcess(folder);
    expect(leftovers()).toBe(0);
    problems.push(...(await verify({ ...target, url: gateway.url }, false)));
  }
  problems.push(...(await verify({ url: gateway.url, ...readCollection() }, true)));
  expect(others.filter((path) => !existsSync(path))).toEqual([]);
  expect(await gateway.kill('SIGTERM')).toBe(0);
  tally.acknowledged = entries.acknowledged + images.acknowledged;
  tally.inDoubt = entries.inDoubt + images.inDoubt;
  const told = Object.entries({ ...tally, seed: SEED }).map(([name, count]) => `${name} ${count}`);
  process.stdout.write(`power cut: ${told.join(' | ')}\n`);
  expect(problems).toEqual([]);
  const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
  const env = { PATH: process.env.PATH, LOOKALIKE_DATA_DIR: join(folder, 'data') };
  const { stdout } = await promisify(execFile)(process.execPath, [bin, 'check'], { env });
  expect(stdout).toBe('Everything is as it should be.\n');
});

/** A client writes until the gateway is killed: who ends before was left by the gateway, or has a fault itself. */
async function endsTooEarly(writing: Promise<void>): Promise<void> {
  await writing;
  throw new Error('A client ended before the gateway was killed.');
}

/** Waits for so many more. */
async function acknowledgements(more: number): Promise<void> {
  const count = () => entries.acknowledged + images.acknowledged;
  for (const wanted = count() + more; count() < wanted; ) await sleep(1);
}

/** Looks for all that was acknowledged, or for what was written to in this round, and for anything that is half. */
async function verify(target: Target, everything: boolean): Promise<string[]> {
  const places = (ledger: Ledger) => (everything ? ledger.all() : ledger.touched());
  const [foundEntries, foundImages, dangling] = await Promise.all([
    readEntries(target, places(entries)),
    readImages(target, places(images)),
    findDangling(),
  ]);
  const lost = [
    ...entries.settle(foundEntries),
    ...images.settle(foundImages),
    ...(await readBytes(target, [...foundEntries.values()])),
  ];
  tally.lost += lost.length;
  tally.dangling += dangling.length;
  return [...lost.map((each) => `lost ${each}`), ...dangling.map((each) => `dangling ${each}`)];
}

/** What each id stands for. The protocols only tell that it is there; whose bytes it has is in the table. */
function readImages(target: Target, imageIds: readonly string[]): Promise<Map<string, Content>> {
  const rows = select<{ id: string; hash: string }>(
    'select image_id as id, content_hash as hash from images',
  );
  return readImagesOf(target, imageIds, new Map(rows.map(({ id, hash }) => [id, hash])));
}

/** What the check finds while the gateway runs: rows without bytes, bytes without rows, wrong counts and so on. */
async function findDangling(): Promise<string[]> {
  const { store, close } = await openSqliteReader(join(folder, 'data', 'lookalike.db'));
  const blobs = new FileBlobs(join(folder, 'data', 'blobs'));
  const problems: string[] = [];
  for await (const { problem } of checkFolder({ store, blobs, quick: false, onProgress() {} }))
    problems.push(problem);
  await close();
  return problems;
}

/** How much of what was being written is in the folder: staged files, and bytes that no row needs yet. */
function leftovers(): number {
  const [announced] = select<{ count: number }>(
    "select count(*) as count from blobs where released_at < '0002'",
  );
  return announced!.count + stagedFiles(join(folder, 'data')).length;
}

/** Files beside those of the gateway, where somebody could have put them. */
function plantFilesOfOthers(): string[] {
  const data = join(folder, 'data');
  const paths = [
    join(data, 'mine.tmp'),
    join(data, 'backup', 'lookalike.db'),
    join(data, 'blobs', 'README'),
    join(folder, 'spool-of-somebody.tmp'),
  ];
  mkdirSync(join(data, 'backup'));
  for (const path of paths) writeFileSync(path, 'of somebody else');
  return paths;
}

function readCollection(): Omit<Target, 'url'> {
  const [row] = select<{ collectionId: string; publicKey: string; secretKey: string }>(
    'select collection_id as collectionId, public_key as publicKey, secret_key as secretKey from collection_keys',
  );
  const { collectionId, ...keys } = row!;
  return { collectionId, keys };
}

function select<Row>(query: string): Row[] {
  const database = openReadOnly(join(folder, 'data', 'lookalike.db'));
  try {
    return database.prepare(query).all() as Row[];
  } finally {
    database.close();
  }
}
