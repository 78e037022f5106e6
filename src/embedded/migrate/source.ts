import { checkCollections } from '../check/collections.js';
import { checkCounts } from '../check/counts.js';
import { checkDatabase } from '../check/database.js';
import { checkUrls } from '../check/urls.js';
import type { Installation } from './installation.js';
import { MigrationError } from './migration-error.js';

/** Rows that another database might refuse, or would keep for ever. The bytes are looked at when they are copied. */
const CHECKS = [checkDatabase, checkCollections, checkUrls, checkCounts];

/** @throws MigrationError when the rows of an installation are not as they should be */
export async function requireSoundRows(source: Installation): Promise<void> {
  const folder = { ...source, quick: true, onProgress() {} };
  for (const check of CHECKS)
    for await (const { problem } of check(folder)) throw new MigrationError(unsound(problem));
}

export function unsound(problem: string): string {
  return `${problem} Run lookalike check --repair where it is copied from, and then this once more.`;
}
