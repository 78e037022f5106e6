import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { sql } from 'kysely';
import type Database from 'libsql';
import { mapConcurrently } from '../../request/map-concurrently.js';
import { now } from '../../services/timestamp.js';
import type { FileBlobs } from '../blobs/file-blobs.js';
import { HasherPool } from '../staging.js';
import { deleteEntry } from '../store/sqlite/entries.js';
import { deleteImage } from '../store/sqlite/images.js';
import type { Store } from '../store/sqlite/tables.js';
import { batches } from './batches.js';
import type { CheckedFolder, Finding, RepairTools } from './finding.js';

/** Files being hashed at a time: reading one goes on while another is hashed. */
const CONCURRENCY = 4;

/**
 * Each hash once, though both tables may need it. The size is null where only a collection has the picture. The limits
 * within make a batch take as long as its rows, and not as all that are left.
 */
const NEEDED = `
  select content_hash as contentHash, max(size) as size from
    (select * from (select content_hash, file_size_bytes as size from entries
                    where content_hash > ?1 order by content_hash limit ?2)
     union all
     select * from (select content_hash, null from images
                    where content_hash > ?1 group by content_hash order by content_hash limit ?2))
  group by content_hash order by content_hash limit ?2`;
const NEEDED_ONE = `
  select max(size) as size, count(*) as rows from
    (select file_size_bytes as size from entries where content_hash = ?1
     union all select null from images where content_hash = ?1)`;
const TOTAL = `select count(*) as total from (select content_hash from entries union select content_hash from images)`;

interface Needed {
  contentHash: string;
  size: number | null;
}

type BytesProblem = 'lost-bytes' | 'corrupt-bytes' | 'wrong-size';

/** The bytes that rows need. */
export async function* checkBytes({
  database,
  blobs,
  quick,
  onProgress,
}: CheckedFolder): AsyncGenerator<Finding> {
  const hashers = new HasherPool();
  const inspect = (needed: Needed) => problemOf(needed, { blobs, hashers, quick });
  const [{ total }] = database.prepare(TOTAL).all() as [{ total: number }];
  let done = 0;
  for await (const batch of batches<Needed, 'contentHash'>(database, NEEDED, 'contentHash', '')) {
    const findings = await mapConcurrently(batch, CONCURRENCY, async (needed) => {
      const problem = (await inspect(needed)) && (await secondLook(database, needed, inspect));
      onProgress({ done: Math.min(++done, total), total });
      return problem && findingOf(problem, needed);
    });
    for (const finding of findings) if (finding) yield finding;
  }
}

/** The rows may be gone by now, or the bytes may have come again. */
async function secondLook(
  database: Database.Database,
  { contentHash }: Needed,
  inspect: (needed: Needed) => Promise<BytesProblem | null>,
): Promise<BytesProblem | null> {
  const [{ size, rows }] = database.prepare(NEEDED_ONE).all(contentHash) as [
    { size: number | null; rows: number },
  ];
  return rows > 0 ? inspect({ contentHash, size }) : null;
}

/** A size that is not the row's is looked into, however quick it has to be. */
async function problemOf(
  { contentHash, size }: Needed,
  { blobs, hashers, quick }: { blobs: FileBlobs; hashers: HasherPool; quick: boolean },
): Promise<BytesProblem | null> {
  const path = blobs.path(contentHash);
  const file = await stat(path).catch(unlessMissing);
  if (!file?.isFile()) return 'lost-bytes';
  const rightSize = size === null || size === file.size;
  if (quick && rightSize) return null;
  if ((await hashOf(path, hashers)) !== contentHash) return 'corrupt-bytes';
  return rightSize ? null : 'wrong-size';
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return null;
}

/** Null when it is gone by now, or the disk has lost a part of it. */
function hashOf(path: string, hashers: HasherPool): Promise<string | null> {
  return hashers.use(async (hasher) => {
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) hasher.update(chunk);
      return hasher.digest('hex');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'EIO') return null;
      throw error;
    }
  });
}

function findingOf(kind: BytesProblem, { contentHash }: Needed): Finding {
  switch (kind) {
    case 'lost-bytes':
      return {
        kind,
        problem: `The bytes of ${contentHash} are lost.`,
        remedy: 'The rows that need them are set aside.',
        repair: (tools) => removeRows(contentHash, tools),
      };
    case 'corrupt-bytes':
      return {
        kind,
        problem: `The bytes of ${contentHash} are others than they were.`,
        remedy: 'They are set aside with the rows that need them.',
        async repair(tools) {
          await tools.setAside.file(tools.blobs.path(contentHash));
          await removeRows(contentHash, tools);
        },
      };
    case 'wrong-size':
      return {
        kind,
        problem: `The entry ${contentHash} has another size than its bytes.`,
        remedy: 'Its size is set right.',
        repair: ({ store, blobs }) => correctSize(contentHash, store, blobs),
      };
  }
}

/** What cannot be served is not there. Its rows are written down, so that it can be fetched or added again. */
async function removeRows(contentHash: string, { store, setAside }: RepairTools): Promise<void> {
  for (const table of ['entries', 'entry_urls'] as const)
    await setAside.rows(
      table,
      await store
        .selectFrom(table)
        .selectAll()
        .where('content_hash', '=', contentHash)
        .orderBy('seq')
        .execute(),
    );
  const images = await store
    .selectFrom('images')
    .select(['collection_id', 'image_id', 'content_hash', 'image_time'])
    .where('content_hash', '=', contentHash)
    .execute();
  await setAside.rows('images', images);
  await deleteEntry(store, contentHash, now());
  for (const { collection_id, image_id } of images)
    await deleteImage(store, { collectionId: collection_id, imageId: image_id });
}

async function correctSize(contentHash: string, store: Store, blobs: FileBlobs): Promise<void> {
  const { size } = await stat(blobs.path(contentHash));
  // Kysely knows the column as one that is never set again.
  await sql`update entries set file_size_bytes = ${size} where content_hash = ${contentHash}`.execute(store);
}
