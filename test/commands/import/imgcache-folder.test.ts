import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blake2b, blake3 } from 'hash-wasm';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusPicture } from '../../embedded/corpus.js';
import { writeFile } from '../../fakes/picture-files.js';
import { golden, startGateway } from '../../harness/gateway.js';
import { runHere } from '../../harness/run-here.js';
import { storedEntries } from '../../harness/stored-entries.js';

/** Pictures with what the original says of each, and what it would say of itself. */
const NAMES = ['photos/03-fig.jpg', 'photos/04-brushes.jpg', 'photos/05-wine.jpg'];
const TABLE = `create table image_entries (
  id integer not null primary key, url varchar, content_hash varchar(64), content_type varchar,
  file_size_bytes integer, original_filename varchar, width integer, height integer, perceptual_hash varchar(16),
  client_name varchar, lookup_time datetime, created_at datetime)`;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'lookalike-original-'));
});
afterAll(() => rmSync(root, { recursive: true }));

interface OriginalRow {
  hash: string;
  bytes: Buffer;
  type: string;
  width: number | null;
  height: number | null;
  dhash: string | null;
}

const rowOf = (name: string): OriginalRow => {
  const { blake2b256: hash, content_type: type, width, height, dhash } = golden(name);
  return { hash, bytes: corpusPicture(name), type, width, height, dhash };
};

/** Fills a folder as the original does: a table, and flat files with the hash as name. */
function makeOriginal(folder: string, files: string, rows: readonly OriginalRow[]): Database.Database {
  mkdirSync(join(folder, files), { recursive: true });
  const database = new Database(join(folder, 'imgcache.db'));
  database.exec(TABLE);
  const insert = database.prepare('insert into image_entries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const [at, { hash, bytes, type, width, height, dhash }] of rows.entries()) {
    const times = [`2024-0${at + 1}-02 03:04:05.000000`, `2025-0${at + 1}-02 03:04:05.67890${at}`];
    const url = `https://old.example/${at}.jpg?x=1`;
    insert.run(
      at + 1,
      url,
      hash,
      type,
      bytes.length,
      `${at}.jpg`,
      width,
      height,
      dhash,
      `client ${at}`,
      ...times,
    );
    writeFile(join(folder, files), hash, bytes);
  }
  return database;
}

function stateOf(folder: string): unknown[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const found = statSync(join(folder, name));
      return [name, found.mtimeMs, found.size, found.isFile() && readFileSync(join(folder, name), 'latin1')];
    });
}

/** Imports a folder into a new data folder. */
async function importFolder(folder: string, name: string) {
  const dataDir = join(root, `data-${name}`);
  const failures = join(root, `${name}.tsv`);
  const args = ['import', '--imgcache', folder, '--failures', failures, '--concurrency', '1'];
  const result = await runHere(args, { LOOKALIKE_DATA_DIR: dataDir });
  const again = await runHere(args, { LOOKALIKE_DATA_DIR: dataDir });
  return { result, again, failures, entries: await storedEntries({ kind: 'FOLDER', dataDir }) };
}

const expectedOf = ({ hash, bytes, type, width, height, dhash }: OriginalRow, at: number) => {
  const origin = {
    url: `https://old.example/${at}.jpg?x=1`,
    clientName: `client ${at}`,
    lookupTime: `2024-0${at + 1}-02T03:04:05.000000Z`,
    createdAt: `2025-0${at + 1}-02T03:04:05.67890${at}Z`,
  };
  return {
    ...origin,
    origins: [origin],
    contentHash: hash,
    contentType: type,
    fileSizeBytes: bytes.length,
    originalFilename: `${at}.jpg`,
    width,
    height,
    perceptualHash: dhash,
    bucket: '',
    prefix: null,
    meta: null,
    retrievedAt: null,
  };
};
const byHash = <T extends { contentHash: string }>(entries: T[]) =>
  entries.sort((a, b) => (a.contentHash < b.contentHash ? -1 : 1));

describe('the data folder of an original imgcache', () => {
  it.each([
    ['with its files in data', 'data'],
    ['with its files beside the database', '.'],
  ])('is imported with all that it says, %s, and stays as it is', async (_, files) => {
    const folder = join(root, `original-${files.length}`);
    const rows = NAMES.map(rowOf);
    makeOriginal(folder, files, rows).close();
    const before = stateOf(folder);
    const { result, again, entries } = await importFolder(folder, `plain-${files.length}`);
    expect(result).toMatchObject({ code: 0, stdout: 'Stored 3, there already 0, failed 0.\n' });
    expect(again.stdout).toBe('Stored 0, there already 3, failed 0.\n');
    expect(entries).toEqual(byHash(rows.map(expectedOf)));
    expect(stateOf(folder)).toEqual(before);
  });

  it('is read with what is only in its write-ahead log', async () => {
    const live = join(root, 'live');
    const folder = join(root, 'wal');
    const database = makeOriginal(live, 'data', NAMES.slice(0, 2).map(rowOf));
    database.pragma('journal_mode = WAL');
    database.pragma('wal_autocheckpoint = 0');
    database.exec(`update image_entries set client_name = 'late' where id = 2`);
    cpSync(live, folder, { recursive: true });
    database.close();
    expect(statSync(join(folder, 'imgcache.db-wal')).size).toBeGreaterThan(0);
    const before = stateOf(folder);
    const { entries } = await importFolder(folder, 'wal');
    expect(entries.map(({ clientName }) => clientName).sort()).toEqual(['client 0', 'late']);
    expect(stateOf(folder)).toEqual(before);
  });

  it('gives what it can where files are lost or broken, and lists those', async () => {
    const folder = join(root, 'damaged');
    const rows = NAMES.map(rowOf);
    makeOriginal(folder, 'data', rows).close();
    rmSync(join(folder, 'data', rows[0]!.hash));
    writeFile(join(folder, 'data'), rows[1]!.hash, rows[1]!.bytes.subarray(0, 1000));
    const { result, failures, entries } = await importFolder(folder, 'damaged');
    expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining('Stored 1') });
    expect(entries).toEqual([expectedOf(rows[2]!, 2)]);
    const lines = readFileSync(failures, 'utf8').trim().split('\n').slice(1);
    expect(lines).toHaveLength(2);
    expect(lines.find((line) => line.includes(rows[0]!.hash))).toContain('no such file');
    expect(lines.find((line) => line.includes(rows[1]!.hash))).toContain('are not those');
  });

  it('is believed as to what the pictures show until one of a hundred is found to be wrong', async () => {
    const believed = join(root, 'believed');
    const rows = NAMES.map(rowOf);
    // The first one is looked at.
    makeOriginal(believed, 'data', [rows[0]!, { ...rows[1]!, dhash: '0123456789abcdef' }]).close();
    const { entries } = await importFolder(believed, 'believed');
    const hashes = new Map(entries.map(({ contentHash, perceptualHash }) => [contentHash, perceptualHash]));
    expect(hashes.get(rows[1]!.hash)).toBe('0123456789abcdef');
    const wrong = join(root, 'wrong');
    makeOriginal(
      wrong,
      'data',
      rows.map((row) => ({ ...row, dhash: '0123456789abcdef' })),
    ).close();
    const found = await importFolder(wrong, 'wrong');
    expect(found.result.stderr).toContain('another perceptual hash');
    const right = new Map(rows.map(({ hash, dhash }) => [hash, dhash]));
    for (const { contentHash, perceptualHash } of found.entries)
      expect(perceptualHash).toBe(right.get(contentHash));
  });

  it('has pictures decoded that the original could not, and bytes that are no picture as they are', async () => {
    const folder = join(root, 'undecoded');
    const [fig] = NAMES.map(rowOf);
    const text = Buffer.from('no picture at all');
    const other = { hash: await blake2b(text, 256), bytes: text, type: 'application/octet-stream' };
    const unknown = { width: null, height: null, dhash: null };
    makeOriginal(folder, 'data', [
      { ...fig!, ...unknown },
      { ...other, ...unknown },
    ]).close();
    const { result, entries } = await importFolder(folder, 'undecoded');
    expect(result.stdout).toBe('Stored 2, there already 0, failed 0.\n');
    expect(entries).toEqual(byHash([expectedOf(fig!, 0), expectedOf({ ...other, ...unknown }, 1)]));
  });

  it('is understood after the newer server took it over, with what came since', async () => {
    const folder = join(root, 'renamed');
    const rows = NAMES.slice(0, 1).map(rowOf);
    const database = makeOriginal(folder, '.', rows);
    for (const [from, to] of [
      ['content_hash', 'hash'],
      ['content_type', 'mime_type'],
      ['file_size_bytes', 'size_bytes'],
      ['original_filename', 'filename'],
    ])
      database.exec(`alter table image_entries rename column ${from} to ${to}`);
    database.exec('alter table image_entries drop column lookup_time');
    for (const column of [
      `bucket varchar not null default ''`,
      'prefix varchar',
      'file_extension varchar',
      'retrieved_at datetime',
      'meta json',
    ])
      database.exec(`alter table image_entries add column ${column}`);
    // And what came to it since is named by another hash.
    const added = [rowOf(NAMES[1]!), rowOf(NAMES[2]!)];
    for (const [at, { bytes, type, width, height, dhash }] of added.entries()) {
      const hash = await blake3(bytes);
      const prefix = at === 0 ? 'a/b' : null;
      database
        .prepare(`insert into image_entries (id, url, hash, mime_type, width, height, perceptual_hash, client_name,
          filename, created_at, bucket, prefix, file_extension, retrieved_at, meta) values
          (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'parts', ?, '.jpg', '2026-02-02 03:04:05', '{"b":1,"a":[null]}')`)
        .run(
          at + 2,
          `new ${at}`,
          hash,
          type,
          width,
          height,
          dhash,
          'c',
          'n',
          '2026-01-02 03:04:05.000006',
          prefix,
        );
      const name = ['parts', prefix, hash.slice(0, 2), hash.slice(2, 4), `${hash}.jpg`];
      writeFile(folder, name.filter(Boolean).join('/'), at === 0 ? bytes : bytes.subarray(1));
    }
    database.close();
    const { result, entries, failures } = await importFolder(folder, 'renamed');
    expect(result.stdout).toContain('Stored 2, there already 0, failed 1');
    expect(readFileSync(failures, 'utf8')).toMatch(/^new 1\t.*are not those/m);
    const expected = expectedOf(rows[0]!, 0);
    const lookupTime = expected.createdAt;
    expect(entries).toContainEqual({
      ...expected,
      lookupTime,
      origins: [{ ...expected.origins[0], lookupTime }],
    });
    const { hash: contentHash, dhash: perceptualHash } = added[0]!;
    const createdAt = '2026-01-02T03:04:05.000006Z';
    expect(entries).toContainEqual(
      expect.objectContaining({
        contentHash,
        perceptualHash,
        url: 'new 0',
        createdAt,
        lookupTime: createdAt,
        bucket: 'parts',
        prefix: 'a/b',
        meta: { b: 1, a: [null] },
        retrievedAt: '2026-02-02T03:04:05.000000Z',
      }),
    );
  });

  it('goes with times only where no gateway is in between', async () => {
    const folder = join(root, 'locked');
    makeOriginal(folder, 'data', [rowOf(NAMES[0]!)]).close();
    const gateway = await startGateway();
    const env = { LOOKALIKE_DATA_DIR: gateway.dataDir, PORT: new URL(gateway.url).port };
    const result = await runHere(['import', '--imgcache', folder, '--failures', join(root, 'x')], env);
    await gateway.close();
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('Stop the gateway') });
  });
});
