import type { RequestSignals } from '../../request/request-signals.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { Staging } from '../../services/staged-image.js';
import type { VisualSnoop } from '../../services/visualsnoop.js';
import type { Loaders } from '../loaders/loaders.js';

/** What a question about similar pictures is answered from. */
export interface Sources {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  loaders: Loaders;
  staging: Staging;
  maxUploadBytes: number;
  signals: RequestSignals;
}
