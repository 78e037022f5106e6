import { constants, existsSync } from 'node:fs';
import { copyFile, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import Database from 'libsql';
import type { JsonValue } from '../../services/entry.js';
import { notesProblem } from '../../services/entry-notes.js';
import type { EntryRecord } from '../../services/entry-origin.js';
import { isHex } from '../../services/hex.js';
import { parseUtc } from '../../services/timestamp.js';
import { type Item, SourceError } from './item.js';

/** How many rows are read at a time. */
const PAGE = 1000;

/** What a file of SQLite begins with. */
const HEAD = 'SQLite format 3\0';

/** The files beside a database that hold what is not in it yet. */
const BESIDE = ['', '-wal', '-journal'];

/** A row of the original's table, whichever of its versions made it. */
interface Row {
  id: number;
  hash: string | null;
  url: string | null;
  contentType: string | null;
  filename: string | null;
  width: number | null;
  height: number | null;
  perceptualHash: string | null;
  clientName: string | null;
  lookupTime: string | null;
  createdAt: string | null;
  /** What the newer server has; in a table of the older one these are null. */
  bucket: string | null;
  prefix: string | null;
  extension: string | null;
  retrievedAt: string | null;
  /** JSON. */
  meta: string | null;
}

/** A file of the original, and by which hash it is named. */
type NamedFile = Pick<Item, 'path' | 'contentHash' | 'blake3'>;

/** The data folder of an original imgcache, of either server: its table of images in SQLite, and a file of each. */
export class ImgCacheFolder {
  readonly #database: Database.Database;
  readonly #copy: string;
  readonly #files: readonly string[];
  readonly #select: string;

  private constructor(database: Database.Database, copy: string, files: readonly string[]) {
    this.#database = database;
    this.#copy = copy;
    this.#files = files;
    this.#select = selectOf(columnsOf(database));
  }

  /**
   * Opens a copy of the database, so that nothing in the folder changes, also where SQLite would have to finish a
   * transaction in it.
   * @param scratch a folder of this process
   * @throws SourceError
   */
  static async open(folder: string, scratch: string): Promise<ImgCacheFolder> {
    const root = resolve(folder);
    const path = await findDatabase(root);
    const copy = join(scratch, 'imgcache.db');
    for (const suffix of BESIDE)
      if (existsSync(path + suffix)) await copyFile(path + suffix, copy + suffix, constants.COPYFILE_FICLONE);
    const database = new Database(copy);
    try {
      requireWhole(database, path);
      const near = [root, dirname(path)];
      return new ImgCacheFolder(database, copy, [...near.map((each) => join(each, 'data')), ...near]);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  count(): number {
    const { count } = this.#database.prepare('select count(*) as count from image_entries').get() as {
      count: number;
    };
    return count;
  }

  /** The oldest first, as they were stored. */
  async *items(): AsyncGenerator<Item> {
    const statement = this.#database.prepare(this.#select);
    let after = -1;
    for (;;) {
      const rows = statement.all(after, PAGE) as Row[];
      for (const row of rows) yield this.#toItem(row);
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.id;
    }
  }

  #toItem(row: Row): Item {
    const { url, clientName, filename } = row;
    const createdAt = timeOf(row.createdAt) ?? timeOf(row.lookupTime) ?? EARLIEST;
    return {
      url: url ?? '',
      ...this.#fileOf(row),
      clientName: clientName ?? '',
      lookupTime: timeOf(row.lookupTime) ?? createdAt,
      filename: filename || undefined,
      createdAt,
      facts: factsOf(row),
      bucket: row.bucket || undefined,
      notes: notesOf(row),
    };
  }

  /**
   * Where its bytes are, or would be if they were not lost: in a file named by their BLAKE2b hash; or in one of the newer
   * server in folders, named by their BLAKE3.
   */
  #fileOf({ hash, bucket, prefix, extension }: Row): NamedFile {
    // A database from elsewhere could name any file.
    const name = hash !== null && isHex(hash, 64) ? hash : 'no-hash';
    const flat = this.#find(name);
    if (flat.isThere) return { path: flat.path, contentHash: name };
    const folders = [bucket, prefix, name.slice(0, 2), name.slice(2, 4)].filter((each) => each);
    const nested = [...folders, `${name}${extension ?? ''}`].join('/');
    const found = nested.split('/').includes('..') ? flat : this.#find(nested);
    return found.isThere ? { path: found.path, blake3: name } : { path: flat.path, contentHash: name };
  }

  #find(name: string): { path: string; isThere: boolean } {
    const paths = this.#files.map((folder) => join(folder, name));
    const there = paths.find((path) => existsSync(path));
    return { path: there ?? paths[0]!, isThere: there !== undefined };
  }

  async close(): Promise<void> {
    this.#database.close();
    for (const suffix of [...BESIDE, '-shm']) await rm(this.#copy + suffix, { force: true });
  }
}

/** Of rows without any time. */
const EARLIEST = '1970-01-01T00:00:00.000000Z';

/** The original gives times in UTC and stores no zone. */
function timeOf(text: string | null) {
  return (text && parseUtc(text)) || null;
}

/** What clients noted, as far as it is kept here. */
function notesOf({ prefix, meta, retrievedAt }: Row): Item['notes'] {
  const notes = { prefix, meta: metaOf(meta), retrievedAt: timeOf(retrievedAt) };
  return notesProblem(notes) === null ? notes : { retrievedAt: notes.retrievedAt };
}

function metaOf(text: string | null): JsonValue {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the original read from the bytes, where it could decode them and knew their type. */
function factsOf({ contentType, width, height, perceptualHash }: Row): EntryRecord['facts'] {
  if (!perceptualHash || !isHex(perceptualHash, 16) || width === null || height === null) return undefined;
  if (!contentType?.startsWith('image/')) return undefined;
  return { contentType, width, height, perceptualHash };
}

/** The original's database is imgcache.db, in the folder or beside that of its files. */
async function findDatabase(root: string): Promise<string> {
  const names = await readdir(root).catch(() => {
    throw new SourceError(`There is no folder ${root}.`);
  });
  const candidates = [
    join(root, 'imgcache.db'),
    ...names.filter((name) => /\.(db|sqlite3?)$/.test(name)).map((name) => join(root, name)),
    join(dirname(root), 'imgcache.db'),
  ];
  for (const path of candidates) if (await isDatabase(path)) return path;
  throw new SourceError(`There is no database of an imgcache in ${root}: none is called imgcache.db.`);
}

async function isDatabase(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (!file) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(HEAD.length), 0, HEAD.length);
    return buffer.toString('latin1') === HEAD;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

function requireWhole(database: Database.Database, path: string): void {
  try {
    const [first] = database.prepare('pragma quick_check').all() as { quick_check: string }[];
    if (first?.quick_check !== 'ok') throw new SourceError(`${path} is damaged: ${first?.quick_check}.`);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`${path} cannot be read: ${(error as Error).message}.`);
  }
  if (!columnsOf(database).has('url'))
    throw new SourceError(`${basename(path)} is no database of an imgcache: it has no table image_entries.`);
}

function columnsOf(database: Database.Database): Set<string> {
  const columns = database.prepare('pragma table_info(image_entries)').all() as { name: string }[];
  return new Set(columns.map(({ name }) => name));
}

/** The names of columns: of the first version, and what a later one renamed them to in the same table. */
const NAMES: Readonly<Record<keyof Row, readonly string[]>> = {
  id: ['id'],
  hash: ['content_hash', 'hash'],
  url: ['url'],
  contentType: ['content_type', 'mime_type'],
  filename: ['original_filename', 'filename'],
  width: ['width'],
  height: ['height'],
  perceptualHash: ['perceptual_hash'],
  clientName: ['client_name'],
  lookupTime: ['lookup_time'],
  createdAt: ['created_at'],
  bucket: ['bucket'],
  prefix: ['prefix'],
  extension: ['file_extension'],
  retrievedAt: ['retrieved_at'],
  meta: ['meta'],
};

function selectOf(columns: ReadonlySet<string>): string {
  const selected = Object.entries(NAMES).map(([name, possible]) => {
    const column = possible.find((each) => columns.has(each)) ?? 'null';
    return `${column} as "${name}"`;
  });
  return `select ${selected.join(', ')} from image_entries where id > ? order by id limit ?`;
}
