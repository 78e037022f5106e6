import type { RequestScope } from '../../request/request-scope.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { Staging } from '../../services/staged-image.js';
import type { VisualSnoop } from '../../services/visualsnoop.js';
import type { Loaders } from '../loaders/loaders.js';

/** The services and loaders that a search for similar pictures reads from. */
export interface Sources {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  loaders: Loaders;
  staging: Staging;
  maxUploadBytes: number;
  scope: RequestScope;
}
