import { UnknownCollectionError } from '../../services/visualsnoop.js';
import type { Loaders } from './loaders.js';

/**
 * Lets a field that is asked for collections fail where one of them is not there.
 * @throws UnknownCollectionError that names the first of these
 */
export async function requireCollections(
  collectionIds: readonly string[],
  { collections }: Loaders,
): Promise<void> {
  const found = await Promise.all(collectionIds.map((id) => collections.byId.load(id)));
  const unknown = found.indexOf(null);
  if (unknown >= 0) throw new UnknownCollectionError(collectionIds[unknown]!);
}
