import { ask } from '../data/graph.js';
import { useQuery } from '../data/use-query.js';
import { ImageDocument, type ImageQuery } from '../generated.js';

export type WholeImage = NonNullable<ImageQuery['image']>;

/** All that is known of an image of a collection; null where there is none. What imgcache is asked for fails by itself. */
export function useImage({ collectionId, imageId }: { collectionId: string; imageId: string }) {
  return useQuery({
    queryKey: ['collections', 'image', collectionId, imageId],
    queryFn: async ({ signal }): Promise<WholeImage | null> =>
      (await ask(ImageDocument, { collectionId, imageId }, { signal, onPartial: () => {} })).image,
  });
}
