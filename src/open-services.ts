import type { Tracer } from '@opentelemetry/api';
import { storageOf } from './config/storage.js';
import type { Config } from './config.js';
import { type Engine, type EngineOptions, openEngine } from './embedded/engine.js';
import type { PicturePool } from './embedded/picture/picture-pool.js';
import { fetchedFiles, type PictureFiles } from './embedded/thumbnails/picture-files.js';
import type { ServiceObserver } from './log/service-log.js';
import type { ServiceStatus } from './remote/http/client.js';
import { createImgCacheClient } from './remote/imgcache/client.js';
import { createVisualSnoopClient } from './remote/visualsnoop/client.js';
import type { Duplicates } from './services/duplicates.js';
import type { ServiceName } from './services/errors.js';
import type { ImgCache } from './services/imgcache.js';
import type { ServiceCondition, ServiceProbe } from './services/service-probe.js';
import type { CollectionKeys, VisualSnoop } from './services/visualsnoop.js';

/** The two services that a config names, each embedded or remote. */
export interface Services {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  /** The keys that verify signed requests to this gateway. */
  collectionKeys: CollectionKeys;
  /** Groups of entries that look alike; null where imgcache is remote, which knows of none. */
  duplicates: Duplicates | null;
  /** The bytes of each service as files; null for one that gives none. */
  files: Readonly<Record<ServiceName, PictureFiles | null>>;
  /** What only this installation knows, for signing links. */
  linkSecrets: readonly Buffer[];
  /** Whether imgcache keeps the BLAKE3 of bytes, or names them by it, as far as that is known. */
  needsBlake3(): boolean;
  /** The embedded half, where there is one. */
  engine: Engine | null;
  /** Tells the state of each service. */
  probes: readonly ServiceProbe[];
  /** Tells the state of the calls to each remote service. */
  remotes: readonly { name: ServiceName; status(): ServiceStatus }[];
  close(): Promise<void>;
}

export interface ServicesOptions extends Omit<EngineOptions, 'storage' | 'pictures'> {
  /** A folder of this process. */
  scratchDir: string;
  /** Makes the hooks of the client of a remote service. */
  observe?: ((service: ServiceName) => ServiceObserver) | undefined;
  tracer?: Tracer | undefined;
}

export async function openServices(
  { imgcacheUrl, visualsnoopUrl, visualsnoopKeys = [], serviceTimeoutMs: timeoutMs, ...config }: Config,
  pictures: PicturePool,
  { observe, tracer, ...engineOptions }: ServicesOptions,
): Promise<Services> {
  const common = (service: ServiceName) => ({ timeoutMs, tracer, ...observe?.(service) });
  const remoteImgcache = imgcacheUrl
    ? createImgCacheClient({
        baseUrl: imgcacheUrl,
        dialect: config.imgcacheDialect,
        bucket: config.imgcacheBucket,
        ...common('IMGCACHE'),
      })
    : null;
  const remoteVisualsnoop = visualsnoopUrl
    ? createVisualSnoopClient({ baseUrl: visualsnoopUrl, keys: visualsnoopKeys, ...common('VISUALSNOOP') })
    : null;
  const close = async () => {
    await engine?.close();
    await remoteImgcache?.close();
    await remoteVisualsnoop?.close();
  };
  const engine =
    remoteImgcache && remoteVisualsnoop
      ? null
      : await openEngine({ storage: storageOf(config), pictures, tracer, ...engineOptions });
  const imgcache = remoteImgcache ?? engine!.imgcache;
  const visualsnoop = remoteVisualsnoop ?? engine!.visualsnoop;
  return {
    imgcache,
    visualsnoop,
    collectionKeys: remoteVisualsnoop ?? engine!.collectionKeys,
    duplicates: remoteImgcache ? null : engine!.duplicates,
    files: {
      IMGCACHE: remoteImgcache
        ? fetchedFiles(remoteImgcache, { folder: engineOptions.scratchDir, maxBytes: config.maxUploadBytes })
        : engine!.pictureFiles,
      VISUALSNOOP: remoteVisualsnoop ? null : engine!.pictureFiles,
    },
    // Where nothing is embedded, VisualSnoop is remote and has keys.
    linkSecrets: engine
      ? [engine.linkSecret]
      : visualsnoopKeys.map(({ secretKey }) => Buffer.from(secretKey)),
    needsBlake3: () => remoteImgcache === null || remoteImgcache.dialect() === 'CACHE',
    engine,
    probes: [
      {
        name: 'VISUALSNOOP',
        mode: visualsnoop.mode,
        health: (signal) => visualsnoop.health(signal),
        condition: () => conditionOf(remoteVisualsnoop) ?? indexesOf(engine),
      },
      {
        name: 'IMGCACHE',
        mode: imgcache.mode,
        health: (signal) => imgcache.health(signal),
        condition: () => conditionOf(remoteImgcache) ?? fillingOf(engine),
        ...(remoteImgcache && { dialect: remoteImgcache.dialect }),
      },
    ],
    remotes: [
      ...(remoteImgcache ? [{ name: 'IMGCACHE' as const, status: remoteImgcache.status }] : []),
      ...(remoteVisualsnoop ? [{ name: 'VISUALSNOOP' as const, status: remoteVisualsnoop.status }] : []),
    ],
    close,
  };
}

function conditionOf(client: { status(): ServiceStatus } | null): ServiceCondition | null {
  if (!client) return null;
  const { total, failed } = client.status().recentCalls;
  const degraded = failed * 10 > total;
  return { degraded, message: degraded ? `${failed} of the last minute's ${total} calls failed.` : null };
}

function indexesOf(engine: Engine | null): ServiceCondition {
  const progress = engine?.reindexing();
  const without = engine?.collectionsWithoutKeypoints() ?? 0;
  const messages = [
    ...(progress ? [`${progress.done} of ${progress.total} images are described anew.`] : []),
    ...(without > 0 ? [`Too large for a search of parts of pictures: ${without} collections.`] : []),
  ];
  return { degraded: false, message: messages.join(' ') || null };
}

/** Searches wait meanwhile and miss nothing, so that nothing is degraded. */
function fillingOf(engine: Engine | null): ServiceCondition {
  const read = engine?.hashesRead() ?? null;
  const compared = engine?.comparing();
  const messages = [
    ...(read === null ? [] : [`Searches wait for perceptual hashes: ${read} are in memory so far.`]),
    ...(compared
      ? [`Groups of duplicates are not all made: ${compared.done} of ${compared.total} entries are compared.`]
      : []),
  ];
  return { degraded: false, message: messages.join(' ') || null };
}
