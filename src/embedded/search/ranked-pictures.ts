import type { ImageMatch } from '../../services/visualsnoop.js';
import { decodeKeypoints } from '../keypoints/keypoints.js';
import { decodeDescriptor } from '../picture/descriptor.js';
import type { ImageSnapshot, Picture } from '../store/rows.js';
import type { CollectionIndex } from './collection-index.js';
import { findLikenesses, type Likeness } from './query-plan.js';

/** A collection as a search sees it. */
export interface SearchedCollection {
  collectionId: string;
  /** As the snapshot is. */
  index: CollectionIndex;
  snapshot: ImageSnapshot;
}

/** For each picture by rank, then by imageId: 0 for the same bytes, and for all others more. */
export async function rankPictures(
  { collectionId, index, snapshot }: SearchedCollection,
  pictures: readonly Picture[],
  { limit, parts }: { limit: number; parts: boolean },
): Promise<ImageMatch[][]> {
  const copies = await snapshot.identical(
    collectionId,
    pictures.map(({ contentHash }) => contentHash),
  );
  const found = pictures.map((picture) => {
    const identical = copies.filter((copy) => copy.contentHash === picture.contentHash);
    const identicalSeqs = new Set(identical.map(({ seq }) => seq));
    const others = likenessesOf(picture, index, parts).filter(({ key }) => !identicalSeqs.has(key));
    return { identical, others: best(others, limit - identical.length) };
  });
  const seqs = new Set(found.flatMap(({ others }) => others.map(({ key }) => key)));
  const names = await snapshot.named([...seqs]);
  const places = new Map(names.map(({ seq }, place) => [seq, place]));
  return found.map(({ identical, others }) => {
    const named = others
      .map((likeness) => ({ ...likeness, place: places.get(likeness.key)! }))
      .sort((a, b) => a.rank - b.rank || a.place - b.place)
      .map(({ rank, found: kind, part, place }) => {
        return { collectionId, imageId: names[place]!.imageId, rank, found: kind, part };
      });
    const same = identical.map(({ imageId }): ImageMatch => {
      return { collectionId, imageId, rank: 0, found: 'WHOLE', part: null };
    });
    return [...same, ...named].slice(0, limit);
  });
}

function likenessesOf(picture: Picture, index: CollectionIndex, parts: boolean): Likeness[] {
  const descriptor = decodeDescriptor(picture.descriptor);
  const keypoints = parts && picture.keypoints ? decodeKeypoints(picture.keypoints) : null;
  return findLikenesses({ descriptor, keypoints }, index);
}

/** As many as the limit, and all more that rank as the last of them: their ids decide which of those come first. */
function best(matches: readonly Likeness[], limit: number): readonly Likeness[] {
  if (limit <= 0) return [];
  const last = matches[limit - 1]?.rank ?? Number.POSITIVE_INFINITY;
  return matches.filter(({ rank }) => rank <= last);
}
