import type { Identity } from '../access/identity.js';
import type { Loaders } from '../loaders/loaders.js';
import type { ImgCache } from '../services/imgcache/api.js';
import type { ServiceMode, ServiceName } from '../services/service.js';
import type { Staging } from '../services/staged-image.js';
import type { VisualSnoop } from '../services/visualsnoop/api.js';

/** A service as the health page and the graph show it. */
export interface ServiceProbe {
  name: ServiceName;
  mode: ServiceMode;
  health(signal?: AbortSignal): Promise<void>;
}

/** What every resolver can reach. */
export interface GraphContext {
  /** Who asks. */
  identity: Identity;
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  services: readonly ServiceProbe[];
  staging: Staging;
  maxUploadBytes: number;
  /** The base of every fileUrl, without a trailing slash; known once the server listens. */
  publicUrl(): string;
  loaders: Loaders;
  /** Aborts when the client is gone. Reads follow it, writes that were started do not. */
  signal: AbortSignal;
}
