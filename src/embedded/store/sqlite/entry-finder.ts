import type { Entry } from '../../../services/entry.js';
import { type EntryRow, FIND_ENTRY, findEntries, toEntry } from './entries.js';
import type { Statements } from './statements.js';
import type { Db } from './tables.js';

/** Finds entries of a bucket by their content hashes. */
export type EntryFinder = (bucket: string, contentHashes: readonly string[]) => Promise<Map<string, Entry>>;

/** One entry that is asked for, and who waits for it. */
interface Asked {
  bucket: string;
  contentHashes: readonly string[];
  resolve(found: Map<string, Entry> | Promise<Map<string, Entry>>): void;
  reject(error: unknown): void;
}

/**
 * Finds entries. Most requests want one: its statement is not composed, which takes twice as long as running it. What the
 * requests of one turn of the event loop ask for is read at its end, one after the other: between the work of two requests the
 * processor's caches have lost the code of the database, and a statement by itself takes twice the time.
 */
export function createEntryFinder(db: Db, statements: Statements): EntryFinder {
  let findOne: ReturnType<Statements['prepareFirst']> | undefined;
  let asked: Asked[] = [];
  const readAll = () => {
    const batch = asked;
    asked = [];
    // What is read while a transaction is open may be rolled back: Kysely waits for its end.
    const mustWait = statements.inTransaction;
    for (const { bucket, contentHashes, resolve, reject } of batch)
      try {
        resolve(mustWait ? findEntries(db, bucket, contentHashes) : readOne(bucket, contentHashes));
      } catch (error) {
        reject(error);
      }
  };
  function readOne(bucket: string, contentHashes: readonly string[]): Map<string, Entry> {
    findOne ??= statements.prepareFirst(FIND_ENTRY);
    const cells = findOne([...contentHashes, bucket]) as Cells | undefined;
    return new Map(cells && [[cells[1], toEntry(toRow(cells), bucket)]]);
  }
  return (bucket, contentHashes) => {
    if (contentHashes.length !== 1) return findEntries(db, bucket, contentHashes);
    return new Promise((resolve, reject) => {
      if (asked.push({ bucket, contentHashes, resolve, reject }) === 1) setImmediate(readAll);
    });
  };
}

/** The values of a row in the order in which FIND_ENTRY selects them. */
type Cells = readonly [
  seq: number,
  contentHash: string,
  url: string,
  contentType: string,
  fileSizeBytes: number,
  originalFilename: string | null,
  width: number | null,
  height: number | null,
  hash0: number | null,
  hash1: number | null,
  hash2: number | null,
  hash3: number | null,
  clientName: string,
  lookupTime: string,
  createdAt: string,
  severalUrls: number,
  notes: string | null,
];

/** One literal: to add one named value after the other takes several times as long. */
function toRow(cells: Cells): EntryRow {
  return {
    seq: cells[0],
    content_hash: cells[1],
    url: cells[2],
    content_type: cells[3],
    file_size_bytes: cells[4],
    original_filename: cells[5],
    width: cells[6],
    height: cells[7],
    hash0: cells[8],
    hash1: cells[9],
    hash2: cells[10],
    hash3: cells[11],
    client_name: cells[12],
    lookup_time: cells[13],
    created_at: cells[14],
    several_urls: cells[15],
    notes: cells[16],
  };
}
