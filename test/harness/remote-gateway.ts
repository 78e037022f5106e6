import type { Config } from '#src/config.js';
import type { GatewayOptions } from '#src/gateway.js';
import { createImgCacheWire } from '#src/protocols/imgcache/handler.js';
import { createVisualSnoopWire } from '#src/protocols/visualsnoop/handler.js';
import type { Entry } from '#src/services/entry.js';
import type { KeyPair } from '#src/services/visualsnoop-signature.js';
import { CountingServer } from '../fakes/counting-server.js';
import { MemoryImgCache } from '../fakes/memory-imgcache.js';
import { MemoryStaging, stageBytes } from '../fakes/memory-staging.js';
import { MemoryVisualSnoop } from '../fakes/memory-visualsnoop.js';
import { tinyPicture, tinyPictureFacts } from '../fakes/tiny-picture.js';
import { alone } from './alone.js';
import { startGateway, type TestGateway } from './gateway.js';

export interface RemoteGateway extends TestGateway {
  /** The requests that each service received. */
  imgcache: CountingServer;
  visualsnoop: CountingServer;
  /** Ascending. */
  collectionIds: string[];
  /** One pair for each collection, in no order. */
  keys: KeyPair[];
  /** Stores a picture with this dHash, past the counting. The label makes other bytes of it. */
  store(hash: string, label?: string): Promise<Entry>;
  /** Adds the same picture to a collection, under its content hash unless an id is given; past the counting. */
  add(collectionId: string, hash: string, label?: string, imageId?: string): Promise<string>;
  /** Counts from here on. */
  reset(): void;
}

export interface RemoteGatewayOptions {
  /** How many there are. */
  collections?: number;
  settings?: Partial<Config>;
  options?: Partial<GatewayOptions>;
}

const MOUNTS = { imgcache: '/imgcache', visualsnoop: '/visualsnoop/api/v1' };
const factsOf = (_contentHash: string, bytes: Buffer) => tinyPictureFacts(bytes);

/**
 * A whole gateway over a remote imgcache and a remote VisualSnoop with some collections, which it has got to know. The
 * services are honest ones in memory behind the real protocols.
 */
export async function startRemoteGateway({
  collections = 2,
  settings = {},
  options = {},
}: RemoteGatewayOptions = {}): Promise<RemoteGateway> {
  const [memoryImgcache, memoryVisualsnoop] = [new MemoryImgCache(), new MemoryVisualSnoop()];
  const staging = new MemoryStaging(factsOf);
  const errors: unknown[] = [];
  const parts = { staging, maxUploadBytes: 1_000_000, onError: (error: unknown) => errors.push(error) };
  const imgcache = await CountingServer.start(
    MOUNTS.imgcache,
    alone(createImgCacheWire({ imgcache: memoryImgcache, ...parts })),
  );
  const visualsnoop = await CountingServer.start(
    MOUNTS.visualsnoop,
    alone(
      createVisualSnoopWire({
        visualsnoop: memoryVisualsnoop,
        keys: memoryVisualsnoop,
        ...parts,
      }),
    ),
  );
  const created = await Promise.all(
    Array.from({ length: collections }, () => memoryVisualsnoop.createCollection({ name: 'test' })),
  );
  const keys = created.map(({ publicKey, secretKey }) => ({ publicKey, secretKey }));
  const remote = {
    imgcacheUrl: imgcache.url,
    imgcacheDialect: 'IMAGES' as const,
    visualsnoopUrl: visualsnoop.url,
    visualsnoopKeys: keys,
  };
  const gateway = await startGateway({ ...remote, ...settings }, options);
  return {
    ...gateway,
    imgcache,
    visualsnoop,
    keys,
    collectionIds: created.map(({ collection }) => collection.collectionId).sort(),
    store: async (hash, label) => {
      const image = await stageBytes(tinyPicture(hash, label), factsOf);
      const origin = { url: urlOf(image.contentHash), clientName: 'test' };
      return (await memoryImgcache.store(image, origin)).entry;
    },
    add: async (collectionId, hash, label, imageId) => {
      const image = await stageBytes(tinyPicture(hash, label), factsOf);
      const id = imageId ?? image.contentHash;
      await memoryVisualsnoop.addImage(collectionId, image, { imageId: id });
      return id;
    },
    reset() {
      imgcache.reset();
      visualsnoop.reset();
    },
    async close() {
      await gateway.close();
      await imgcache[Symbol.asyncDispose]();
      await visualsnoop[Symbol.asyncDispose]();
      const failures = [...errors, ...gateway.reported];
      if (failures.length > 0) throw new AggregateError(failures, 'Something was answered as unexpected.');
    },
  };
}

function urlOf(contentHash: string): string {
  return `https://x.example/${contentHash.slice(0, 8)}.png`;
}
