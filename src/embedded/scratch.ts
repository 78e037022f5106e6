import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileLock, lockFile } from './folder-lock.js';

/** A folder for the files of this process alone, which go with it. */
export interface Scratch {
  readonly folder: string;
  /** Removes the folder with all that is in it. */
  close(): Promise<void>;
}

/**
 * Makes the scratch folder of this process among those of others, and removes what processes left that have ended: each
 * holds a lock beside its folder while it lives. A process id alone says little, as containers have the same ones.
 *
 * @param parent for this user alone: pictures of collections are private, also while they come in
 */
export async function openScratch(parent: string): Promise<Scratch> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const folder = join(parent, `${process.pid}-${randomBytes(6).toString('hex')}`);
  // Before the folder is there, so that nobody takes it for one that was left.
  const lock = lockFile(lockOf(folder));
  if (!lock) throw new Error(`The scratch folder ${folder} is locked by another process.`);
  try {
    await mkdir(folder, { mode: 0o700 });
    for (const entry of await readdir(parent, { withFileTypes: true })) {
      const path = join(parent, entry.name);
      if (entry.isDirectory()) {
        if (path !== folder) await removeAbandoned(path);
      } else if (!entry.name.endsWith(LOCK_SUFFIX)) {
        // Older versions left files here, and were alone when they did.
        await rm(path, { force: true });
      }
    }
  } catch (error) {
    await removeScratch(folder, lock);
    throw error;
  }
  return { folder, close: () => removeScratch(folder, lock) };
}

const LOCK_SUFFIX = '.lock';

function lockOf(folder: string): string {
  return `${folder}${LOCK_SUFFIX}`;
}

async function removeAbandoned(folder: string): Promise<void> {
  const lock = lockFile(lockOf(folder));
  if (lock) await removeScratch(folder, lock);
}

/** The lock goes last: until then nobody else removes anything. */
async function removeScratch(folder: string, lock: FileLock): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
    await rm(lockOf(folder), { force: true });
  } finally {
    lock.release();
  }
}
