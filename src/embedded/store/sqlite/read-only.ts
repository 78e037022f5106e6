import { pathToFileURL } from 'node:url';
import Database from 'libsql';

/** A connection for the threads that only read; they go on while the main thread writes. */
export function openReadOnly(path: string): Database.Database {
  // libsql heeds the mode in a URL only; it has no option for it.
  const database = new Database(`${pathToFileURL(path)}?mode=ro`);
  database.exec('pragma busy_timeout = 5000');
  return database;
}
