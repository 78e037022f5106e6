import { mapConcurrently } from '../../request/map-concurrently.js';
import type { CallSignal } from '../../services/call-signal.js';
import { selectCollections } from '../../services/collection-order.js';
import { compareText } from '../../services/compare-text.js';
import {
  type CollectionKeys,
  type ImageKey,
  UnknownCollectionError,
  type VisualSnoop,
} from '../../services/visualsnoop.js';
import type { KeyPair } from '../../services/visualsnoop-signature.js';
import { createServiceClient, type ServiceClientOptions, type ServiceStatus } from '../http/client.js';
import { RemoteCollection } from './collection.js';
import { RemoteCollections } from './collections.js';
import { unsupported } from './failures.js';
import { comparePositions } from './listing.js';
import { SignedCalls } from './signed-calls.js';

export interface VisualSnoopClientOptions
  extends Pick<ServiceClientOptions, 'baseUrl' | 'timeoutMs' | 'onCall' | 'onBreaker' | 'tracer'> {
  /** One pair for each collection. */
  keys: readonly KeyPair[];
}

/** The keys that it signs with also verify the requests of those who ask this gateway for the same collections. */
export interface VisualSnoopClient extends VisualSnoop, CollectionKeys {
  status(): ServiceStatus;
  /** Ends all calls and closes the connections. */
  close(): Promise<void>;
}

const MAX_CONCURRENT = 32;

/** VisualSnoop over its HTTP protocol; the base URL includes its `/api/v1`. */
export function createVisualSnoopClient({ keys, ...options }: VisualSnoopClientOptions): VisualSnoopClient {
  const client = createServiceClient({ ...options, service: 'VISUALSNOOP', maxConcurrent: MAX_CONCURRENT });
  const calls = keys.map((pair) => new SignedCalls(client, pair));
  const collections = new RemoteCollections(calls);

  async function collectionOf(collectionId: string, signal?: CallSignal): Promise<RemoteCollection> {
    const collection = await collections.find(collectionId, signal);
    if (!collection) throw new UnknownCollectionError(collectionId);
    return collection;
  }

  const getImages = (keys: readonly ImageKey[], signal?: CallSignal) =>
    mapConcurrently(keys, MAX_CONCURRENT, async ({ collectionId, imageId }) => {
      const collection = await collections.find(collectionId, signal);
      return collection ? collection.getImage(imageId, signal) : null;
    });

  return {
    mode: 'REMOTE',

    listCollections: async (query, signal) =>
      selectCollections(
        (await collections.all(signal)).map(({ collection }) => collection),
        query,
      ),

    countCollections: async (signal) => (await collections.all(signal)).length,

    getCollections: (collectionIds, signal) =>
      Promise.all(collectionIds.map(async (id) => (await collections.find(id, signal))?.collection ?? null)),

    getImages,

    listImages: async (collectionId, query, signal) =>
      (await collectionOf(collectionId, signal)).listImages(query, signal),

    countImages: async (collectionId, _filter, signal) => {
      await collectionOf(collectionId, signal);
      return null;
    },

    listNewestImages: (collectionIds, limit, signal) =>
      mapConcurrently(collectionIds, MAX_CONCURRENT, async (collectionId) => {
        const collection = await collections.find(collectionId, signal);
        return collection ? collection.listImages({ limit }, signal) : [];
      }),

    searchById: async ({ collectionId, imageId }, { limit }, signal) => {
      const collection = await collections.find(collectionId, signal);
      return collection ? collection.searchById(imageId, limit, signal) : null;
    },

    searchByImage: async (collectionId, image, { limit }, signal) =>
      (await collectionOf(collectionId, signal)).searchByImage(image, limit, signal),

    addImage: async (collectionId, image, options = {}, signal) =>
      (await collectionOf(collectionId, signal)).addImage(image, options, signal),

    deleteImage: async ({ collectionId, imageId }, signal) => {
      const collection = await collections.find(collectionId, signal);
      return collection ? collection.deleteImage(imageId, signal) : null;
    },

    createCollection: async () => {
      throw unsupported('A remote VisualSnoop has no call that makes a collection.');
    },

    renameCollection: async () => {
      throw unsupported('A remote VisualSnoop has no call that renames a collection.');
    },

    deleteCollection: async () => {
      throw unsupported('A remote VisualSnoop has no call that deletes a collection.');
    },

    rotateCollectionKeys: async () => {
      throw unsupported('A remote VisualSnoop has no call that makes keys.');
    },

    getContentHashes: async (keys) => keys.map(() => null),

    findByContentHash: async (contentHashes, collectionIds, limit, signal) => {
      const asked = collectionIds ?? (await collections.all(signal)).map(({ id }) => id);
      // Sorting is stable: images of one time and id stay in this order.
      const ids = [...new Set(asked)].sort(compareText);
      const keys = contentHashes.flatMap((imageId) => ids.map((collectionId) => ({ collectionId, imageId })));
      const images = await getImages(keys, signal);
      return contentHashes.map((_, i) =>
        images
          .slice(i * ids.length, (i + 1) * ids.length)
          .filter((image) => image !== null)
          .sort(comparePositions)
          .slice(0, limit),
      );
    },

    getBytes: async () => null,

    health: async (signal) => {
      await Promise.all(calls.map((call) => RemoteCollection.open(call, signal)));
    },

    find: async (publicKey, signal) => {
      const collection = await collections.withKey(publicKey, signal);
      const secretKey = keys.find((pair) => pair.publicKey === publicKey)?.secretKey;
      return collection && secretKey !== undefined ? { collectionId: collection.id, secretKey } : null;
    },

    status: () => client.status(),

    close: () => client.close(),
  };
}
