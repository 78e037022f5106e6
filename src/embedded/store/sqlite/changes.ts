import type { Changes, Position } from '../rows.js';

/** How far rows were followed: the last seq that was added, and the id of the last deletion. */
interface Place {
  seq: number;
  deletion: number;
}

/** The statements of what is followed. */
export interface FollowedTables<Row> {
  /** By seq: rows behind the given one. */
  added(seq: number, limit: number): readonly Row[];
  /** By id: deletions behind the given one. */
  deleted(id: number, limit: number): readonly (readonly [id: number, seq: number])[];
  /** The id of the last deletion; 0 when there was none. */
  lastDeletion(): number;
  seqOf(row: Row): number;
}

/** Additions first and then deletions, so that whatever a round deletes it has added before. */
export function changesOf<Row>(
  tables: FollowedTables<Row>,
  after: Position | null,
  limit: number,
): Changes<Row> {
  // Read before any row is: what is deleted from here on may be among them.
  const { seq, deletion } = after === null ? { seq: 0, deletion: tables.lastDeletion() } : parsed(after);
  const added = tables.added(seq, limit);
  const deleted = added.length < limit ? tables.deleted(deletion, limit) : [];
  return {
    added,
    deletedSeqs: deleted.map(([, deletedSeq]) => deletedSeq),
    position: formatted({
      seq: added.length > 0 ? tables.seqOf(added.at(-1)!) : seq,
      deletion: deleted.at(-1)?.[0] ?? deletion,
    }),
    more: added.length === limit || deleted.length === limit,
    reset: false,
  };
}

function formatted({ seq, deletion }: Place): Position {
  return `${seq} ${deletion}`;
}

function parsed(position: Position): Place {
  const [seq, deletion] = position.split(' ').map(Number);
  return { seq: seq!, deletion: deletion! };
}
