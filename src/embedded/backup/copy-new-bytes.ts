import { mapConcurrently } from '../../request/map-concurrently.js';
import type { Staging } from '../../services/staged-image.js';
import { type Blobs, MissingBlobError } from '../blobs/blobs.js';

/** Copying one waits for the disk while another is hashed. */
const CONCURRENCY = 4;

export interface Copying {
  from: Blobs;
  to: Blobs;
  /** On the file system of the copies. */
  staging: Staging;
  /** Told how many files have been looked at. */
  onFile(done: number): void;
}

export interface CopiedBytes {
  copied: number;
  /** A sentence for each file that has other bytes than its name says, which is not copied. */
  problems: readonly string[];
}

/** Copies the files that are not there yet, or not whole; each is compared with the hash that is its name. */
export async function copyNewBytes({ from, to, staging, onFile }: Copying): Promise<CopiedBytes> {
  const problems: string[] = [];
  let copied = 0;
  let done = 0;
  for await (const objects of from.list()) {
    await mapConcurrently(objects, CONCURRENCY, async ({ place, contentHash }) => {
      onFile(++done);
      // A file in the wrong folder is one that nothing knows of.
      if (place !== contentHash) return;
      const size = await from.sizeOf(place);
      if (size === null || size === (await to.sizeOf(place))) return;
      const bytes = await from.open(place).catch(goneByNow);
      if (!bytes) return;
      await using image = await staging.stage(bytes);
      if (image.contentHash === contentHash) {
        await to.put(place, image);
        copied++;
      } else problems.push(`The bytes of ${contentHash} are others than they were.`);
    });
  }
  return { copied, problems };
}

function goneByNow(error: unknown): null {
  if (error instanceof MissingBlobError) return null;
  throw error;
}
