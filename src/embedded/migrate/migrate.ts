import { type Copying, copyRows } from './copy.js';
import { type Counts, countAll, installationId } from './installation.js';
import { MigrationError } from './migration-error.js';
import { requireSoundRows } from './source.js';
import { beginImport, lookAt, requireUsable } from './target.js';
import { type Digests, verify } from './verify.js';

export interface MigrateParts extends Omit<Copying, 'onRows'> {
  /** In rows, of which each is copied and verified. */
  onProgress(progress: { done: number; total: number }): void;
}

export interface Migrated {
  /** Of the copy, the same as those of the source. */
  digests: Digests;
  /** How many rows this run has copied; what an earlier one had is not among them. */
  copied: number;
}

/**
 * Copies an installation to an empty one, or goes on with that, and compares both. Until it has returned, nothing else
 * opens the copy. Nobody may write to the source meanwhile; where somebody does, this fails.
 *
 * @throws MigrationError
 */
export async function migrate({ onProgress, ...parts }: MigrateParts): Promise<Migrated> {
  const { source, target } = parts;
  await requireSoundRows(source);
  const id = await installationId(source.store);
  requireUsable(await lookAt(target), id);
  const { finished } = await beginImport(target.store, id);
  const onRows = progressOf(await countAll(source.store), onProgress);
  const copied = finished ? 0 : await copyRows({ ...parts, onRows });
  try {
    const digests = await verify(source, target, onRows);
    if (!finished) await target.store.transfer.finishImport();
    return { digests, copied };
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    throw new MigrationError(`${error.message} ${finished ? USED_SINCE : CHANGED}`);
  }
}

const USED_SINCE = 'It was whole before, and either side has been used since; nothing was done.';
const CHANGED = 'Stop what writes to either, empty the target, and begin anew.';

function progressOf(counts: Counts, onProgress: MigrateParts['onProgress']): (count: number) => void {
  const total = 2 * Object.values(counts).reduce((sum, count) => sum + count, 0);
  let done = 0;
  return (count) => {
    done = Math.min(done + count, total);
    onProgress({ done, total });
  };
}
