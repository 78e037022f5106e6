import type Database from 'libsql';
import type { Changes, HashRow, HashRows, Position } from '../rows.js';
import { changesOf, type FollowedTables } from './changes.js';

/** As JSON, because rows cost more to hand over to JavaScript than to find. */
const ADDED = `
  select json_group_array(json_array(seq, bucket, hash0, hash1, hash2, hash3)) as rows
  from (select seq, bucket, hash0, hash1, hash2, hash3 from entries
        where seq > ? and hash0 is not null order by seq limit ?)`;
const DELETED = `
  select json_group_array(json_array(id, seq)) as rows
  from (select id, seq from deleted_entries where id > ? order by id limit ?)`;
const LAST_DELETION = 'select coalesce(max(id), 0) as id from deleted_entries';

export class SqliteHashRows implements HashRows {
  readonly #tables: FollowedTables<HashRow>;

  constructor(database: Database.Database) {
    const added = database.prepare(ADDED);
    const deleted = database.prepare(DELETED);
    const lastDeletion = database.prepare(LAST_DELETION);
    this.#tables = {
      added: (seq, limit) => rowsOf<HashRow>(added, seq, limit),
      deleted: (id, limit) => rowsOf<readonly [number, number]>(deleted, id, limit),
      lastDeletion: () => (lastDeletion.all() as [{ id: number }])[0].id,
      seqOf: ([seq]) => seq,
    };
  }

  async changes(after: Position | null, limit: number): Promise<Changes<HashRow>> {
    return changesOf(this.#tables, after, limit);
  }
}

/** The rows of a statement that gives them as one row of JSON; what it selects is their type. */
function rowsOf<Row>(statement: Database.Statement, behind: number, limit: number): readonly Row[] {
  const [row] = statement.all(behind, limit);
  return JSON.parse((row as { rows: string }).rows);
}
