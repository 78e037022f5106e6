import { mapConcurrently } from '../../request/map-concurrently.js';
import { CorruptBlobError, MissingBlobError } from '../blobs/blobs.js';
import { openBytes, type StoredBytes } from '../blobs/read-bytes.js';
import { HasherPool } from '../staging.js';
import type { Audit, NeededBytes } from '../store/audit.js';
import type { CheckedFolder, Finding, RepairTools } from './finding.js';

/** Files being hashed at a time: reading one goes on while another is hashed. */
const CONCURRENCY = 4;

type BytesProblem = 'lost-bytes' | 'corrupt-bytes' | 'wrong-size';

/** The bytes that rows need. */
export async function* checkBytes({
  store,
  blobs,
  quick,
  onProgress,
}: CheckedFolder): AsyncGenerator<Finding> {
  const { audit } = store;
  const hashers = new HasherPool();
  const inspect = (needed: NeededBytes) => problemOf(needed, { store, blobs }, { hashers, quick });
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
  bytes: StoredBytes,
  { hashers, quick }: { hashers: HasherPool; quick: boolean },
): Promise<BytesProblem | null> {
  const found = await sizeOf(bytes, contentHash);
  if (found === null) return 'lost-bytes';
  const rightSize = size === null || size === found;
  if (quick && rightSize) return null;
  if ((await hashOf(bytes, contentHash, hashers)) !== contentHash) return 'corrupt-bytes';
  return rightSize ? null : 'wrong-size';
}

/** Null where there are none. */
async function sizeOf({ store, blobs }: StoredBytes, contentHash: string): Promise<number | null> {
  const place = await store.blobs.findPlace(contentHash);
  return place === null ? null : blobs.sizeOf(place);
}

/** Null when they are gone by now, when the disk has lost a part of them, or when who keeps them finds other bytes. */
function hashOf(bytes: StoredBytes, contentHash: string, hashers: HasherPool): Promise<string | null> {
  return hashers.use(async (hasher) => {
    try {
      for await (const chunk of await openBytes(bytes, contentHash)) hasher.update(chunk);
      return hasher.digest('hex');
    } catch (error) {
      if (error instanceof MissingBlobError || error instanceof CorruptBlobError) return null;
      if ((error as NodeJS.ErrnoException).code === 'EIO') return null;
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
          const place = await tools.store.blobs.findPlace(contentHash);
          if (place !== null) await tools.blobs.setAside(place);
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
  const size = await sizeOf({ store, blobs }, contentHash);
  if (size === null) throw new MissingBlobError(contentHash);
  await store.audit.correctSize(contentHash, size);
}
