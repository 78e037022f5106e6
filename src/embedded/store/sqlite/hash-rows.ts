import type Database from 'libsql';
import type { HashRow, HashRows } from '../rows.js';

/** As JSON, because rows cost more to hand over to JavaScript than to find. */
const ADDED = `
  select json_group_array(json_array(seq, hash0, hash1, hash2, hash3)) as rows
  from (select seq, hash0, hash1, hash2, hash3 from entries
        where seq > ? and hash0 is not null order by seq limit ?)`;
const DELETED = `
  select json_group_array(json_array(id, seq)) as rows
  from (select id, seq from deleted_entries where id > ? order by id limit ?)`;
const LAST_DELETION = 'select coalesce(max(id), 0) as id from deleted_entries';

export class SqliteHashRows implements HashRows {
  readonly #added: Database.Statement;
  readonly #deleted: Database.Statement;
  readonly #lastDeletion: Database.Statement;

  constructor(database: Database.Database) {
    this.#added = database.prepare(ADDED);
    this.#deleted = database.prepare(DELETED);
    this.#lastDeletion = database.prepare(LAST_DELETION);
  }

  added(seq: number, limit: number): readonly HashRow[] {
    return rowsOf(this.#added, seq, limit);
  }

  deleted(id: number, limit: number): readonly (readonly [id: number, seq: number])[] {
    return rowsOf(this.#deleted, id, limit);
  }

  lastDeletion(): number {
    const [last] = this.#lastDeletion.all();
    return (last as { id: number }).id;
  }
}

/** The rows of a statement that gives them as one row of JSON; what it selects is their type. */
function rowsOf<Row>(statement: Database.Statement, behind: number, limit: number): readonly Row[] {
  const [row] = statement.all(behind, limit);
  return JSON.parse((row as { rows: string }).rows);
}
