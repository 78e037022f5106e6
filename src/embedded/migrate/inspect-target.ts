import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from '../blobs/blobs.js';
import { FileBlobs } from '../blobs/file-blobs.js';
import { openObjects, openStorageReader, type Storage, type StorageOptions } from '../open-storage.js';
import { folderDatabase, openStoreReader } from '../store/open-store.js';
import { NoTablesError } from '../store/tables-version-error.js';
import { MigrationError } from './migration-error.js';
import { lookAt, type TargetState } from './target.js';

/**
 * Finds out whether a copy could be made there, and leaves all as it is. Of a bucket an object is written and deleted; tables
 * are made in a transaction that is rolled back.
 *
 * @throws an error of one line where the target cannot be used
 */
export function inspectTarget(target: Storage, options: StorageOptions): Promise<TargetState> {
  return target.kind === 'FOLDER' ? inspectFolder(target) : inspectShared(target, options);
}

async function inspectFolder(target: Extract<Storage, { kind: 'FOLDER' }>): Promise<TargetState> {
  if (!existsSync(folderDatabase(target.dataDir).path))
    return lookAt({ store: null, blobs: new FileBlobs(join(target.dataDir, 'blobs')) });
  const opened = await openStorageReader(target, { importing: true });
  try {
    return await lookAt(opened);
  } finally {
    await opened.close();
  }
}

async function inspectShared(
  target: Extract<Storage, { kind: 'SHARED' }>,
  options: StorageOptions,
): Promise<TargetState> {
  const { blobs, close } = await openObjects(target, options);
  try {
    await blobs.probe();
    return await inspectDatabase(target.databaseUrl, blobs);
  } finally {
    await close();
  }
}

async function inspectDatabase(url: string, blobs: Blobs): Promise<TargetState> {
  const opened = await openStoreReader({ kind: 'POSTGRES', url }, { importing: true }).catch(
    async (error: unknown) => {
      if (!(error instanceof NoTablesError)) throw error;
      const { tryTables } = await import('../store/postgres/open.js');
      await tryTables(url);
      return null;
    },
  );
  try {
    return await lookAt({ store: opened?.store ?? null, blobs });
  } finally {
    await opened?.close();
  }
}

/** The names that a gateway and an import make in their folder. */
const OWN_FILES = /^(lookalike\.db|lock\.db|blobs$|incoming$|set-aside$)/;

/** @throws MigrationError for a folder with other things in it */
export async function requireOwnFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new MigrationError(`--to ${folder} cannot be used: ${error.code}.`);
  });
  const other = names.find((name) => !OWN_FILES.test(name));
  if (other !== undefined) throw new MigrationError(`--to ${folder} is not empty: it has ${other}.`);
}
