import { sql } from 'kysely';
import type { DescribedRow, EntryLook, LookRows } from '../looks.js';
import type { Changes, Position } from '../rows.js';
import {
  type FeedPosition,
  type FeedState,
  feedRows,
  feedState,
  isVoid,
  nextPosition,
  readPosition,
  writePosition,
} from './change-feed.js';
import { runTransaction } from './failures.js';
import type { Db } from './tables.js';

/** Looks as the change feed gives the images of all collections. */
export class PostgresLookRows implements LookRows {
  readonly #db: Db;
  readonly #version: number;

  /** @param version images with descriptors of another one do not count */
  constructor(db: Db, version: number) {
    this.#db = db;
    this.#version = version;
  }

  changes(after: Position | null, limit: number): Promise<Changes<DescribedRow>> {
    const position = readPosition(after);
    return runTransaction(async () => {
      const follows = position && position.filledTo === undefined;
      return follows ? this.#follow(position, limit) : this.#fill(position, limit);
    });
  }

  async #fill(position: FeedPosition | null, limit: number): Promise<Changes<DescribedRow>> {
    const { rows } = await sql<FeedState & { seq: number | null; entrySeq: number | null }>`
      with ${feedState(position?.seen ?? null)},
      batch as (
        select seq, content_hash from images
        where descriptor_version = ${this.#version} and seq > ${position?.filledTo ?? 0} order by seq limit ${limit})
      select database, snapshot::text, trimmed, batch.seq, entries.seq as "entrySeq"
      from state left join batch on true left join entries using (content_hash) order by batch.seq`.execute(
      this.#db,
    );
    const state = rows[0]!;
    if (position && isVoid(position, state)) return { ...(await this.#fill(null, limit)), reset: true };
    const added = rows.flatMap(({ seq, entrySeq }) => (seq === null ? [] : [{ seq, entrySeq }]));
    const seen = position?.seen ?? state.snapshot;
    const filledTo = added.length === limit ? { filledTo: added.at(-1)!.seq } : {};
    return {
      added,
      deletedSeqs: [],
      position: writePosition({ database: state.database, seen, ...filledTo }),
      more: true,
      reset: false,
    };
  }

  async #follow(position: FeedPosition, limit: number): Promise<Changes<DescribedRow>> {
    const { rows } = await sql<FeedState & FollowedLook>`
      with ${feedState(position.seen)}, ${feedRows('ALL_IMAGES', position, limit)}
      select database, snapshot::text, trimmed, noted.xact::text, noted.seq, images.seq as "imageSeq",
        entries.seq as "entrySeq"
      from state left join noted on true
        left join images on images.seq = noted.seq and descriptor_version = ${this.#version}
        left join entries using (content_hash)
      order by noted.xact, noted.seq`.execute(this.#db);
    const state = rows[0]!;
    if (isVoid(position, state)) return { ...(await this.#fill(null, limit)), reset: true };
    const added: DescribedRow[] = [];
    const deletedSeqs: number[] = [];
    for (const { seq, imageSeq, entrySeq } of rows) {
      if (seq === null) continue;
      if (imageSeq === null) deletedSeqs.push(seq);
      else added.push({ seq, entrySeq });
    }
    return { added, deletedSeqs, ...nextPosition(position, state, rows, limit), reset: false };
  }

  ofEntries(entrySeqs: readonly number[]): Promise<readonly EntryLook[]> {
    return runTransaction(async () => {
      const { rows } = await sql<EntryLook>`
        select distinct on (entries.seq) entries.seq as "entrySeq", images.seq as "imageSeq", descriptor,
          keypoints
        from entries join images using (content_hash)
          left join image_keypoints on image_keypoints.seq = images.seq
        where entries.seq = any(${entrySeqs}::bigint[]) and descriptor_version = ${this.#version}
        order by entries.seq, images.seq`.execute(this.#db);
      return rows;
    });
  }
}

interface FollowedLook {
  xact: string | null;
  seq: number | null;
  imageSeq: number | null;
  entrySeq: number | null;
}
