import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { FileBlobs } from '../blobs/file-blobs.js';
import { checkBytes } from '../check/bytes.js';
import { checkDatabase } from '../check/database.js';
import { syncFolder } from '../durable.js';
import { lockFolder } from '../folder-lock.js';
import { type Counts, countAll } from '../migrate/installation.js';
import { openStorageReader } from '../open-storage.js';
import { openScratch } from '../scratch.js';
import { createFileStaging } from '../staging.js';
import { folderDatabase, openStoreReader } from '../store/open-store.js';
import { copySqlite } from '../store/sqlite/copy.js';
import type { Store } from '../store/store.js';
import { BackupError } from './backup-error.js';
import { copyNewBytes } from './copy-new-bytes.js';
import { DATABASE_PART, prepareTarget, requireSameInstallation } from './target.js';

export interface BackupOptions {
  /** Told of files that are copied or there already, now and then. */
  onProgress(progress: { done: number; total: number }): void;
}

export interface BackupReport {
  /** The rows of each kind in the backup. */
  rows: Counts;
  /** How many files were copied this time. */
  copied: number;
  /** Sentences about bytes that rows need and that are lost or altered in the data folder too. */
  problems: readonly string[];
}

/**
 * Copies a data folder while a gateway may run on it. Bytes are never changed and are there before the row that needs them,
 * so: first the bytes, at leisure; then the database at one moment; then the bytes that came meanwhile. Those of a row that
 * goes stay for ten minutes, which the last step does not take. The copy takes the place of an older one only when it is
 * whole, and files that are there are not copied again.
 *
 * @throws BackupError FolderInUseError
 */
export async function backUp(
  dataDir: string,
  target: string,
  { onProgress }: BackupOptions,
): Promise<BackupReport> {
  await prepareTarget(dataDir, target);
  const lock = lockFolder(target);
  try {
    return await withScratch(join(target, 'incoming'), (scratchDir) =>
      copyInto(target, { dataDir, scratchDir, onProgress }),
    );
  } finally {
    lock.release();
  }
}

async function withScratch<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  const scratch = await openScratch(parent);
  try {
    return await work(scratch.folder);
  } finally {
    await scratch.close();
  }
}

interface CopyOptions extends BackupOptions {
  dataDir: string;
  scratchDir: string;
}

async function copyInto(
  target: string,
  { dataDir, scratchDir, onProgress }: CopyOptions,
): Promise<BackupReport> {
  const source = await openStorageReader({ kind: 'FOLDER', dataDir }, {});
  try {
    await requireSameInstallation(source.store, target);
    const total = await source.store.audit.countNeededBytes();
    const copying = {
      from: source.blobs,
      to: new FileBlobs(join(target, 'blobs')),
      staging: createFileStaging(scratchDir, NO_PICTURES),
      onFile: (done: number) => onProgress({ done: Math.min(done, total), total }),
    };
    const first = await copyNewBytes(copying);
    await copySqlite(folderDatabase(dataDir).path, join(target, DATABASE_PART));
    const second = await copyNewBytes({ ...copying, onFile: () => {} });
    const { rows, problems } = await verify(target);
    await rename(join(target, DATABASE_PART), folderDatabase(target).path);
    await syncFolder(target);
    return {
      rows,
      copied: first.copied + second.copied,
      problems: [...new Set([...first.problems, ...second.problems, ...problems])],
    };
  } finally {
    await source.close();
  }
}

/** Nothing that is copied is decoded. */
const NO_PICTURES = {
  read: () => Promise.reject(new Error('A backup decodes no picture.')),
  describe: () => Promise.reject(new Error('A backup decodes no picture.')),
};

/** @throws BackupError when the tables are damaged */
async function verify(target: string): Promise<{ rows: Counts; problems: string[] }> {
  const { store, close } = await openStoreReader({ kind: 'SQLITE', path: join(target, DATABASE_PART) });
  try {
    return { rows: await countAll(store), problems: await problemsOf(store, target) };
  } finally {
    await close();
  }
}

async function problemsOf(store: Store, target: string): Promise<string[]> {
  const folder = { store, blobs: new FileBlobs(join(target, 'blobs')), quick: true, onProgress: () => {} };
  for await (const { problem } of checkDatabase(folder))
    throw new BackupError(`The copy of the database is damaged, so an older one was kept. ${problem}`);
  const problems: string[] = [];
  for await (const { problem } of checkBytes(folder)) problems.push(problem);
  return problems;
}
