import { now } from '../../services/timestamp.js';
import { batches } from './batches.js';
import type { CheckedFolder, Finding } from './finding.js';

const NEEDED = `
  (select count(*) from entries where entries.content_hash = known.content_hash) +
  (select count(*) from images where images.content_hash = known.content_hash)`;

const WRONG = `
  select * from
    (select content_hash as contentHash, refs, released_at as releasedAt, ${NEEDED} as needed from blobs as known)
  where contentHash > ? and (refs <> needed or (needed = 0) <> (releasedAt is not null))
  order by contentHash limit ?`;

const UNKNOWN = `
  select content_hash as contentHash, 0 as refs, null as releasedAt, ${NEEDED} as needed
  from (select content_hash from entries union select content_hash from images) as known
  where contentHash > ? and content_hash not in (select content_hash from blobs)
  order by contentHash limit ?`;

interface Counted {
  contentHash: string;
  refs: number;
  releasedAt: string | null;
  needed: number;
}

/** How many rows need each picture's bytes: the sweeper removes those that none needs. */
export async function* checkCounts({ database }: CheckedFolder): AsyncGenerator<Finding> {
  for (const query of [WRONG, UNKNOWN])
    for await (const rows of batches<Counted, 'contentHash'>(database, query, 'contentHash', ''))
      for (const row of rows) yield wrongCount(row);
}

function wrongCount({ contentHash, refs, releasedAt, needed }: Counted): Finding {
  const counted =
    refs === needed ? `and it is marked as ${releasedAt ? 'released' : 'needed'}` : `counted: ${refs}`;
  return {
    kind: 'wrong-count',
    problem: `Rows that need the bytes of ${contentHash}: ${needed}, ${counted}.`,
    remedy: 'The count is set right.',
    async repair({ store }) {
      const right = { refs: needed, released_at: needed === 0 ? now() : null };
      await store
        .insertInto('blobs')
        .values({ content_hash: contentHash, ...right })
        .onConflict((conflict) => conflict.column('content_hash').doUpdateSet(right))
        .execute();
    },
  };
}
