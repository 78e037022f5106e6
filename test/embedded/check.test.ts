import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { checkFolder } from '#src/embedded/check/check-folder.js';
import type { Finding, FindingKind } from '#src/embedded/check/finding.js';
import { SetAside } from '#src/embedded/check/set-aside.js';
import { urlHash } from '#src/embedded/store/sqlite/entries.js';
import { openSqliteReader, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { openTestEngine, pictures } from '../harness/engine.js';
import { golden } from '../harness/gateway.js';
import { corpusPicture } from './corpus.js';

const FIG = 'photos/03-fig.jpg';
const BRUSHES = 'photos/04-brushes.jpg';
const WINE = 'photos/05-wine.jpg';
const hashOf = (name: string) => golden(name).blake2b256;
const [fig, brushes, wine] = [FIG, BRUSHES, WINE].map(hashOf) as [string, string, string];
const OTHER = '0'.repeat(64);

/** What every test begins with a copy of: fig is an entry and an image, brushes an entry, wine an image. */
let sound: string;
let collectionId: string;
let dataDir: string;

beforeAll(async () => {
  const engine = await openTestEngine();
  sound = engine.dataDir;
  collectionId = engine.defaultCollection!.collection.collectionId;
  for (const [name, url] of [
    [FIG, 'https://x.example/fig'],
    [FIG, 'https://x.example/fig-again'],
    [BRUSHES, 'https://x.example/brushes'],
  ] as const) {
    await using staged = await engine.stage(corpusPicture(name));
    await engine.imgcache.store(staged, { url, clientName: 'test' });
  }
  for (const [name, imageId] of [
    [FIG, 'fig'],
    [WINE, 'wine'],
  ] as const) {
    await using staged = await engine.stage(corpusPicture(name));
    await engine.visualsnoop.addImage(collectionId, staged, { imageId });
  }
  await engine.suspend();
});
afterAll(() => rmSync(sound, { recursive: true }));

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lookalike-check-'));
  cpSync(sound, dataDir, { recursive: true });
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const database = () => join(dataDir, 'lookalike.db');
const blobs = () => new FileBlobs(join(dataDir, 'blobs'));

function sql(...statements: string[]): void {
  const connection = new Database(database());
  for (const statement of statements) connection.exec(statement);
  connection.close();
}

function rows(query: string): unknown[] {
  const connection = new Database(database());
  try {
    return connection.prepare(query).all() as unknown[];
  } finally {
    connection.close();
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function check({ quick = false } = {}): Promise<Finding[]> {
  const { store, close } = await openSqliteReader(database());
  try {
    return await collect(checkFolder({ store, blobs: blobs(), quick, onProgress() {} }));
  } finally {
    await close();
  }
}

/** @returns what could not be repaired */
async function repair(): Promise<string[]> {
  const { store, close } = await openSqliteStore(database());
  const tools = { store, blobs: blobs(), pictures, setAside: new SetAside(join(dataDir, 'set-aside')) };
  const folder = { store, blobs: blobs(), quick: false, onProgress() {} };
  const failures: string[] = [];
  for await (const finding of checkFolder(folder))
    await finding.repair(tools).catch((error: Error) => failures.push(error.message));
  await close();
  return failures;
}

/** SQLite's own two files come and go. */
const files = () =>
  readdirSync(dataDir, { recursive: true })
    .map(String)
    .filter((path) => !/-(wal|shm)$/.test(path))
    .toSorted();
const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);
const setAside = () =>
  existsSync(join(dataDir, 'set-aside')) ? readdirSync(join(dataDir, 'set-aside')) : [];
const removedRows = () =>
  readFileSync(join(dataDir, 'set-aside', 'removed-rows.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** What an engine on the folder has: whether each is found and has its bytes, and what looks like fig. */
interface Served {
  entries: Record<string, boolean>;
  images: Record<string, boolean>;
  alike: string[];
}

async function served(): Promise<Served> {
  const engine = await openTestEngine({ dataDir, reindexes: false });
  const entries: Record<string, boolean> = {};
  for (const name of [FIG, BRUSHES]) {
    const [entry] = await engine.imgcache.getMeta([hashOf(name)]);
    if (!entry) continue;
    const found = await collect(
      engine.imgcache.similar({ perceptualHash: golden(name).dhash!, maxHammingDistance: 0 }),
    );
    const [urls] = await engine.imgcache.getUrls([entry.contentHash]);
    const byUrl = await engine.imgcache.lookup(urls!);
    const { stream } = (await engine.imgcache.getBytes(entry.contentHash))!;
    entries[name] =
      (await buffer(stream)).equals(corpusPicture(name)) &&
      entry.fileSizeBytes === golden(name).bytes &&
      found.flat().length === 1 &&
      byUrl.every((each) => each?.contentHash === entry.contentHash);
  }
  const images: Record<string, boolean> = {};
  for (const [name, imageId] of [
    [FIG, 'fig'],
    [WINE, 'wine'],
  ] as const) {
    const bytes = await engine.visualsnoop.getBytes({ collectionId, imageId });
    if (bytes) images[imageId] = (await buffer(bytes)).equals(corpusPicture(name));
  }
  const smaller = await engine.stage(corpusPicture('derived/fig-resize50.jpg'));
  const alike = await engine.visualsnoop.searchByImage(collectionId, smaller, { limit: 10 });
  await smaller[Symbol.asyncDispose]();
  await engine.suspend();
  return { entries, images, alike: alike.map(({ imageId }) => imageId) };
}

const EVERYTHING: Served = {
  entries: { [FIG]: true, [BRUSHES]: true },
  images: { fig: true, wine: true },
  alike: ['fig'],
};

describe('a sound data folder', () => {
  it('has no findings', async () => {
    expect(await check()).toEqual([]);
    expect(await served()).toEqual(EVERYTHING);
  });

  it('has none while it is written to', async () => {
    const engine = await openTestEngine({ dataDir });
    const findings: Finding[] = [];
    let writing = true;
    const checking = (async () => {
      while (writing) findings.push(...(await check()));
    })();
    for (let round = 0; round < 20; round++) {
      const bytes = Buffer.concat([corpusPicture('derived/fig-q30.jpg'), Buffer.from(`${round}`)]);
      await using staged = await engine.stage(bytes);
      const { entry } = await engine.imgcache.store(staged, {
        url: 'https://x.example/',
        clientName: 'test',
      });
      const { image } = await engine.visualsnoop.addImage(collectionId, staged);
      await engine.imgcache.delete(entry.contentHash);
      await engine.visualsnoop.deleteImage(image);
    }
    writing = false;
    await checking;
    await engine.suspend();
    expect(findings).toEqual([]);
  });

  it('may hold what an interrupted write left: the start sweeps it', async () => {
    const path = blobs().path(OTHER);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'half of something');
    sql(
      `insert into blobs (content_hash, refs, released_at) values ('${OTHER}', 0, '0001-01-01T00:00:00.000000Z')`,
    );
    expect(await check()).toEqual([]);
    const engine = await openTestEngine({ dataDir });
    expect(existsSync(path)).toBe(false);
    expect(rows(`select * from blobs where content_hash = '${OTHER}'`)).toEqual([]);
    await engine.suspend();
  });

  it('may hold files of other names', async () => {
    writeFileSync(join(dataDir, 'blobs', 'README'), '');
    writeFileSync(join(dirname(blobs().path(fig)), 'thumbs.db'), '');
    expect(await check()).toEqual([]);
  });
});

const URL_ELSEWHERE = `insert into entry_urls (content_hash, bucket, url, url_hash, client_name, lookup_time, created_at)
  select content_hash, 'parts', url, url_hash, client_name, lookup_time, created_at from entry_urls
  where content_hash = '${brushes}'`;

/** The entry of brushes once more, in a bucket, and counted. */
const entryElsewhere = () => {
  const columns = `url, content_type, file_size_bytes, width, height, hash0, hash1, hash2, hash3, client_name,
    lookup_time, created_at`;
  return [
    `insert into entries (content_hash, bucket, ${columns})
     select content_hash, 'parts', ${columns} from entries where content_hash = '${brushes}'`,
    `update blobs set refs = refs + 1 where content_hash = '${brushes}'`,
  ];
};

interface Damage {
  what: string;
  make(): void;
  finds: FindingKind[];
  /** In the first problem. */
  names?: () => string;
  /** What is served after the repair, where it is not everything. */
  leaves?: Partial<Served>;
}

const damages: Damage[] = [
  {
    what: 'an index that lacks a row',
    make: damageIndex,
    finds: ['damaged-database'],
    names: () => 'entries_created',
  },
  {
    what: 'an index of trigrams that lacks a URL',
    make: () =>
      sql(
        `insert into url_trigrams (url_trigrams, rowid, url)
         select 'delete', seq, lower(url) from entry_urls where content_hash = '${brushes}'`,
      ),
    finds: ['damaged-database'],
    names: () => 'url_trigrams',
  },
  {
    what: 'an index of trigrams that cannot be read',
    make: () => sql("update url_trigrams_data set block = x'ffff' where id = 10"),
    finds: ['damaged-database'],
  },
  {
    what: 'a collection that is missing',
    make: () => sql('delete from collections'),
    finds: ['missing-collection'],
    names: () => collectionId,
  },
  {
    what: 'a collection without keys',
    make: () => sql('delete from collection_keys'),
    finds: ['collection-without-keys'],
    names: () => collectionId,
  },
  {
    what: 'a URL without an entry',
    make: () =>
      sql(
        `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
         select '${OTHER}', url, url_hash, client_name, lookup_time, created_at from entry_urls limit 1`,
      ),
    finds: ['url-without-entry'],
    names: () => OTHER,
  },
  {
    what: 'an entry without its URL',
    make: () => sql(`delete from entry_urls where content_hash = '${brushes}'`),
    finds: ['entry-without-url'],
    names: () => brushes,
  },
  {
    what: 'a URL that cannot be looked up',
    make: () => sql(`update entry_urls set url_hash = 'x' where content_hash = '${brushes}'`),
    finds: ['wrong-url-hash'],
    names: () => brushes,
  },
  {
    what: 'a URL in a bucket that its entry is not in',
    make: () => sql(URL_ELSEWHERE),
    finds: ['url-without-entry'],
    names: () => brushes,
  },
  {
    what: 'an entry that is under its URL in another bucket only',
    make: () => sql(...entryElsewhere()),
    finds: ['entry-without-url'],
    names: () => brushes,
  },
  {
    what: 'a wrong size in one of two buckets',
    make: () =>
      sql(
        ...entryElsewhere(),
        URL_ELSEWHERE,
        "update entries set file_size_bytes = 1 where bucket = 'parts'",
      ),
    finds: ['wrong-size'],
    names: () => brushes,
  },
  {
    what: 'bytes that are lost, of entries in two buckets',
    make: () => {
      sql(...entryElsewhere(), URL_ELSEWHERE);
      rmSync(blobs().path(brushes));
    },
    finds: ['lost-bytes'],
    names: () => brushes,
    leaves: { entries: { [FIG]: true } },
  },
  {
    what: 'a living entry noted as deleted',
    make: () => sql('insert into deleted_entries (seq) select seq from entries limit 1'),
    finds: ['wrong-deletion'],
  },
  {
    what: 'a living image noted as deleted',
    make: () =>
      sql('insert into deleted_images (collection_id, seq) select collection_id, seq from images limit 1'),
    finds: ['wrong-deletion'],
  },
  {
    what: 'bytes that are lost, of an entry and an image',
    make: () => rmSync(blobs().path(fig)),
    finds: ['lost-bytes'],
    names: () => fig,
    leaves: { entries: { [BRUSHES]: true }, images: { wine: true }, alike: [] },
  },
  {
    what: 'bytes that are altered',
    make: () => {
      const path = blobs().path(wine);
      const bytes = readFileSync(path);
      bytes[1000]! ^= 1;
      writeFileSync(path, bytes);
    },
    finds: ['corrupt-bytes'],
    names: () => wine,
    leaves: { images: { fig: true } },
  },
  {
    what: 'bytes that are cut off',
    make: () => truncateSync(blobs().path(brushes), 1000),
    finds: ['corrupt-bytes'],
    names: () => brushes,
    leaves: { entries: { [FIG]: true } },
  },
  {
    what: 'a wrong size',
    make: () => sql(`update entries set file_size_bytes = 1 where content_hash = '${fig}'`),
    finds: ['wrong-size'],
    names: () => fig,
  },
  {
    what: 'a count that is too low',
    make: () => sql(`update blobs set refs = 1 where content_hash = '${fig}'`),
    finds: ['wrong-count'],
    names: () => `${fig}: 2, counted: 1.`,
  },
  {
    what: 'needed bytes that are marked as released',
    make: () =>
      sql(`update blobs set released_at = '2020-01-01T00:00:00.000000Z' where content_hash = '${fig}'`),
    finds: ['wrong-count'],
    names: () => 'marked as released',
  },
  {
    what: 'needed bytes that nothing is known of',
    make: () => sql(`delete from blobs where content_hash = '${wine}'`),
    // The file is known again once the count is right.
    finds: ['wrong-count', 'stray-file'],
    names: () => `${wine}: 1, counted: 0.`,
  },
  {
    what: 'unneeded bytes that are not marked as released',
    make: () => sql(`insert into blobs (content_hash, refs, released_at) values ('${OTHER}', 0, null)`),
    finds: ['wrong-count'],
    names: () => OTHER,
  },
  {
    what: 'a file that no row knows',
    make: () => {
      const path = blobs().path(OTHER);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'mine');
    },
    finds: ['stray-file'],
    names: () => OTHER,
  },
  {
    what: 'a file in the wrong folder',
    make: () => {
      const path = join(dataDir, 'blobs', '00', '00', fig);
      mkdirSync(dirname(path), { recursive: true });
      cpSync(blobs().path(fig), path);
    },
    finds: ['stray-file'],
    names: () => join('00', '00', fig),
  },
  {
    what: 'half a perceptual hash',
    make: () => sql(`update entries set hash1 = null where content_hash = '${fig}'`),
    finds: ['broken-hash'],
    names: () => fig,
  },
  {
    what: 'a perceptual hash that is too large',
    make: () => sql(`update entries set hash3 = 65536 where content_hash = '${fig}'`),
    finds: ['broken-hash'],
    names: () => fig,
  },
  {
    what: 'a descriptor of another form',
    make: () => sql(`update images set descriptor = x'01' where image_id = 'fig'`),
    finds: ['broken-descriptor'],
    names: () => '"fig"',
  },
  {
    what: 'a descriptor that says another version',
    make: () =>
      sql(
        `update images set descriptor = cast(x'63' || substr(descriptor, 2) as blob) where image_id = 'fig'`,
      ),
    finds: ['broken-descriptor'],
    names: () => '"fig"',
  },
  {
    what: 'descriptors of another version',
    make: () => sql('update images set descriptor_version = 99'),
    finds: ['outdated-descriptors'],
    names: () => ': 2.',
  },
];

/** Alters a row while SQLite does not know of one of its indexes. */
function damageIndex(): void {
  const [index] = rows("select * from sqlite_schema where name = 'entries_created'") as [
    { rootpage: number; sql: string },
  ];
  sql('pragma writable_schema = on', "delete from sqlite_schema where name = 'entries_created'");
  sql(`update entries set created_at = '2020-01-01T00:00:00.000000Z' where content_hash = '${fig}'`);
  sql(
    'pragma writable_schema = on',
    `insert into sqlite_schema values ('index', 'entries_created', 'entries', ${index.rootpage}, '${index.sql}')`,
  );
}

describe.each(damages)('$what', ({ make, finds, names = () => '', leaves = {} }) => {
  beforeEach(make);

  it('is found, and nothing is changed by that', async () => {
    const before = readFileSync(database());
    const filesBefore = files();
    const findings = await check();
    expect(new Set(kinds(findings))).toEqual(new Set(finds));
    expect(findings[0]!.problem).toContain(names());
    expect(readFileSync(database()).equals(before)).toBe(true);
    expect(files()).toEqual(filesBefore);
  });

  it('is repaired: nothing is found then, and the engine serves the rest', async () => {
    expect(await repair()).toEqual([]);
    expect(await check()).toEqual([]);
    expect(await served()).toEqual({ ...EVERYTHING, ...leaves });
    expect(await check()).toEqual([]);
  });
});

describe('what a repair takes away', () => {
  it('is all there: altered bytes and their rows', async () => {
    const path = blobs().path(fig);
    appendFileSync(path, 'more');
    const altered = readFileSync(path);
    await repair();
    expect(readFileSync(join(dataDir, 'set-aside', fig)).equals(altered)).toBe(true);
    expect(removedRows()).toEqual([
      expect.objectContaining({ table: 'entries', content_hash: fig, url: 'https://x.example/fig' }),
      expect.objectContaining({ table: 'entry_urls', url: 'https://x.example/fig' }),
      expect.objectContaining({ table: 'entry_urls', url: 'https://x.example/fig-again' }),
      expect.objectContaining({ table: 'images', collection_id: collectionId, image_id: 'fig' }),
    ]);
  });

  it('does not replace what was taken away before', async () => {
    for (const content of ['one', 'two']) {
      mkdirSync(dirname(blobs().path(OTHER)), { recursive: true });
      writeFileSync(blobs().path(OTHER), content);
      await repair();
    }
    expect(setAside().toSorted()).toEqual([OTHER, `${OTHER}.2`]);
    expect(readFileSync(join(dataDir, 'set-aside', OTHER), 'utf8')).toBe('one');
  });

  it('is nothing where the bytes are right and the row is wrong', async () => {
    sql('update entries set file_size_bytes = 1', 'update blobs set refs = 0');
    await repair();
    expect(setAside()).toEqual([]);
  });
});

it('a quick check hashes no bytes but those of a wrong size', async () => {
  const path = blobs().path(fig);
  const bytes = readFileSync(path);
  bytes[1000]! ^= 1;
  writeFileSync(path, bytes);
  expect(await check({ quick: true })).toEqual([]);
  appendFileSync(path, 'more');
  expect(kinds(await check({ quick: true }))).toEqual(['corrupt-bytes']);
  renameSync(path, `${path}.away`);
  expect(kinds(await check({ quick: true }))).toEqual(['lost-bytes']);
});

it('several damages are found and repaired at once', async () => {
  rmSync(blobs().path(fig));
  sql(
    'update blobs set refs = 7',
    'delete from collection_keys',
    'update images set descriptor_version = 99',
  );
  expect(kinds(await check())).toEqual([
    'collection-without-keys',
    'lost-bytes',
    ...Array(3).fill('wrong-count'),
    'outdated-descriptors',
  ]);
  expect(await repair()).toEqual([]);
  expect(await check()).toEqual([]);
});

it('damaged tables are not repaired, and nothing is done on their word', async () => {
  sql('pragma wal_checkpoint(truncate)');
  const [{ rootpage }] = rows("select rootpage from sqlite_schema where name = 'entries'") as [
    { rootpage: number },
  ];
  const [{ page_size }] = rows('pragma page_size') as [{ page_size: number }];
  const file = readFileSync(database());
  file.fill(0xff, (rootpage - 1) * page_size, rootpage * page_size);
  writeFileSync(database(), file);
  expect(new Set(kinds(await check()))).toEqual(new Set(['damaged-database']));
  const failures = await repair();
  expect(failures.length).toBeGreaterThan(0);
  expect(failures[0]).toMatch(/restore lookalike\.db from a backup/);
  expect(readFileSync(blobs().path(fig)).equals(corpusPicture(FIG))).toBe(true);
});

it('a folder without any bytes is checked to its end: every row of more than a batch, once', async () => {
  const count = 1200;
  sql(
    'delete from entries',
    'delete from entry_urls',
    'delete from images',
    `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
     insert into entries (content_hash, url, content_type, file_size_bytes, client_name, lookup_time, created_at)
     select printf('%064x', n), '', 'image/png', n, '', '', '' from numbers where n % 3 > 0`,
    `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
     insert into images (collection_id, image_id, content_hash, image_time, descriptor_version, descriptor)
     select '${collectionId}', n, printf('%064x', n), '', 99, x'' from numbers where n % 2 = 0 or n % 3 = 0`,
  );
  rmSync(join(dataDir, 'blobs'), { recursive: true });
  const findings = await check({ quick: true });
  const lost = findings.filter(({ kind }) => kind === 'lost-bytes');
  const expected = Array.from({ length: count }, (_, n) => (n + 1).toString(16).padStart(64, '0'));
  expect(lost.map(({ problem }) => /[0-9a-f]{64}/.exec(problem)?.[0])).toEqual(expected);
  expect(findings.at(-1)!.kind).toBe('outdated-descriptors');
});

it('a URL that was stored once more since it could not be looked up is there once, in its first place', async () => {
  const url = 'https://x.example/fig';
  sql(
    `update entry_urls set url_hash = 'x' where url = '${url}'`,
    `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
     select content_hash, url, '${urlHash(url)}', 'later', lookup_time, created_at
     from entry_urls where url = '${url}'`,
  );
  expect(await repair()).toEqual([]);
  const urls = `select url, client_name as client from entry_urls where content_hash = '${fig}' order by seq`;
  expect(rows(urls)).toEqual([
    { url, client: 'test' },
    { url: `${url}-again`, client: 'test' },
  ]);
  expect(await served()).toEqual(EVERYTHING);
});
