import type { KeepReason } from '../generated.js';
import type { Group } from './ask-groups.js';

/** What speaks for keeping a member, in words. */
export const REASONS: Readonly<Record<KeepReason, string>> = {
  MOST_PIXELS: 'most pixels',
  LOSSLESS: 'lossless',
  LARGEST_FILE: 'largest file',
  OLDEST: 'oldest',
  MOST_URLS: 'most addresses',
};

/** The members as they are shown: the suggested one first, then those with the most pixels and the largest files. */
export function inOrder<Each extends Pick<Group['members'][number], 'isSuggestedKeep' | 'entry'>>(
  members: readonly Each[],
): Each[] {
  return [...members].sort(
    (a, b) =>
      Number(b.isSuggestedKeep) - Number(a.isSuggestedKeep) ||
      pixelsOf(b) - pixelsOf(a) ||
      b.entry.fileSizeBytes - a.entry.fileSizeBytes ||
      (a.entry.contentHash < b.entry.contentHash ? -1 : 1),
  );
}

function pixelsOf({ entry: { width, height } }: Pick<Group['members'][number], 'entry'>): number {
  return (width ?? 0) * (height ?? 0);
}
