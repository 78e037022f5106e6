import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import type { HashMatches, HashQuery } from '../search/hash-matches.js';
import { PackedHashes } from '../search/packed-hashes.js';
import type { Candidate } from '../search/similar-hashes.js';

/** How many rows are read at once: some 20 ms of work, between which other calls and aborts get their turn. */
const SLICE_ROWS = 20_000;
/** How many pairs of a query and an entry are compared at once: about as much work. */
const SLICE_PAIRS = 20_000_000;

/** As JSON, because rows cost more to hand over to JavaScript than to find. */
const ADDED = `
  select json_group_array(json_array(seq, hash0, hash1, hash2, hash3)) as rows
  from (select seq, hash0, hash1, hash2, hash3 from entries
        where seq > ? and hash0 is not null order by seq limit ${SLICE_ROWS})`;
const DELETED = `
  select json_group_array(json_array(id, seq)) as rows
  from (select id, seq from deleted_entries where id > ? order by id limit ${SLICE_ROWS})`;
const LAST_DELETED = 'select coalesce(max(id), 0) as id from deleted_entries';

/**
 * The hashes of all entries in memory, brought up to date with the database before each search. A slice is read and
 * taken over without a pause, so that several searches can do it by turns.
 */
export class EntryHashes {
  readonly #added: Database.Statement;
  readonly #deleted: Database.Statement;
  readonly #hashes = new PackedHashes();
  #lastSeq = 0;
  #lastDeletion: number;

  constructor(database: Database.Database) {
    this.#added = database.prepare(ADDED);
    this.#deleted = database.prepare(DELETED);
    // Read before any entry is: what is deleted from here on may be among them.
    const [last] = database.prepare(LAST_DELETED).all();
    this.#lastDeletion = (last as { id: number }).id;
  }

  /** What each of the queries finds, among it all that was committed before the call. */
  async search(queries: readonly HashQuery[], signal: AbortSignal): Promise<HashMatches[]> {
    signal.throwIfAborted();
    // Additions first, as a deletion of what is not yet there would do nothing.
    while (this.#takeAdded() === SLICE_ROWS) await setImmediate(undefined, { signal });
    while (this.#takeDeleted() === SLICE_ROWS) await setImmediate(undefined, { signal });
    const found: HashMatches[] = [];
    while (found.length < queries.length) {
      if (found.length > 0) await setImmediate(undefined, { signal });
      // Anew for each slice: other searches take over additions and deletions in between.
      const count = Math.max(1, Math.floor(SLICE_PAIRS / this.#hashes.size));
      found.push(...this.#hashes.search(queries.slice(found.length, found.length + count)));
    }
    return found;
  }

  #takeAdded(): number {
    const rows = rowsBehind<Candidate>(this.#added, this.#lastSeq);
    for (const [seq, ...hash] of rows) {
      this.#hashes.append(seq, hash);
      this.#lastSeq = seq;
    }
    return rows.length;
  }

  #takeDeleted(): number {
    const rows = rowsBehind<readonly [id: number, seq: number]>(this.#deleted, this.#lastDeletion);
    for (const [id, seq] of rows) {
      this.#hashes.remove(seq);
      this.#lastDeletion = id;
    }
    return rows.length;
  }
}

function rowsBehind<Row>(statement: Database.Statement, last: number): readonly Row[] {
  const [row] = statement.all(last);
  return JSON.parse((row as { rows: string }).rows);
}
