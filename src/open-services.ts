import type { Config } from './config.js';
import { type Engine, openEngine } from './embedded/engine.js';
import type { PicturePool } from './embedded/picture/picture-pool.js';
import type { ImgCache } from './services/imgcache/api.js';
import { createImgCacheClient } from './services/imgcache/client.js';
import type { CollectionKeys, VisualSnoop } from './services/visualsnoop/api.js';
import { createVisualSnoopClient } from './services/visualsnoop/client.js';

/** The two services that a config names, each embedded or remote. */
export interface Services {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  /** What signed requests to this gateway are verified with. */
  collectionKeys: CollectionKeys;
  /** The embedded half, where there is one. */
  engine: Engine | null;
  close(): Promise<void>;
}

export async function openServices(
  { imgcacheUrl, visualsnoopUrl, visualsnoopKeys = [], serviceTimeoutMs: timeoutMs, dataDir }: Config,
  pictures: PicturePool,
  onError: (error: unknown) => void,
): Promise<Services> {
  const remoteImgcache = imgcacheUrl ? createImgCacheClient({ baseUrl: imgcacheUrl, timeoutMs }) : null;
  const remoteVisualsnoop = visualsnoopUrl
    ? createVisualSnoopClient({ baseUrl: visualsnoopUrl, keys: visualsnoopKeys, timeoutMs })
    : null;
  const close = async () => {
    await engine?.close();
    await remoteImgcache?.close();
    await remoteVisualsnoop?.close();
  };
  const engine =
    remoteImgcache && remoteVisualsnoop ? null : await openEngine({ dataDir, pictures, onError });
  return {
    imgcache: remoteImgcache ?? engine!.imgcache,
    visualsnoop: remoteVisualsnoop ?? engine!.visualsnoop,
    collectionKeys: remoteVisualsnoop ?? engine!.collectionKeys,
    engine,
    close,
  };
}
