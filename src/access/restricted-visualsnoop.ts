import type { CallSignal } from '../services/call-signal.js';
import { selectCollections } from '../services/collection-order.js';
import { compareText } from '../services/compare-text.js';
import { ServiceError } from '../services/errors.js';
import {
  type Collection,
  type ImageKey,
  type ImageSearch,
  UnknownCollectionError,
  type VisualSnoop,
} from '../services/visualsnoop.js';

/** A VisualSnoop that has no other collections than these, for clients whose key names them. They cannot create one either. */
export function restrictTo(collectionIds: readonly string[], visualsnoop: VisualSnoop): VisualSnoop {
  const allowed = new Set(collectionIds);
  const sorted = [...allowed].sort(compareText);

  function requireAllowed(collectionId: string): void {
    if (!allowed.has(collectionId)) throw new UnknownCollectionError(collectionId);
  }

  async function readAll(signal: CallSignal | undefined): Promise<Collection[]> {
    const collections = await visualsnoop.getCollections(sorted, signal);
    return collections.filter((collection) => collection !== null);
  }

  /** Reads the values of the keys in these collections; null for the others, in the order of the keys. */
  async function readAllowed<K, V>(
    keys: readonly K[],
    idOf: (key: K) => string,
    read: (keys: readonly K[]) => Promise<(V | null)[]>,
  ): Promise<(V | null)[]> {
    const isAllowed = keys.map((key) => allowed.has(idOf(key)));
    const values = (await read(keys.filter((_, i) => isAllowed[i]))).values();
    return isAllowed.map((asked) => (asked ? (values.next().value ?? null) : null));
  }

  return {
    mode: visualsnoop.mode,
    listCollections: async (query, signal) => selectCollections(await readAll(signal), query),
    countCollections: async (signal) => (await readAll(signal)).length,
    getCollections: (ids, signal) =>
      readAllowed(
        ids,
        (id) => id,
        (asked) => visualsnoop.getCollections(asked, signal),
      ),
    getImages: (keys, signal) =>
      readAllowed(keys, collectionOf, (asked) => visualsnoop.getImages(asked, signal)),
    getContentHashes: (keys, signal) =>
      readAllowed(keys, collectionOf, (asked) => visualsnoop.getContentHashes(asked, signal)),
    async listImages(collectionId, query, signal) {
      requireAllowed(collectionId);
      return visualsnoop.listImages(collectionId, query, signal);
    },
    async countImages(collectionId, filter, signal) {
      requireAllowed(collectionId);
      return visualsnoop.countImages(collectionId, filter, signal);
    },
    listNewestImages: async (ids, limit, signal) => {
      const asked = ids.filter((id) => allowed.has(id));
      const found = await visualsnoop.listNewestImages(asked, limit, signal);
      const byId = new Map(asked.map((id, i) => [id, found[i] ?? []]));
      return ids.map((id) => byId.get(id) ?? []);
    },
    async searchById(key, search, signal) {
      return allowed.has(key.collectionId) ? visualsnoop.searchById(key, search, signal) : null;
    },
    ...(visualsnoop.searchByIds && {
      searchByIds: (keys: readonly ImageKey[], search: ImageSearch, signal?: CallSignal) =>
        readAllowed(keys, collectionOf, (asked) => visualsnoop.searchByIds!(asked, search, signal)),
    }),
    async searchByImage(collectionId, image, search, signal) {
      requireAllowed(collectionId);
      return visualsnoop.searchByImage(collectionId, image, search, signal);
    },
    async addImage(collectionId, image, options, signal) {
      requireAllowed(collectionId);
      return visualsnoop.addImage(collectionId, image, options, signal);
    },
    async deleteImage(key, signal) {
      return allowed.has(key.collectionId) ? visualsnoop.deleteImage(key, signal) : null;
    },
    ...(visualsnoop.addKnownImage && {
      async addKnownImage(collectionId: string, contentHash: string, signal?: CallSignal) {
        requireAllowed(collectionId);
        return visualsnoop.addKnownImage!(collectionId, contentHash, signal);
      },
    }),
    async renameCollection(collectionId, to, signal) {
      requireAllowed(collectionId);
      return visualsnoop.renameCollection(collectionId, to, signal);
    },
    async deleteCollection(collectionId, confirmation, signal) {
      requireAllowed(collectionId);
      return visualsnoop.deleteCollection(collectionId, confirmation, signal);
    },
    async rotateCollectionKeys(collectionId, signal) {
      requireAllowed(collectionId);
      return visualsnoop.rotateCollectionKeys(collectionId, signal);
    },
    async createCollection() {
      throw new ServiceError('Who is limited to named collections makes no others.', {
        service: 'VISUALSNOOP',
        code: 'UNSUPPORTED',
        retryable: false,
      });
    },
    findByContentHash: (contentHashes, ids, limit, signal) =>
      visualsnoop.findByContentHash(
        contentHashes,
        (ids ?? sorted).filter((id) => allowed.has(id)),
        limit,
        signal,
      ),
    async getBytes(key, signal) {
      return allowed.has(key.collectionId) ? visualsnoop.getBytes(key, signal) : null;
    },
    health: (signal) => visualsnoop.health(signal),
  };
}

function collectionOf({ collectionId }: ImageKey): string {
  return collectionId;
}
