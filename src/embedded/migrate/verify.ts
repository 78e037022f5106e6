import { mapConcurrently } from '../../request/map-concurrently.js';
import { KINDS, type Kind } from '../store/transfer.js';
import { type Digest, digestOf, type Installation, rowsBehind } from './installation.js';
import { MigrationError } from './migration-error.js';

const CONCURRENCY = 16;

export type Digests = Record<Kind, Digest>;

/**
 * Compares all rows of two installations, and looks at each object of the copy.
 * @throws MigrationError at the first difference
 */
export async function verify(
  source: Installation,
  target: Installation,
  onRows: (count: number) => void,
): Promise<Digests> {
  const digests: Partial<Digests> = {};
  for (const kind of KINDS) {
    const [wanted, found] = await Promise.all([
      digestOf(source.store, kind, onRows),
      digestOf(target.store, kind),
    ]);
    if (wanted.count !== found.count || wanted.digest !== found.digest)
      throw new MigrationError(`The ${kind} of the copy differ: ${wanted.count} there, ${found.count} here.`);
    digests[kind] = found;
  }
  await verifyObjects(source, target);
  // Every kind has been compared.
  const complete = digests as Digests;
  await requireUnchanged(source, complete);
  return complete;
}

/** Their hashes were compared when they were written; here each has to be there with its size. */
async function verifyObjects(source: Installation, target: Installation): Promise<void> {
  for await (const rows of rowsBehind(target.store.transfer, 'bytes', null)) {
    await mapConcurrently(rows, CONCURRENCY, async ({ contentHash }) => {
      const [wanted, found] = await Promise.all([sizeOf(source, contentHash), sizeOf(target, contentHash)]);
      if (found === null || found !== wanted)
        throw new MigrationError(`The bytes of ${contentHash} are not in the copy as they were written.`);
    });
  }
}

async function sizeOf({ store, blobs }: Installation, contentHash: string): Promise<number | null> {
  const place = await store.blobs.findPlace(contentHash);
  return place === null ? null : blobs.sizeOf(place);
}

/** Writes of others to the source while the objects were looked at. */
async function requireUnchanged({ store }: Installation, digests: Digests): Promise<void> {
  for (const kind of KINDS)
    if ((await store.transfer.count(kind)) !== digests[kind].count)
      throw new MigrationError(`The ${kind} that were copied have changed meanwhile.`);
}
