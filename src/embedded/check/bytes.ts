import { mapConcurrently } from '../../request/map-concurrently.js';
import { type Blobs, CorruptBlobError, MissingBlobError } from '../blobs/blobs.js';
import { openBytes, type StoredBytes } from '../blobs/read-bytes.js';
import { HasherPool } from '../staging.js';
import type { Audit, NeededBytes } from '../store/audit.js';
import type { CheckedFolder, Finding, RepairTools } from './finding.js';

/** Files being hashed at a time: reading one goes on while another is hashed. */
const CONCURRENCY = 4;

interface BytesProblem {
  kind: 'lost-bytes' | 'corrupt-bytes' | 'wrong-size';
  /** Where the bytes were looked for; null where no place is known. */
  place: string | null;
}

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
      return problem && findingOf(problem, needed.contentHash, blobs);
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
  const place = await bytes.store.blobs.findPlace(contentHash);
  const found = place === null ? null : await bytes.blobs.sizeOf(place);
  if (found === null) return { kind: 'lost-bytes', place };
  const rightSize = size === null || size === found;
  if (quick && rightSize) return null;
  if ((await hashOf(bytes, contentHash, hashers)) !== contentHash) return { kind: 'corrupt-bytes', place };
  return rightSize ? null : { kind: 'wrong-size', place };
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

function findingOf({ kind, place }: BytesProblem, contentHash: string, blobs: Blobs): Finding {
  const about = { kind, contentHash, ...(place !== null && { object: blobs.nameOf(place) }) };
  switch (kind) {
    case 'lost-bytes':
      return {
        ...about,
        problem: `The bytes of ${contentHash} are lost.`,
        remedy: 'The rows that need them are set aside.',
        async repair({ store, blobs, setAside }) {
          if (place !== null && (await blobs.sizeOf(place)) !== null) return;
          await store.audit.removeRowsThatNeed(contentHash, place, setAside);
        },
      };
    case 'corrupt-bytes':
      return {
        ...about,
        problem: `The bytes of ${contentHash} are others than they were.`,
        remedy: 'They are set aside with the rows that need them.',
        async repair({ store, blobs, setAside }) {
          // Bytes that cannot be served are not there. Those that were stored again are at another place.
          if (place !== null && (await blobs.sizeOf(place)) !== null) await blobs.setAside(place);
          await store.audit.removeRowsThatNeed(contentHash, place, setAside);
        },
      };
    case 'wrong-size':
      return {
        ...about,
        problem: `The entry ${contentHash} has another size than its bytes.`,
        remedy: 'Its size is set right.',
        repair: (tools) => correctSize(contentHash, tools),
      };
  }
}

async function correctSize(contentHash: string, { store, blobs }: RepairTools): Promise<void> {
  const place = await store.blobs.findPlace(contentHash);
  const size = place === null ? null : await blobs.sizeOf(place);
  if (size === null) throw new MissingBlobError(contentHash);
  await store.audit.correctSize(contentHash, size);
}
