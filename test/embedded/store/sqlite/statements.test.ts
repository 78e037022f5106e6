import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { Statements } from '#src/embedded/store/sqlite/statements.js';

let folder: string;
let sqlite: OpenSqlite;

const hash = 'a'.repeat(64);
const entry = {
  contentHash: hash,
  url: 'https://x.example/1',
  contentType: 'image/png',
  fileSizeBytes: 1,
  originalFilename: null,
  width: 1,
  height: 1,
  perceptualHash: '0123456789abcdef',
  clientName: 'test',
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-statements-'));
  sqlite = await openSqliteStore(join(folder, 'lookalike.db'));
});
afterAll(async () => {
  await sqlite.close();
  rmSync(folder, { recursive: true });
});

describe('Rows of kept statements', () => {
  it.each([
    ['of all types', "select 1 as a, 2.5 as b, 'x' as c, null as d, x'00ff' as e", []],
    ['with a name twice', 'select 1 as a, 2 as b, 3 as a', []],
    ['several and with values', 'select value as v, key from json_each(?)', ['[1,"two",null]']],
    ['none', 'select 1 as a where false', []],
    [
      'that a write returns',
      "insert into secrets values ('n', x'01') on conflict do update set secret = secret returning *",
      [],
    ],
  ])('are those that libsql names: %s', (_, sql, values) => {
    const statements = new Statements(sqlite.connection);
    const expected = sqlite.connection.prepare(sql).all(...values);
    expect(statements.prepare(sql).all(values)).toEqual(expected);
    expect([...statements.prepare(sql).iterate(values)]).toEqual(expected);
  });

  it('have the columns of tables that were changed', () => {
    const connection = new Database(':memory:');
    const statements = new Statements(connection);
    connection.exec('create table t (a)');
    connection.exec('insert into t values (1)');
    expect(statements.prepare('select * from t').all([])).toEqual([{ a: 1 }]);
    connection.exec('alter table t add column b default 2');
    statements.forget();
    expect(statements.prepare('select * from t').all([])).toEqual([{ a: 1, b: 2 }]);
    statements.close();
  });
});

it('An entry is found only once its transaction has ended', async () => {
  let inside: unknown;
  let waiting: Promise<unknown> | undefined;
  await expect(
    sqlite.db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('entries')
        .values({
          content_hash: hash,
          bucket: '',
          url: entry.url,
          content_type: entry.contentType,
          file_size_bytes: 1,
          client_name: 'test',
          lookup_time: '2026-01-01T00:00:00.000000Z',
          created_at: '2026-01-01T00:00:00.000000Z',
        })
        .execute();
      inside = sqlite.connection.prepare('select count(*) as count from entries').all();
      waiting = sqlite.store.entries.find([hash]);
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  expect(inside).toEqual([{ count: 1 }]);
  expect(await waiting).toEqual(new Map());

  await sqlite.store.entries.insert(entry);
  const found = await sqlite.store.entries.find([hash]);
  expect([...found.values()]).toEqual([
    {
      ...entry,
      lookupTime: expect.any(String),
      createdAt: expect.any(String),
      prefix: null,
      meta: null,
      retrievedAt: null,
    },
  ]);
  expect(await sqlite.store.entries.find([hash, 'b'.repeat(64)])).toEqual(found);
});
