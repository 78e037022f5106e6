import { sql } from 'kysely';
import type { Changes, HashRow, HashRows, Position } from '../rows.js';
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
import { toChunks } from './hashes.js';
import type { Db } from './tables.js';

/**
 * The bytes of a row when the copy is filled, before the name of its bucket: seq in 8, each half in 4, the length of the name
 * in 4. Rows as such cost more than to find them.
 */
const ROW_BYTES = 20;

/** The hashes of entries of all buckets, as the change feed gives them. */
export class PostgresHashRows implements HashRows {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  changes(after: Position | null, limit: number): Promise<Changes<HashRow>> {
    const position = readPosition(after);
    return runTransaction(async () => {
      const follows = position && position.filledTo === undefined;
      return follows ? this.#follow(position, limit) : this.#fill(position, limit);
    });
  }

  /** Reads what there is by seq. What comes and goes meanwhile is followed afterwards, from the first snapshot on. */
  async #fill(position: FeedPosition | null, limit: number): Promise<Changes<HashRow>> {
    const { rows } = await sql<FeedState & { rows: Buffer | null }>`
      with ${feedState(position?.seen ?? null)},
      batch as (
        select seq, bucket, hash_high, hash_low from all_entries
        where seq > ${position?.filledTo ?? 0} and hash_high is not null order by seq limit ${limit})
      select database, snapshot::text, trimmed, (
        select string_agg(int8send(seq) || int4send(hash_high) || int4send(hash_low) ||
          int4send(octet_length(bucket)) || textsend(bucket), '' order by seq)
        from batch) as rows
      from state`.execute(this.#db);
    const state = rows[0]!;
    if (position && isVoid(position, state)) return this.#beginAnew(limit);
    const added = unpack(state.rows);
    const seen = position?.seen ?? state.snapshot;
    const filledTo = added.length === limit ? { filledTo: added.at(-1)![0] } : {};
    return {
      added,
      deletedSeqs: [],
      position: writePosition({ database: state.database, seen, ...filledTo }),
      more: true,
      reset: false,
    };
  }

  async #follow(position: FeedPosition, limit: number): Promise<Changes<HashRow>> {
    const { rows } = await sql<FeedState & FollowedHash>`
      with ${feedState(position.seen)}, ${feedRows('ENTRIES', position, limit)}
      select database, snapshot::text, trimmed, noted.xact::text, noted.seq, coalesce(entries.bucket, others.bucket) as bucket,
        coalesce(entries.hash_high, others.hash_high) as high, coalesce(entries.hash_low, others.hash_low) as low
      from state left join noted on true
        left join entries on entries.seq = noted.seq and entries.hash_high is not null
        left join bucket_entries as others on others.seq = noted.seq and others.hash_high is not null
      order by noted.xact, noted.seq`.execute(this.#db);
    const state = rows[0]!;
    if (isVoid(position, state)) return this.#beginAnew(limit);
    const added: HashRow[] = [];
    const deletedSeqs: number[] = [];
    for (const { seq, bucket, high, low } of rows) {
      if (seq === null) continue;
      if (bucket === null || high === null || low === null) deletedSeqs.push(seq);
      else added.push([seq, bucket, ...toChunks([high, low])]);
    }
    return { added, deletedSeqs, ...nextPosition(position, state, rows, limit), reset: false };
  }

  async #beginAnew(limit: number): Promise<Changes<HashRow>> {
    return { ...(await this.#fill(null, limit)), reset: true };
  }
}

interface FollowedHash {
  xact: string | null;
  seq: number | null;
  bucket: string | null;
  high: number | null;
  low: number | null;
}

function unpack(rows: Buffer | null): HashRow[] {
  const found: HashRow[] = [];
  for (let at = 0; rows && at < rows.length; ) {
    const name = at + ROW_BYTES;
    const end = name + rows.readUInt32BE(name - 4);
    found.push([
      Number(rows.readBigInt64BE(at)),
      name === end ? '' : rows.toString('utf8', name, end),
      rows.readUInt16BE(at + 8),
      rows.readUInt16BE(at + 10),
      rows.readUInt16BE(at + 12),
      rows.readUInt16BE(at + 14),
    ]);
    at = end;
  }
  return found;
}
