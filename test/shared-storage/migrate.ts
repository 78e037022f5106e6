import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KINDS } from '#src/embedded/store/transfer.js';
import type { Decision } from '#src/services/duplicates.js';
import { corpusPicture } from '../embedded/corpus.js';
import { BIN, lookalike } from '../harness/command.js';
import { openTestEngine } from '../harness/engine.js';
import { golden, photographs } from '../harness/gateway.js';
import { runHere } from '../harness/run-here.js';
import type { SharedServers } from '../harness/shared-servers.js';
import type { SharedStorage } from '../harness/shared-storage.js';
import { SWIFT_KEYS } from '../harness/swift.js';

const FIRST_SEED = Number(process.env.MIGRATE_SEED ?? 1);
const SEEDS = Number(process.env.MIGRATE_ROUNDS ?? 1);

const PICTURES = 12;

/** All that is to be the same. Deletions, and bytes that nothing needs, stay behind. */
const TABLES = {
  collections: 'select * from collections order by collection_id',
  keys: 'select * from collection_keys order by public_key',
  bytes: 'select * from blobs where refs > 0 order by content_hash',
  entries: 'select * from entries order by seq',
  urls: 'select * from entry_urls order by seq',
  images: 'select * from images order by seq',
  keypoints: 'select * from image_keypoints order by seq',
  decisions: 'select * from duplicate_decisions order by seq',
};

/** Rows and bytes of a folder, as they lie there. */
function contentOf(dataDir: string) {
  const database = new Database(join(dataDir, 'lookalike.db'), { readonly: true });
  const rows = Object.fromEntries(
    Object.entries(TABLES).map(([kind, query]) => [kind, database.prepare(query).all()]),
  );
  database.close();
  const needed = new Set((rows.bytes as { content_hash: string }[]).map(({ content_hash }) => content_hash));
  const bytes = [...needed].map((hash) =>
    readFileSync(join(dataDir, 'blobs', hash.slice(0, 2), hash.slice(2, 4), hash)),
  );
  return { rows, bytes };
}

/** A folder with all that the tables can hold, and with what was deleted. */
async function makeFolder(): Promise<string> {
  const engine = await openTestEngine();
  const { collectionId } = engine.defaultCollection!.collection;
  const other = await engine.visualsnoop.createCollection({ name: 'Ünï ☃', user: 'me@x.example' });
  const [kept, gone] = [golden(photographs()[0]!).blake2b256, golden(photographs()[6]!).blake2b256];
  for (const [index, name] of photographs().slice(0, PICTURES).entries()) {
    await using staged = await engine.stage(corpusPicture(name));
    const origin = { clientName: 'test', url: `https://x.example/${index}/ü%20☃;\\"'` };
    await engine.imgcache.store(staged, { ...origin, lookupTime: '0001-01-01T00:00:00.000001Z' });
    if (index % 3 === 0) await engine.imgcache.store(staged, { ...origin, url: `${origin.url}/again` });
    const imageId = `{${index}, "\\ü'}`;
    if (index % 2 === 0) await engine.visualsnoop.addImage(collectionId, staged, { imageId });
    if (index % 5 === 0) await engine.visualsnoop.addImage(other.collection.collectionId, staged);
    if (index % 4 === 1) {
      const notes = {
        prefix: 'ü/%',
        meta: { b: [1, '\0', null], a: '\ud800' },
        notesRetrieval: true,
      } as const;
      await engine.imgcache.inBucket!('Ünï ☃').store(staged, { ...origin, ...notes });
      await engine.imgcache.inBucket!('b').store(staged, origin);
    }
    if (index % 7 === 6) await engine.imgcache.delete(staged.contentHash);
  }
  // No picture, and so without a hash and a size in pixels.
  await using text = await engine.stage(Buffer.from('no picture'));
  await engine.imgcache.store(text, { clientName: '', url: '' });
  for (const verdict of ['KEEP_ALL', 'KEEP_SELECTED'] as const)
    await engine.duplicates.decide({
      verdict,
      contentHashes: [kept, gone],
      keptHashes: [kept],
      deleteOthers: false,
      moveUrls: false,
      widest: 3,
      likeness: 'LIKELY',
    });
  const [{ decisionId }] = (await engine.duplicates.listDecisions({ limit: 1 })) as [Decision];
  await engine.duplicates.undo(decisionId);
  await engine.suspend();
  return engine.dataDir;
}

export function describeMigrate(servers: () => SharedServers): void {
  describe('lookalike migrate', () => {
    let sound: string;
    let work: string;
    let dataDir: string;
    let shared: SharedStorage;
    beforeAll(async () => {
      sound = await makeFolder();
    });
    afterAll(() => rmSync(sound, { recursive: true }));
    beforeEach(async () => {
      work = mkdtempSync(join(tmpdir(), 'lookalike-migrate-'));
      dataDir = join(work, 'data');
      cpSync(sound, dataDir, { recursive: true });
      shared = await servers().create();
    });
    afterEach(() => rmSync(work, { recursive: true }));

    const forth = () => ['migrate', '--to', shared.databaseUrl, '--blobs', shared.blobsUrl];
    const folderEnv = () => ({ LOOKALIKE_DATA_DIR: dataDir, ...SWIFT_KEYS });
    const move = (...more: string[]) => runHere([...forth(), ...more], folderEnv());
    const back = (...more: string[]) => runHere(['migrate', '--to', join(work, 'back'), ...more], shared.env);
    const serve = (env: Record<string, string>) =>
      lookalike(['serve'], { PORT: '0', LOOKALIKE_DATA_DIR: join(work, 'scratch'), ...env });

    it('copies all rows and bytes, and back again as they were', async () => {
      const { code, stdout, stderr } = await lookalike([...forth(), '--json'], folderEnv());
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { digests, copied } = JSON.parse(stdout);
      const { rows } = contentOf(dataDir);
      for (const kind of KINDS) expect(digests[kind].count).toBe(rows[kind]!.length);
      expect(copied).toBe(Object.values(rows).flat().length);
      expect(await back()).toMatchObject({ code: 0, stderr: '' });
      expect(contentOf(join(work, 'back'))).toEqual(contentOf(sound));
      expect(contentOf(dataDir)).toEqual(contentOf(sound));
    });

    it('leaves a storage that a gateway works with at once, and rows that come then are numbered on', async () => {
      await move();
      const [{ last } = {}] = await shared.sql('select max(seq) as last from entries');
      const engine = await openTestEngine({ storage: shared });
      const [first] = photographs();
      const similar = engine.imgcache.similar({
        perceptualHash: golden(first!).dhash!,
        maxHammingDistance: 0,
      });
      const matches = [];
      for await (const batch of similar) matches.push(...batch);
      expect(matches.map(({ entry }) => entry.contentHash)).toContain(golden(first!).blake2b256);
      await using staged = await engine.stage(corpusPicture('derived/fig-resize50.jpg'));
      await engine.imgcache.store(staged, { url: 'new', clientName: 'new' });
      await engine.close();
      const [{ seq } = {}] = await shared.sql(`select seq from entries where url = 'new'`);
      expect(Number(seq)).toBe(Number(last) + 1);
      // It is no copy any more, and nothing is done to it.
      const again = await move();
      expect(again).toMatchObject({ code: 1, stdout: '' });
      expect(again.stderr).toMatch(/^lookalike: The bytes of the copy differ.*used since.*\n$/);
      expect(await shared.sql(`select url from entries where url = 'new'`)).toHaveLength(1);
    });

    it('only compares when it is run once more', async () => {
      await move();
      const before = await shared.sql('select place from blobs order by place');
      const { code, stdout } = await move('--json');
      expect({ code, copied: JSON.parse(stdout).copied }).toEqual({ code: 0, copied: 0 });
      expect(await shared.sql('select place from blobs order by place')).toEqual(before);
    });

    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      it(`goes on after kill -9 at any moment, and copies nothing twice (seed ${seed})`, async () => {
        let kills = 0;
        for (const count of moments(seed, contentOf(dataDir).rows.bytes!.length)) {
          const child = spawn(process.execPath, [BIN, ...forth()], {
            env: { PATH: process.env.PATH, ...folderEnv() },
            stdio: 'ignore',
          });
          if (await killWhenObjects(child, shared, count)) kills++;
          if (kills === 1) {
            const started = await serve(shared.env);
            expect(started).toMatchObject({ code: 1, stdout: '' });
            expect(started.stderr).toMatch(
              /^lookalike: DATABASE_URL: lookalike migrate has not finished.*\n$/,
            );
          }
        }
        expect(kills).toBeGreaterThan(0);
        expect(await move()).toMatchObject({ code: 0, stderr: '' });
        expect(await back()).toMatchObject({ code: 0, stderr: '' });
        expect(contentOf(join(work, 'back'))).toEqual(contentOf(sound));
        // What was written and then not used is known, and so is swept.
        const stray = await runHere(['check', '--json'], shared.env);
        expect(stray).toMatchObject({ code: 0, stdout: '' });
      });
    }

    it('goes on into a folder after kill -9, which no gateway opens before', async () => {
      await move();
      const folder = join(work, 'back');
      const child = spawn(process.execPath, [BIN, 'migrate', '--to', folder], {
        env: { PATH: process.env.PATH, ...shared.env },
        stdio: 'ignore',
      });
      const exited = once(child, 'exit');
      while (child.exitCode === null && filesIn(folder) < 3) await sleep(5);
      child.kill('SIGKILL');
      await exited;
      expect(filesIn(folder)).toBeLessThan(contentOf(sound).bytes.length);
      const started = await lookalike(['serve'], { PORT: '0', LOOKALIKE_DATA_DIR: folder });
      expect(started).toMatchObject({ code: 1, stdout: '' });
      expect(started.stderr).toMatch(
        /^lookalike: LOOKALIKE_DATA_DIR: lookalike migrate has not finished.*\n$/,
      );
      expect(await back()).toMatchObject({ code: 0, stderr: '' });
      expect(contentOf(folder)).toEqual(contentOf(sound));
    });

    it('says in a dry run what would be copied, and changes nothing', async () => {
      const { code, stdout, stderr } = await move('--dry-run', '--json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { rows } = contentOf(dataDir);
      const counts = Object.fromEntries(Object.entries(rows).map(([kind, { length }]) => [kind, length]));
      expect(JSON.parse(stdout)).toEqual({ dryRun: true, rows: counts, target: 'EMPTY' });
      const tables = `select 1 from pg_tables where schemaname = 'public'`;
      expect(await shared.sql(tables)).toEqual([]);
      await move();
      expect(JSON.parse((await move('--dry-run', '--json')).stdout).target).toBe('FINISHED');
      const there = await back('--dry-run');
      expect(there).toMatchObject({ code: 0, stderr: '' });
      expect(there.stdout).toContain(`entries     ${counts.entries}`);
      expect(existsSync(join(work, 'back'))).toBe(false);
    });

    it('refuses a target with rows of somebody else, and leaves them', async () => {
      const gateway = await openTestEngine({ storage: shared });
      await gateway.close();
      for (const more of [[], ['--dry-run']]) {
        const { code, stderr } = await move(...more);
        expect(code).toBe(1);
        expect(stderr).toMatch(/^lookalike: --to has rows of another installation.*\n$/);
      }
      expect(await shared.sql('select * from imports')).toEqual([]);
    });

    it('refuses a prefix with objects of somebody else', async () => {
      await move();
      const other = await servers().create();
      const args = ['migrate', '--to', other.databaseUrl, '--blobs', shared.blobsUrl];
      const { code, stderr } = await runHere(args, folderEnv());
      expect(code).toBe(1);
      expect(stderr).toMatch(/^lookalike: .*--blobs needs a prefix of its own.*\n$/);
    });

    it('refuses bytes that are lost or altered, names them, and goes on when they are repaired', async () => {
      const [hash] = contentOf(dataDir).rows.bytes!.map(
        (row) => (row as { content_hash: string }).content_hash,
      );
      const path = join(dataDir, 'blobs', hash!.slice(0, 2), hash!.slice(2, 4), hash!);
      appendFileSync(path, 'x');
      for (const problem of ['are others than they were', 'are lost']) {
        const { code, stderr } = await move();
        expect(code).toBe(1);
        expect(stderr).toContain(`lookalike: The bytes of ${hash} ${problem}`);
        expect(stderr.trim()).not.toContain('\n');
        rmSync(path, { force: true });
      }
      cpSync(join(sound, 'blobs'), join(dataDir, 'blobs'), { recursive: true });
      expect(await move()).toMatchObject({ code: 0 });
    });

    it('refuses a folder that a gateway has', async () => {
      const engine = await openTestEngine({ dataDir });
      const { code, stderr } = await move();
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/in use/) });
      expect((await move('--dry-run')).code).toBe(0);
      await engine.suspend();
    });

    it('names the option or the setting that is wrong, in one line', async () => {
      const { databaseUrl, blobsUrl } = shared;
      writeFileSync(join(work, 'mine.txt'), 'mine');
      const gone = databaseUrl.replace(/:\d+\//, ':1/');
      const wrong: [string[], Record<string, string>, number, RegExp][] = [
        [[], folderEnv(), 2, /--to/],
        [['--to', databaseUrl], folderEnv(), 2, /--blobs/],
        [['--to', 'mysql://x/y', '--blobs', blobsUrl], folderEnv(), 2, /--blobs goes with/],
        [['--to', join(work, 'back')], folderEnv(), 1, /DATABASE_URL/],
        [['--to', work], shared.env, 1, /--to .*not empty: it has/],
        [['--to', gone, '--blobs', blobsUrl], folderEnv(), 1, /^lookalike: --to: /],
        [['--to', `${databaseUrl}_`, '--blobs', blobsUrl], folderEnv(), 1, /^lookalike: --to: .*_/],
        [['--to', `${databaseUrl}?x=1`, '--blobs', blobsUrl], folderEnv(), 1, /^lookalike: --to: .*"x"/],
        [
          ['--to', databaseUrl, '--blobs', 's3://UPPER/'],
          folderEnv(),
          1,
          /^lookalike: --blobs must name a bucket/,
        ],
        [
          ['--to', databaseUrl, '--blobs', blobsUrl.replace('pictures-', 'pictures-no-')],
          folderEnv(),
          1,
          /^lookalike: --blobs/,
        ],
        [
          forth().slice(1),
          { ...folderEnv(), LOOKALIKE_DATA_DIR: work },
          1,
          /LOOKALIKE_DATA_DIR .*no database/,
        ],
      ];
      for (const [args, env, code, named] of wrong) {
        for (const more of code === 1 ? [[], ['--dry-run']] : [[]]) {
          const result = await runHere(['migrate', ...args, ...more], env);
          expect(result).toMatchObject({ code, stdout: '' });
          expect(result.stderr).toMatch(/^lookalike: [^\n]*\n$/);
          expect(result.stderr).toMatch(named);
        }
      }
    });
  });
}

/** How many objects are there when a run is killed: more from run to run. */
function moments(seed: number, objects: number): number[] {
  const fraction = (nth: number) => ((seed * 2654435761 + nth * 40503) % 1000) / 1000;
  return [0, 1].map((nth) => Math.floor(((nth + fraction(nth)) * objects) / 2));
}

/** @returns false when it ended before */
async function killWhenObjects(child: ChildProcess, shared: SharedStorage, count: number): Promise<boolean> {
  const exited = once(child, 'exit');
  let written = -1;
  while (child.exitCode === null && written < count) {
    const [row] = await shared
      // Before the import has begun, the database is one like any other.
      .sql(
        'select (select count(*) from blobs) + (select count(*) from blob_garbage) as written from imports',
      )
      .catch(() => []);
    written = Number(row?.written ?? -1);
    await sleep(5);
  }
  child.kill('SIGKILL');
  await exited;
  return child.signalCode === 'SIGKILL';
}

function filesIn(folder: string): number {
  const blobs = join(folder, 'blobs');
  if (!existsSync(blobs)) return 0;
  return readdirSync(blobs, { recursive: true }).filter((path) => /[0-9a-f]{64}$/.test(String(path))).length;
}
