import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { folderDatabase } from '../store/open-store.js';
import { collectionIdsIn } from '../store/sqlite/copy.js';
import type { Store } from '../store/store.js';
import { BackupError } from './backup-error.js';

/** The copy of the database until it is whole. */
export const DATABASE_PART = 'lookalike.db.part';

/** The names that a backup makes in its folder. Those of a gateway that ran on one are none of them. */
const OWN_NAMES = /^(lookalike\.db(\.part.*)?|blobs|incoming|lock\.db(-journal)?)$/;

/**
 * Makes the folder of a backup where it is not there, for this user alone: it holds secrets and private pictures.
 * @throws BackupError for one that a backup may not go to
 */
export async function prepareTarget(dataDir: string, target: string): Promise<void> {
  const [source, folder] = [await realpath(dataDir), await realPathOf(target)];
  if (isWithin(source, folder) || isWithin(folder, source))
    throw new BackupError(`${target} must be another folder than the data folder, and neither in the other.`);
  await mkdir(target, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new BackupError(`${target} cannot be used: ${error.code}.`);
  });
  const other = (await readdir(target)).find((name) => !OWN_NAMES.test(name));
  if (other !== undefined)
    throw new BackupError(
      `${target} has ${other}, which no backup made: give an empty folder, or one of an earlier backup that no gateway ran on.`,
    );
}

/** Also of a folder that is not there yet. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return join(await realPathOf(dirname(path)), basename(path));
  }
}

function isWithin(outer: string, inner: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`));
}

/**
 * Lets a backup only go over one of the same installation: the two have a collection in common.
 * @throws BackupError
 */
export async function requireSameInstallation(source: Store, target: string): Promise<void> {
  const { path } = folderDatabase(target);
  if (!existsSync(path)) return;
  const ids = idsIn(path);
  const known = await source.collections.find(ids.slice(0, MAX_COMPARED));
  if (ids.length > 0 && known.size === 0)
    throw new BackupError(`${target} is the backup of another data folder.`);
}

const MAX_COMPARED = 1000;

/** The tables may be those of an older version. */
function idsIn(path: string): string[] {
  try {
    return collectionIdsIn(path);
  } catch {
    throw new BackupError(`${path} cannot be read as the database of a backup: give an empty folder.`);
  }
}
