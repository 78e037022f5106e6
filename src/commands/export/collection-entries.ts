import type { Store } from '../../embedded/store/store.js';
import type { ImagePosition } from '../../services/visualsnoop.js';
import { CommandError } from '../command-line.js';
import { type ExportedEntry, PAGE } from './stored-entries.js';

/** At most so many are written: an image need not have an entry, and several can have the same. */
export async function countCollectionEntries({ collections, images }: Store, id: string): Promise<number> {
  const known = await collections.find([id]);
  if (!known.has(id)) throw new CommandError(`There is no collection ${id}.`);
  return images.count(id, {});
}

/** The entries of what is in a collection, the oldest image first, in batches. */
export async function* collectionEntries(
  { images, entries }: Store,
  collectionId: string,
): AsyncGenerator<readonly ExportedEntry[]> {
  const given = new Set<string>();
  let after: ImagePosition | null = null;
  for (;;) {
    const page: (ImagePosition & { contentHash: string })[] = await images.list(collectionId, {
      order: 'OLDEST_FIRST',
      limit: PAGE,
      ...(after && { after }),
    });
    const hashes = new Set(page.map(({ contentHash }) => contentHash).filter((hash) => !given.has(hash)));
    const found = await entries.find([...hashes]);
    for (const hash of hashes) given.add(hash);
    const there = [...hashes].flatMap((hash) => found.get(hash) ?? []);
    if (there.length > 0) yield there;
    if (page.length < PAGE) return;
    after = page.at(-1)!;
  }
}
