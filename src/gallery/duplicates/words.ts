import type { DuplicateVerdict } from '../generated.js';
import { count } from '../shell/units.js';

/** @param members that are there */
export function verdictInWords(
  { verdict, keptHashes }: { verdict: DuplicateVerdict; keptHashes: readonly string[] },
  members: number,
): string {
  switch (verdict) {
    case 'KEEP_ALL':
      return 'Copies, and all of them stay.';
    case 'NOT_DUPLICATES':
      return 'No duplicates.';
    case 'KEEP_SELECTED':
      return members > keptHashes.length
        ? `${count(keptHashes.length, 'picture')} to keep, others not.`
        : `${count(keptHashes.length, 'picture')} kept, the others deleted.`;
  }
}

/** How far the two most unlike members of a group are apart. */
export function widestInWords(widest: number): string {
  return widest === 0 ? 'the same dHash' : `up to ${widest} of 64 bits differ`;
}
