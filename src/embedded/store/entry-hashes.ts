import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import type { HashChunks } from '../search/hamming.js';
import type { HashMatches } from '../search/hash-matches.js';
import { PackedHashes } from '../search/packed-hashes.js';
import type { Candidate } from '../search/similar-hashes.js';

/** How many rows are read at once: some 20 ms of work, between which other calls and aborts get their turn. */
const SLICE_ROWS = 20_000;

/** As JSON, because rows cost more to hand over to JavaScript than to find. */
const ADDED = `
  select json_group_array(json_array(seq, hash0, hash1, hash2, hash3)) as rows
  from (select seq, hash0, hash1, hash2, hash3 from entries
        where seq > ? and hash0 is not null order by seq limit ${SLICE_ROWS})`;
const DELETED = `
  select json_group_array(json_array(id, seq)) as rows
  from (select id, seq from deleted_entries where id > ? order by id limit ${SLICE_ROWS})`;
const LAST_DELETED = 'select coalesce(max(id), 0) as id from deleted_entries';

/** The hashes of all entries in memory, brought up to date with the database before each search. */
export class EntryHashes {
  readonly #added: Database.Statement;
  readonly #deleted: Database.Statement;
  readonly #hashes = new PackedHashes();
  #lastSeq = 0;
  #lastDeletion: number;
  /** Settles when the searches before have ended: two at a time would add the same rows twice. */
  #previous: Promise<unknown> = Promise.resolve();

  constructor(database: Database.Database) {
    this.#added = database.prepare(ADDED);
    this.#deleted = database.prepare(DELETED);
    // Read before any entry is: what is deleted from here on may be among them.
    const [last] = database.prepare(LAST_DELETED).all();
    this.#lastDeletion = (last as { id: number }).id;
  }

  /** Finds what was committed before the call. */
  search(query: HashChunks, radius: number, signal: AbortSignal): Promise<HashMatches> {
    const search = this.#previous.then(async () => {
      await this.#catchUp(signal);
      return this.#hashes.search(query, radius);
    });
    this.#previous = search.catch(() => {});
    return search;
  }

  /** Additions before deletions, as a deletion of what is not yet there would do nothing. */
  async #catchUp(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for await (const rows of slices<Candidate>(this.#added, () => this.#lastSeq, signal)) {
      for (const [seq, ...hash] of rows) this.#hashes.append(seq, hash);
      this.#lastSeq = rows.at(-1)![0];
    }
    for await (const rows of slices<readonly [id: number, seq: number]>(
      this.#deleted,
      () => this.#lastDeletion,
      signal,
    )) {
      for (const [, seq] of rows) this.#hashes.remove(seq);
      this.#lastDeletion = rows.at(-1)![0];
    }
  }
}

/** The rows behind the last one seen, none of the slices empty. */
async function* slices<Row>(
  statement: Database.Statement,
  last: () => number,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  for (;;) {
    const [row] = statement.all(last());
    const rows: Row[] = JSON.parse((row as { rows: string }).rows);
    if (rows.length > 0) yield rows;
    if (rows.length < SLICE_ROWS) return;
    await setImmediate(undefined, { signal });
  }
}
