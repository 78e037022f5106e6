import type { Identity } from '../../access/identity.js';
import type { AddressOf } from '../../http/picture-paths.js';
import type { RequestScope } from '../../request/request-scope.js';
import type { Duplicates } from '../../services/duplicates.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { Pictures } from '../../services/pictures.js';
import type { ServiceProbe } from '../../services/service-probe.js';
import type { Staging } from '../../services/staged-image.js';
import type { VisualSnoop } from '../../services/visualsnoop.js';
import type { Loaders } from '../loaders/loaders.js';

/** The context of a request, which every resolver gets. */
export interface GraphContext {
  /** Who asks. */
  identity: Identity;
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  /** Null where imgcache is remote: it knows of none. */
  duplicates: Duplicates | null;
  services: readonly ServiceProbe[];
  staging: Staging;
  maxUploadBytes: number;
  pictures: Pictures;
  /** Gives the address of a picture as a browser can use it. */
  addressOf: AddressOf;
  loaders: Loaders;
  /** The request, with the signals that its calls carry. */
  scope: RequestScope;
}
