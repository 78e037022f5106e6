/** The codes of file system and SQLite for a full disk or quota. */
const CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);

export const STORAGE_FULL_MESSAGE = 'There is no room left to store anything. Nothing was changed.';

/** Whether an error, or one of its causes, is a full disk or quota. */
export function isStorageFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return CODES.has((error as NodeJS.ErrnoException).code) || isStorageFull(error.cause);
}
