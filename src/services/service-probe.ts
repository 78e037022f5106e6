import type { CallSignal } from './call-signal.js';
import type { ServiceMode, ServiceName } from './errors.js';
import type { ImgCacheDialect } from './imgcache.js';

/** A service as the health page and the graph show it. */
export interface ServiceProbe {
  name: ServiceName;
  mode: ServiceMode;
  /** Resolves when the service can do its work. */
  health(signal?: CallSignal): Promise<void>;
  /** The condition, as far as it is known without a call. */
  condition(): ServiceCondition;
  /**
   * The dialect of a remote imgcache; null as long as it was not found out.
   * @default there are none
   */
  dialect?(): ImgCacheDialect | null;
}

/** The condition of a service, by its last calls or by the work that it has to catch up with. */
export interface ServiceCondition {
  /** Whether more than a tenth of the last minute's calls failed. */
  degraded: boolean;
  message: string | null;
}
