import { open, rm } from 'node:fs/promises';
import { openReadOnly } from './read-only.js';

/** Copies the file of a database as it is at one moment, while others may write, into a new file of this user alone. */
export async function copySqlite(path: string, target: string): Promise<void> {
  for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(target + suffix, { force: true });
  // SQLite keeps the mode of a file that is there and empty.
  await (await open(target, 'wx', 0o600)).close();
  const source = openReadOnly(path);
  try {
    source.prepare('vacuum into ?').run(target);
  } finally {
    source.close();
  }
  const file = await open(target, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The ids of the collections in a file, of any version of the tables. */
export function collectionIdsIn(path: string): string[] {
  const database = openReadOnly(path);
  try {
    const rows = database.prepare('select collection_id from collections').all() as {
      collection_id: string;
    }[];
    return rows.map(({ collection_id }) => collection_id);
  } finally {
    database.close();
  }
}
