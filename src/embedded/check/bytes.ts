import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { mapConcurrently } from '../../request/map-concurrently.js';
import type { FileBlobs } from '../blobs/file-blobs.js';
import { HasherPool } from '../staging.js';
import type { Audit, NeededBytes } from '../store/audit.js';
import type { CheckedFolder, Finding, RepairTools } from './finding.js';

/** Files being hashed at a time: reading one goes on while another is hashed. */
const CONCURRENCY = 4;

type BytesProblem = 'lost-bytes' | 'corrupt-bytes' | 'wrong-size';

/** The bytes that rows need. */
export async function* checkBytes({
  store: { audit },
  blobs,
  quick,
  onProgress,
}: CheckedFolder): AsyncGenerator<Finding> {
  const hashers = new HasherPool();
  const inspect = (needed: NeededBytes) => problemOf(needed, { blobs, hashers, quick });
  const total = await audit.countNeededBytes();
  let done = 0;
  for await (const batch of audit.neededBytes()) {
    const findings = await mapConcurrently(batch, CONCURRENCY, async (needed) => {
      const problem = (await inspect(needed)) && (await secondLook(audit, needed, inspect));
      onProgress({ done: Math.min(++done, total), total });
      return problem && findingOf(problem, needed);
    });
    for (const finding of findings) if (finding) yield finding;
  }
}

/** The rows may be gone by now, or the bytes may have come again. */
async function secondLook(
  audit: Audit,
  { contentHash }: NeededBytes,
  inspect: (needed: NeededBytes) => Promise<BytesProblem | null>,
): Promise<BytesProblem | null> {
  const needed = await audit.findNeededBytes(contentHash);
  return needed && inspect(needed);
}

/** A size that is not the row's is looked into, however quick it has to be. */
async function problemOf(
  { contentHash, size }: NeededBytes,
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

function findingOf(kind: BytesProblem, { contentHash }: NeededBytes): Finding {
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
        repair: (tools) => correctSize(contentHash, tools),
      };
  }
}

/** Bytes that cannot be served are not there. Their rows are written down, so that they can be stored or added again. */
async function removeRows(contentHash: string, { store, setAside }: RepairTools): Promise<void> {
  const removed = await store.audit.rowsThatNeed(contentHash);
  for (const table of ['entries', 'entry_urls', 'images'] as const)
    await setAside.rows(table, removed[table]);
  await store.audit.deleteRowsThatNeed(contentHash);
}

async function correctSize(contentHash: string, { store, blobs }: RepairTools): Promise<void> {
  const { size } = await stat(blobs.path(contentHash));
  await store.audit.correctSize(contentHash, size);
}
