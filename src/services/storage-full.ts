/** What the file system and SQLite say when there is no room for more. */
const CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);

export const STORAGE_FULL_MESSAGE = 'There is no room left to store anything. Nothing was changed.';

/** Whether an error, or what it came of, is that a disk or a quota is full. */
export function isStorageFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return CODES.has((error as NodeJS.ErrnoException).code) || isStorageFull(error.cause);
}
