import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../harness/command.js';
import { picture, startGateway, type TestGateway } from '../harness/gateway.js';

const STORE = `mutation ($input: StoreEntryInput!) {
  storeEntry(input: $input) { ... on StoreEntrySuccess { entry { contentHash } } }
}`;
const jpeg = picture('photos/03-fig.jpg');

let folder: string;
let gateway: TestGateway;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-backup-'));
  gateway = await startGateway({ dataDir: join(folder, 'data') });
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Other bytes of the same picture: what follows its end is ignored. */
async function store(label: string): Promise<string> {
  const input = { url: `https://x.example/${label}`, clientName: 'test', image: { upload: null } };
  const bytes = Buffer.concat([jpeg, Buffer.from(label)]);
  const { data } = await gateway.upload(STORE, { input }, { 'input.image.upload': bytes });
  return data.storeEntry.entry.contentHash;
}

const backUp = (target: string, env: Record<string, string> = {}) =>
  runCommand(['backup', target, '--json'], {
    cwd: folder,
    env: { LOOKALIKE_DATA_DIR: gateway.dataDir, ...env },
  });

/** Serves a backup, and reads the bytes of each of its entries. */
async function restoredEntries(copy: string): Promise<string[]> {
  const restored = await startGateway({ dataDir: copy });
  try {
    const answer = await fetch(`${restored.url}/imgcache/images/search?url_contains=`);
    const entries = (await answer.json()) as { content_hash: string; file_size_bytes: number }[];
    for (const entry of entries) {
      const bytes = await (await fetch(`${restored.url}/files/${entry.content_hash}`)).arrayBuffer();
      expect(bytes.byteLength).toBe(entry.file_size_bytes);
    }
    return entries.map(({ content_hash }) => content_hash);
  } finally {
    await restored.stop();
  }
}

describe('lookalike backup, beside a gateway that runs', () => {
  it('copies what was acknowledged while others write, and only what is new the next time', async () => {
    const copy = join(folder, 'copy');
    const kept = await Promise.all(['a', 'b', 'c'].map(store));
    const stopping = new AbortController();
    const writer = (async () => {
      for (let i = 0; !stopping.signal.aborted; i++) await store(`while-${i}`);
    })();
    const first = await backUp(copy);
    stopping.abort();
    await writer;
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(first.stdout);
    expect(report).toMatchObject({ folder: copy, problems: [] });
    expect(report.rows.entries).toBeGreaterThanOrEqual(3);
    expect(report.copied).toBeGreaterThanOrEqual(report.rows.entries);

    const last = await store('last');
    const second = JSON.parse((await backUp(copy)).stdout);
    expect(JSON.parse((await backUp(copy)).stdout).copied).toBe(0);
    expect(second.copied).toBeLessThanOrEqual(1 + second.rows.entries - report.rows.entries);
    expect(readdirSync(copy).sort()).toEqual(['blobs', 'incoming', 'lock.db', 'lookalike.db']);
    expect(statSync(copy).mode & 0o777).toBe(0o700);
    expect(statSync(join(copy, 'lookalike.db')).mode & 0o777).toBe(0o600);
    const check = await runCommand(['check'], { cwd: folder, env: { LOOKALIKE_DATA_DIR: copy } });
    expect(check).toMatchObject({ code: 0, stdout: 'Everything is as it should be.\n' });
    expect(await restoredEntries(copy)).toEqual(expect.arrayContaining([...kept, last]));
  });

  it('goes on after one that was killed', async () => {
    const copy = join(folder, 'killed');
    await backUp(copy);
    writeFileSync(join(copy, 'lookalike.db.part'), 'half');
    const [outer = ''] = readdirSync(join(copy, 'blobs'));
    rmSync(join(copy, 'blobs', outer), { recursive: true });
    expect(JSON.parse((await backUp(copy)).stdout)).toMatchObject({
      problems: [],
      copied: expect.any(Number),
    });
    expect(readdirSync(copy)).not.toContain('lookalike.db.part');
  });

  it('tells of bytes that were altered, and ends with 1', async () => {
    const hash = await store('altered');
    const file = join(gateway.dataDir, 'blobs', hash.slice(0, 2), hash.slice(2, 4), hash);
    chmodSync(file, 0o600);
    appendFileSync(file, 'x');
    const copy = join(folder, 'of-altered');
    const { code, stdout } = await backUp(copy);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).problems).toEqual([
      `The bytes of ${hash} are others than they were.`,
      `The bytes of ${hash} are lost.`,
    ]);
    const told = await runCommand(['backup', copy], {
      cwd: folder,
      env: { LOOKALIKE_DATA_DIR: gateway.dataDir },
    });
    expect(told).toMatchObject({ code: 1, stderr: expect.stringContaining(hash) });
    rmSync(file);
  });
});

describe('lookalike backup refuses, in one line,', () => {
  const refused = async (target: string, named: string | RegExp, env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await backUp(target, env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^lookalike: [^\n]+\n$/);
    expect(stderr).toMatch(named);
  };

  it('the data folder itself, and one in it or around it', async () => {
    for (const target of [gateway.dataDir, join(gateway.dataDir, 'backup'), folder])
      await refused(target, /data folder/);
    expect(readdirSync(gateway.dataDir)).not.toContain('backup');
  });

  it('a folder with other things in it', async () => {
    const target = join(folder, 'other-things');
    mkdirSync(target);
    writeFileSync(join(target, 'notes.txt'), '');
    await refused(target, /notes\.txt/);
  });

  it('the backup of another data folder, which stays as it is', async () => {
    const other = await startGateway({ dataDir: join(folder, 'other-data') });
    await other.stop();
    const target = join(folder, 'of-another');
    await backUp(target, { LOOKALIKE_DATA_DIR: other.dataDir });
    const before = statSync(join(target, 'lookalike.db')).ino;
    await refused(target, /another data folder/);
    expect(statSync(join(target, 'lookalike.db')).ino).toBe(before);
  });

  it('a folder that another process backs up into', async () => {
    const target = join(folder, 'taken');
    mkdirSync(target);
    const lock = new Database(join(target, 'lock.db'));
    lock.exec('begin exclusive');
    await refused(target, /in use/);
    lock.close();
  });

  it('a data folder without a database, and data that is elsewhere', async () => {
    await refused(join(folder, 'x'), /has no database/, { LOOKALIKE_DATA_DIR: join(folder, 'nothing') });
    const shared = { DATABASE_URL: 'postgres://h/d', BLOBS_URL: 's3://bucket' };
    await refused(join(folder, 'x'), /pg_dump.*aws s3 sync/, shared);
    const remote = { IMGCACHE_URL: 'http://i', VISUALSNOOP_URL: 'http://v', VISUALSNOOP_KEYS: 'a:b' };
    await refused(join(folder, 'x'), /IMGCACHE_URL/, remote);
  });
});
