import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteReader, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { TablesVersionError } from '#src/embedded/store/tables-version-error.js';

/** A database as an earlier version of this program left it, after the migrations up to 0002. */
const EXISTING = readFileSync(new URL('../../../fixtures/database-0002.sql', import.meta.url), 'utf8');

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-migrate-'));
  path = join(folder, 'lookalike.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

function readAll(): Record<string, unknown[]> {
  const connection = new Database(path);
  const all = (query: string) => connection.prepare(query).all();
  try {
    const schema = all('select name, sql from sqlite_master order by name') as { name: string }[];
    const tables = all("select name from sqlite_master where type = 'table'") as { name: string }[];
    return {
      schema,
      ...Object.fromEntries(tables.map(({ name }) => [name, all(`select * from "${name}"`)])),
    };
  } finally {
    connection.close();
  }
}

describe('a database of an earlier version', () => {
  beforeEach(() => {
    const connection = new Database(path);
    connection.exec(EXISTING);
    connection.close();
  });

  it('keeps its rows when it is brought up to date, and is unchanged after that', async () => {
    const { schema: _, kysely_migration: applied, ...rows } = readAll();
    expect(applied).toHaveLength(2);
    await (await openSqliteStore(path)).close();
    const upgraded = readAll();
    expect(upgraded).toMatchObject(rows);
    for (const open of [openSqliteStore, openSqliteReader]) {
      await (await open(path)).close();
      expect(readAll()).toEqual(upgraded);
    }
  });

  it('is not read before it is brought up to date', async () => {
    await expect(openSqliteReader(path)).rejects.toThrow(TablesVersionError);
  });

  it('has its entries, images and keys', async () => {
    const { store, close } = await openSqliteStore(path);
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
    expect([...(await store.entries.find([one, two, three])).keys()].toSorted()).toEqual([one, two]);
    expect((await store.entries.findUrls([one])).get(one)).toEqual([
      'https://x.example/1',
      'https://y.example/1',
    ]);
    const [image] = await store.images.find([{ collectionId: 'c0ffee00', imageId: 'one' }]);
    expect(image?.contentHash).toBe(one);
    expect(await store.collections.findKey('public')).toEqual({
      collectionId: 'c0ffee00',
      secretKey: 'secret',
    });
    await close();
  });

  it('has its URLs, those that come and those that go in the index of trigrams', async () => {
    const { store, connection, close } = await openSqliteStore(path);
    const indexed = (trigram: string) =>
      connection.prepare('select rowid from url_trigrams where url_trigrams match ?').all(trigram).length;
    /** It throws when index and table differ in anything. */
    const compare = () =>
      connection.exec("insert into url_trigrams (url_trigrams, rank) values ('integrity-check', 1)");
    expect(indexed('"y.e"')).toBe(1);
    compare();
    const [entry] = (await store.entries.find(['1'.repeat(64)])).values();
    await store.entries.insert({ ...entry!, url: 'https://Z.example/"İ' });
    expect([indexed('"z.e"'), indexed('"/""İ"'), indexed('"Z.e"')]).toEqual([1, 1, 0]);
    compare();
    connection.exec('delete from entry_urls where seq = 1');
    // It takes the place of another row.
    connection.exec("update or replace entry_urls set content_hash = '1', url_hash = 'x'");
    compare();
    await store.entries.delete('2'.repeat(64));
    compare();
    await close();
  });

  it('has the tables and migrations of a new one', async () => {
    await (await openSqliteStore(path)).close();
    const { schema, kysely_migration } = readAll();
    const names = (rows: unknown) => (rows as { name: string }[]).map(({ name }) => name);
    rmSync(path);
    await (await openSqliteStore(path)).close();
    const made = readAll();
    expect(made.schema).toEqual(schema);
    expect(names(made.kysely_migration)).toEqual(names(kysely_migration));
  });
});
