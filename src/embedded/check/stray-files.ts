import type { StoredObject } from '../blobs/blobs.js';
import type { CheckedFolder, Finding } from './finding.js';

/** Where time alone tells whether an object is being written, it is no finding for this long. */
const WRITTEN_WITHIN_MS = 60 * 60_000;

/**
 * Objects that no table knows. A row is there before its object comes, and until it is gone: who looks for the row, then
 * for the object and then for the row again finds none of these that is being written or removed.
 */
export async function* checkStrayFiles({ store, blobs }: CheckedFolder): AsyncGenerator<Finding> {
  const strays = async (objects: readonly StoredObject[]) => {
    const known = await store.audit.knownPlaces(objects);
    return objects.filter(({ place }) => !known.has(place));
  };
  for await (const objects of blobs.list()) {
    const suspects: StoredObject[] = [];
    for (const object of await strays(objects.filter(isOldEnough)))
      if ((await blobs.sizeOf(object.place)) !== null) suspects.push(object);
    for (const { place, contentHash } of await strays(suspects)) {
      yield {
        kind: 'stray-file',
        contentHash,
        object: blobs.nameOf(place),
        problem: `Nothing knows of the bytes at ${blobs.nameOf(place)}.`,
        remedy: 'They are set aside.',
        async repair({ store, blobs }) {
          const known = await store.audit.knownPlaces([{ contentHash, place }]);
          if (!known.has(place) && (await blobs.sizeOf(place)) !== null) await blobs.setAside(place);
        },
      };
    }
  }
}

function isOldEnough({ modifiedAt }: StoredObject): boolean {
  return modifiedAt === null || Date.now() - modifiedAt.getTime() > WRITTEN_WITHIN_MS;
}
