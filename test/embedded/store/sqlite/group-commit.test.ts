import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GroupCommit } from '#src/embedded/store/sqlite/group-commit.js';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { openReadOnly } from '#src/embedded/store/sqlite/read-only.js';
import { Statements } from '#src/embedded/store/sqlite/statements.js';
import { insertEntry } from '#src/embedded/store/sqlite/store-entry.js';
import { newEntry } from '../contract/stores.js';

/** Its row is refused. */
const REFUSED = 'https://x.example/refused';
/** With its row SQLite takes back the whole transaction, as on a full disk. */
const LOST = 'https://x.example/lost';
const TRIGGER = `create trigger failing before insert on entries begin
  select case new.url when '${REFUSED}' then raise(abort, 'refused') when '${LOST}' then raise(rollback, 'lost') end;
end`;

let folder: string;
const opened: OpenSqlite[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-group-'));
});
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

/** A database whose commits are made durable by the given function. */
async function openGroup(name: string, sync: () => Promise<void> = async () => {}) {
  const path = join(folder, `${name}.db`);
  const sqlite = await openSqliteStore(path);
  opened.push(sqlite);
  sqlite.connection.exec(TRIGGER);
  const statements = new Statements(sqlite.connection);
  const group = new GroupCommit({ db: sqlite.db, statements }, sync);
  const insert = ({ bucket, picture, url }: Write) =>
    group.run(() =>
      insertEntry(statements, bucket, newEntry(picture, { url, blake3: String(picture).padStart(64, '0') })),
    );
  return { ...sqlite, path, group, insert };
}

interface Write {
  bucket: string;
  picture: number;
  url: string;
}

const anyWrite: fc.Arbitrary<Write> = fc.record({
  bucket: fc.constantFrom('', 'b'),
  picture: fc.integer({ min: 1, max: 5 }),
  url: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }).map((n) => `https://x.example/${n}`) },
    { weight: 1, arbitrary: fc.constantFrom(REFUSED, LOST) },
  ),
});

type Insert = Awaited<ReturnType<typeof openGroup>>['insert'];

async function outcomeOf(write: Write, insert: Insert) {
  try {
    const { entry, status } = await insert(write);
    const { contentHash, url, urls } = entry;
    return { contentHash, url, several: urls === null, status };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

const TABLES = {
  entries: 'seq, content_hash, bucket, url',
  entry_urls: 'seq, content_hash, bucket, url',
  blobs: 'content_hash, refs, released_at, blake3',
};

function rowsOf({ connection }: OpenSqlite) {
  return Object.entries(TABLES).map(([table, columns]) =>
    connection.prepare(`select ${columns} from ${table} order by 1`).all(),
  );
}

/** As a new one, but for its file. */
function empty({ connection }: OpenSqlite): void {
  for (const table of [...Object.keys(TABLES), 'sqlite_sequence']) connection.exec(`delete from ${table}`);
}

describe('Rows of several writers', () => {
  it('come out as those of one after the other', async () => {
    let shared = 0;
    let syncs = 0;
    const serial = await openGroup('serial');
    const together = await openGroup('together', async () => {
      syncs++;
      await setImmediate();
    });
    const property = fc.asyncProperty(
      fc.array(fc.record({ write: anyWrite, pause: fc.boolean() }), { maxLength: 40 }),
      async (writes) => {
        for (const each of [serial, together]) empty(each);
        const expected = [];
        for (const { write } of writes) expected.push(await outcomeOf(write, serial.insert));
        syncs = 0;
        const outcomes = [];
        for (const { write, pause } of writes) {
          outcomes.push(outcomeOf(write, together.insert));
          if (pause) await setImmediate();
        }
        expect(await Promise.all(outcomes)).toEqual(expected);
        expect(rowsOf(together)).toEqual(rowsOf(serial));
        shared += writes.length - syncs;
      },
    );
    await fc.assert(property, { numRuns: 60 });
    expect(shared).toBeGreaterThan(0);
  });

  it('are answered after a sync that began when they were committed, and share it', async () => {
    let syncs = 0;
    const committed: number[] = [];
    const { insert, path } = await openGroup('answers', async () => {
      syncs++;
      const database = openReadOnly(path);
      const [{ count }] = database.prepare('select count(*) as count from entries').all() as [
        { count: number },
      ];
      database.close();
      committed.push(count);
      await setImmediate();
    });
    const answered: number[] = [];
    const writes = Array.from({ length: 200 }, (_, i) => ({
      bucket: '',
      picture: i,
      url: `https://x.example/${i}`,
    }));
    await Promise.all(
      writes.map(async (write) => {
        await insert(write);
        answered.push(committed.at(-1)!);
        expect(answered.length).toBeLessThanOrEqual(committed.at(-1)!);
      }),
    );
    // The first goes at once; the others came meanwhile, in groups of at most 64.
    expect(committed).toEqual([1, 65, 129, 193, 200]);
    expect(syncs).toBe(5);
  });

  it('fail where they cannot be made durable, and those after them do not', async () => {
    const failure = new Error('The disk is broken.');
    let isBroken = true;
    const { insert } = await openGroup('broken', async () => {
      if (isBroken) throw failure;
    });
    const write = (picture: number) => insert({ bucket: '', picture, url: 'https://x.example/' });
    await expect(Promise.allSettled([write(1), write(2), write(3)])).resolves.toEqual(
      Array(3).fill({ status: 'rejected', reason: failure }),
    );
    isBroken = false;
    expect((await write(4)).status).toBe('CREATED');
  });

  it('wait for a transaction that is open, and are no part of it', async () => {
    const { db, insert, connection } = await openGroup('beside');
    let writing: Promise<unknown> | undefined;
    const failed = db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('entries').execute();
      writing = insert({ bucket: '', picture: 1, url: 'https://x.example/' });
      await setImmediate();
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await writing).toMatchObject({ status: 'CREATED' });
    expect(connection.prepare('select url from entries').all()).toHaveLength(1);
  });

  it('leave the database as careful with commits as it was, also after a failure', async () => {
    const { insert, connection } = await openGroup('careful');
    for (const url of ['https://x.example/', REFUSED, LOST]) {
      await insert({ bucket: '', picture: 1, url }).catch(() => {});
      const FULL = 2;
      expect(connection.prepare('pragma synchronous').all()).toEqual([{ synchronous: FULL }]);
      expect(connection.inTransaction).toBe(false);
    }
  });
});
