import type { Identity } from '../../access/identity.js';
import type { RequestSignals } from '../../request/request-signals.js';
import type { ServiceMode, ServiceName } from '../../services/errors.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { Staging } from '../../services/staged-image.js';
import type { VisualSnoop } from '../../services/visualsnoop.js';
import type { Loaders } from '../loaders/loaders.js';

/** A service as the health page and the graph show it. */
export interface ServiceProbe {
  name: ServiceName;
  mode: ServiceMode;
  /** Resolves when the service responds. */
  health(signal?: AbortSignal): Promise<void>;
  /** Its state as known without a call. */
  condition(): ServiceCondition;
}

export interface ServiceCondition {
  /** More than a tenth of the last minute's calls failed. */
  degraded: boolean;
  message: string | null;
}

/** The context of every resolver. */
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
  /** The signals that end its calls. */
  signals: RequestSignals;
}
