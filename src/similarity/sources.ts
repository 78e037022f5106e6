import type { Loaders } from '../loaders/loaders.js';
import type { ImgCache } from '../services/imgcache/api.js';
import type { RequestSignals } from '../services/request-signals.js';
import type { Staging } from '../services/staged-image.js';
import type { VisualSnoop } from '../services/visualsnoop/api.js';

/** What a question about similar pictures is answered from. */
export interface Sources {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  loaders: Loaders;
  staging: Staging;
  maxUploadBytes: number;
  signals: RequestSignals;
}
