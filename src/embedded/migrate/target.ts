import type { Blobs } from '../blobs/blobs.js';
import type { Store } from '../store/store.js';
import { type ImportState, KINDS, OtherRowsError } from '../store/transfer.js';
import { MigrationError } from './migration-error.js';

/** The state of the place that a copy is to be made at. */
export interface TargetState {
  /** Null where there was never an import. */
  begun: ImportState | null;
  hasRows: boolean;
  hasObjects: boolean;
}

/** @param store null where there are no tables yet */
export async function lookAt({ store, blobs }: { store: Store | null; blobs: Blobs }): Promise<TargetState> {
  const begun = store && (await store.transfer.importState());
  return {
    begun,
    hasRows: store !== null && (await hasRows(store)),
    // Of an import that was begun they are its own.
    hasObjects: begun === null && (await hasObjects(blobs)),
  };
}

/**
 * No gateway has worked with a database without rows: its first start makes a collection. Objects of another installation
 * would be strays for those who check this one, and so in danger.
 *
 * @throws MigrationError where a copy of the source may not be made
 */
export function requireUsable({ begun, hasRows, hasObjects }: TargetState, source: string): void {
  if (begun ? begun.source !== source : hasRows)
    throw new MigrationError('--to has rows of another installation; the target must be empty.');
  if (hasObjects)
    throw new MigrationError(
      'The target has objects of another installation; --blobs needs a prefix of its own, and a folder must be empty.',
    );
}

export async function beginImport(store: Store, source: string): Promise<ImportState> {
  try {
    return await store.transfer.beginImport(source);
  } catch (error) {
    // Somebody was quicker.
    if (error instanceof OtherRowsError) throw new MigrationError(`--to: ${error.message}`);
    throw error;
  }
}

async function hasRows({ transfer }: Store): Promise<boolean> {
  for (const kind of KINDS) if ((await transfer.lastKey(kind)) !== null) return true;
  return false;
}

async function hasObjects(blobs: Blobs): Promise<boolean> {
  for await (const objects of blobs.list()) if (objects.length > 0) return true;
  return false;
}
