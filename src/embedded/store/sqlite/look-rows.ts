import type Database from 'libsql';
import type { DescribedRow, EntryLook, LookRows } from '../looks.js';
import type { Changes, Position } from '../rows.js';
import { changesOf, type FollowedTables } from './changes.js';
import { type DescriptionBytes, withBytes } from './description-bytes.js';

const ADDED = `
  select images.seq as seq, entries.seq as entrySeq
  from images indexed by images_version left join entries on entries.content_hash = images.content_hash and entries.bucket = ''
  where descriptor_version = ? and images.seq > ? order by images.seq limit ?`;
const DELETED = 'select id, seq from deleted_images where id > ? order by id limit ?';
const LAST_DELETION = 'select coalesce(max(id), 0) as id from deleted_images';
/** SQLite takes the columns beside a minimum from the row that has it. */
const OF_ENTRIES = `
  select entries.seq as entrySeq, min(images.seq) as imageSeq, descriptor, keypoints
  from entries join images indexed by images_content using (content_hash)
    left join image_keypoints on image_keypoints.seq = images.seq
  where entries.seq in (select value from json_each(?)) and descriptor_version = ? group by entries.seq`;

/** Looks as a thread follows them, on a connection of its own. */
export class SqliteLookRows implements LookRows {
  readonly #tables: FollowedTables<DescribedRow>;
  readonly #ofEntries: Database.Statement;
  readonly #version: number;

  /** @param version images with descriptors of another one do not count */
  constructor(database: Database.Database, version: number) {
    const added = database.prepare(ADDED);
    const deleted = database.prepare(DELETED).raw();
    const lastDeletion = database.prepare(LAST_DELETION);
    this.#version = version;
    this.#ofEntries = database.prepare(OF_ENTRIES);
    this.#tables = {
      added: (seq, limit) => added.all(version, seq, limit) as DescribedRow[],
      deleted: (id, limit) => deleted.all(id, limit) as [id: number, seq: number][],
      lastDeletion: () => (lastDeletion.all() as [{ id: number }])[0].id,
      seqOf: ({ seq }) => seq,
    };
  }

  async changes(after: Position | null, limit: number): Promise<Changes<DescribedRow>> {
    return changesOf(this.#tables, after, limit);
  }

  async ofEntries(entrySeqs: readonly number[]): Promise<readonly EntryLook[]> {
    const rows = this.#ofEntries.all(JSON.stringify(entrySeqs), this.#version) as (DescriptionBytes &
      Omit<EntryLook, keyof DescriptionBytes>)[];
    return rows.map(withBytes);
  }
}
