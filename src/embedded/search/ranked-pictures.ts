import type { ImageMatch } from '../../services/visualsnoop.js';
import { decodeKeypoints, type Keypoints } from '../keypoints/keypoints.js';
import { decodeDescriptor } from '../picture/descriptor.js';
import type { ImageSnapshot, Picture } from '../store/rows.js';
import type { CollectionIndex } from './collection-index.js';
import { findLikenesses, findMutualLikenesses, type Likeness } from './query-plan.js';

/** A collection as a search sees it. */
export interface SearchedCollection {
  collectionId: string;
  /** As the snapshot is. */
  index: CollectionIndex;
  snapshot: ImageSnapshot;
}

/** A picture that is looked for. */
type Asked = Picture & {
  /** Where it is one of the collection. */
  imageId?: string;
};

/**
 * For each picture by rank, the oldest first where several have one: 0 for the same bytes, of which the lowest imageId comes
 * first, and for all others more.
 */
export async function rankPictures(
  searched: SearchedCollection,
  pictures: readonly Asked[],
  { limit, parts }: { limit: number; parts: boolean },
): Promise<ImageMatch[][]> {
  const { collectionId, snapshot } = searched;
  const copies = await snapshot.identical(
    collectionId,
    pictures.map(({ contentHash }) => contentHash),
  );
  const found: { identical: typeof copies; others: readonly Likeness[] }[] = [];
  for (const picture of pictures) {
    const identical = copies.filter((copy) => copy.contentHash === picture.contentHash);
    const identicalSeqs = new Set(identical.map(({ seq }) => seq));
    const itself = identical.find(({ imageId }) => imageId === picture.imageId);
    const likenesses = await likenessesOf(picture, itself?.seq ?? null, searched, parts);
    const others = likenesses.filter(({ key }) => !identicalSeqs.has(key));
    found.push({ identical, others: others.slice(0, Math.max(0, limit - identical.length)) });
  }
  const seqs = new Set(found.flatMap(({ others }) => others.map(({ key }) => key)));
  const rows = await snapshot.named([...seqs]);
  const imageIds = new Map(rows.map(({ seq, imageId }) => [seq, imageId]));
  return found.map(({ identical, others }) => {
    const alike = others.map(({ key, rank, found: kind, part }): ImageMatch => {
      return { collectionId, imageId: imageIds.get(key)!, rank, found: kind, part };
    });
    const same = identical.map(({ imageId }): ImageMatch => {
      return { collectionId, imageId, rank: 0, found: 'WHOLE', part: null };
    });
    return [...same, ...alike].slice(0, limit);
  });
}

/** @param seq of the picture's own row; null where it is not in the collection */
async function likenessesOf(
  picture: Picture,
  seq: number | null,
  { index, snapshot }: SearchedCollection,
  parts: boolean,
): Promise<Likeness[]> {
  const descriptor = decodeDescriptor(picture.descriptor);
  const keypoints = parts && picture.keypoints ? decodeKeypoints(picture.keypoints) : null;
  const query = { descriptor, keypoints };
  if (seq === null) return findLikenesses(query, index);
  return findMutualLikenesses(seq, query, index, (seqs) => keypointsOf(seqs, snapshot));
}

/** By seq; without those that cannot be read. */
async function keypointsOf(
  seqs: readonly number[],
  snapshot: ImageSnapshot,
): Promise<Map<number, Keypoints>> {
  const rows = await snapshot.keypoints(seqs);
  const read = rows.map(({ seq, keypoints }) => [seq, decodeKeypoints(keypoints)] as const);
  return new Map(read.filter((each): each is readonly [number, Keypoints] => each[1] !== null));
}
