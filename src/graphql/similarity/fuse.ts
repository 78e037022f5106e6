import { compareText } from '../../services/compare-text.js';
import { isContentHash } from '../../services/content-hash.js';
import type { EntryMatch } from '../../services/entry.js';
import type { ServiceName } from '../../services/errors.js';
import { imageKeyText } from '../../services/image-key.js';
import type { ImageKey, ImageMatch } from '../../services/visualsnoop.js';

/** The constant of reciprocal rank fusion: how little the very first places count above the next ones. */
const FUSION_K = 60;

export interface FoundImage extends ImageMatch {
  /** Of its bytes; null where VisualSnoop does not know it. */
  contentHash: string | null;
}

/** One picture that was found, wherever it is. */
export interface FusedMatch<E extends EntryMatch = EntryMatch> {
  score: number;
  contentHash: string | null;
  /** Null when imgcache did not find it. */
  entryMatch: E | null;
  /** Best first. */
  images: FoundImage[];
  foundBy: ServiceName[];
}

/** The best first: lowest rank, then by collection and image. */
export function mergeImages(lists: readonly (readonly ImageMatch[])[], first: number): ImageMatch[] {
  return lists
    .flat()
    .sort((a, b) => a.rank - b.rank || compareKeys(a, b))
    .slice(0, first);
}

/**
 * Reciprocal rank fusion: each picture once, with the sum of 1 / (60 + place) over the lists that it is in. Where a
 * list has it more than once, its first place counts. Ties stand by content hash, then by collection and image.
 *
 * @param entries nearest first
 * @param images best first
 */
export function fuse<E extends EntryMatch>(
  entries: readonly E[],
  images: readonly FoundImage[],
): FusedMatch<E>[] {
  const pictures = new Map<string, FusedMatch<E>>();
  for (const [index, entryMatch] of entries.entries()) {
    const { contentHash } = entryMatch.entry;
    pictures.set(contentHash, {
      score: scoreOf(index),
      contentHash,
      entryMatch,
      images: [],
      foundBy: ['IMGCACHE'],
    });
  }
  for (const [index, image] of images.entries()) {
    const identity = identify(image);
    const picture = pictures.get(identity);
    if (!picture) {
      pictures.set(identity, {
        score: scoreOf(index),
        contentHash: image.contentHash,
        entryMatch: null,
        images: [image],
        foundBy: ['VISUALSNOOP'],
      });
      continue;
    }
    if (picture.images.length === 0) {
      picture.score += scoreOf(index);
      picture.foundBy.push('VISUALSNOOP');
    }
    picture.images.push(image);
    picture.contentHash ??= image.contentHash;
  }
  return [...pictures.values()].sort(compareMatches);
}

function scoreOf(index: number): number {
  return 1 / (FUSION_K + index + 1);
}

/** Images of one identity are one picture. An id in the form of a content hash is taken for one, unless it is known. */
function identify(image: FoundImage): string {
  if (image.contentHash !== null) return image.contentHash;
  return isContentHash(image.imageId) ? image.imageId : imageKeyText(image);
}

function compareMatches(a: FusedMatch, b: FusedMatch): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.contentHash !== null && b.contentHash !== null) return compareText(a.contentHash, b.contentHash);
  if (a.contentHash !== null || b.contentHash !== null) return a.contentHash !== null ? -1 : 1;
  return compareKeys(a.images[0]!, b.images[0]!);
}

function compareKeys(a: ImageKey, b: ImageKey): number {
  return compareText(a.collectionId, b.collectionId) || compareText(a.imageId, b.imageId);
}
