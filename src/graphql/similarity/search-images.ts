import { mapConcurrently } from '../../request/map-concurrently.js';
import type { ImageKey, ImageMatch } from '../../services/visualsnoop.js';
import { listCollectionIds, MAX_SEARCHES } from '../loaders/collections.js';
import { requireCollections } from '../loaders/require-collections.js';
import { attempt, type SearchResult } from './search-result.js';
import type { Sources } from './sources.js';
import type { Subject } from './subject.js';

const MAX_COPIES = 1000;
/** More than this no search of VisualSnoop gives. */
const MAX_MATCHES = 100;

/** What a search of each collection is to find. */
export interface WantedMatches {
  /** How many. */
  first: number;
  /** Whether parts of pictures are looked for too. */
  parts: boolean;
}

/** A search of one collection; of all of them where it did not come to know which there are. */
export interface CollectionSearch {
  collectionId: string | null;
  result: SearchResult<ImageMatch>;
}

/**
 * Asks VisualSnoop for similar images, best first: by id where a collection has the picture, else by its bytes.
 *
 * @param collectionIds different ones; null means all
 * @returns one search for each collection; all have failed with an UnknownCollectionError when one of those named is
 *   not there
 */
export async function searchImages(
  subject: Subject,
  collectionIds: readonly string[] | null,
  search: WantedMatches,
  sources: Sources,
): Promise<CollectionSearch[]> {
  if (collectionIds?.length === 0) return [];
  if (!subject.bytes) return [{ collectionId: null, result: { outcome: 'NOT_APPLICABLE' } }];
  try {
    const ids =
      collectionIds ?? (await listCollectionIds((query) => sources.loaders.collections.page.load(query)));
    const named = [...(collectionIds ?? []), ...(subject.member ? [subject.member.collectionId] : [])];
    await requireCollections(named, sources.loaders);
    const copies = await findCopies(subject, collectionIds, sources);
    return await mapConcurrently(ids, MAX_SEARCHES, async (collectionId) => {
      const copy = copies.get(collectionId);
      const searching = () => searchCollection(collectionId, subject, copy, search, sources);
      return { collectionId, result: await attempt('VISUALSNOOP', searching) };
    });
  } catch (error) {
    return (collectionIds ?? [null]).map((collectionId) => ({
      collectionId,
      result: { outcome: 'FAILED', error },
    }));
  }
}

/** The image of each collection that is the picture. */
async function findCopies(
  { member, contentHash: readContentHash }: Subject,
  collectionIds: readonly string[] | null,
  { loaders }: Sources,
): Promise<Map<string, ImageKey>> {
  const copies = new Map<string, ImageKey>();
  const contentHash = await readContentHash();
  if (contentHash !== null) {
    const key = { contentHash, collectionIds, limit: MAX_COPIES };
    for (const image of await loaders.collections.copies.load(key)) copies.set(image.collectionId, image);
  }
  return member ? copies.set(member.collectionId, member) : copies;
}

/** Null where the picture is not in the collection and its bytes are nowhere. */
async function searchCollection(
  collectionId: string,
  subject: Subject,
  copy: ImageKey | undefined,
  { first, parts }: WantedMatches,
  { visualsnoop, loaders, scope }: Sources,
): Promise<ImageMatch[] | null> {
  const itself = await subject.contentHash();
  const { member } = subject;
  const isItself = ({ imageId }: ImageMatch) =>
    imageId === itself || (imageId === member?.imageId && collectionId === member.collectionId);
  const others = (matches: readonly ImageMatch[]) =>
    matches.filter((match) => !isItself(match)).slice(0, first);
  const limit = itself === null ? first : Math.min(first + 1, MAX_MATCHES);
  if (copy) {
    const { imageId } = copy;
    const matches = await loaders.collections.similar.load({ collectionId, imageId, limit, parts });
    // A search by id leaves out what it searches with, though a copy under another id is the best match.
    if (matches) return others([{ collectionId, imageId, rank: 0, found: 'WHOLE' }, ...matches]);
  }
  const image = await subject.bytes?.();
  if (!image) return null;
  const matches = await visualsnoop.searchByImage(
    collectionId,
    image,
    { limit, parts },
    scope.reads('VISUALSNOOP'),
  );
  return others(matches);
}
