import type { CallSignal } from './call-signal.js';
import type { ServiceMode, ServiceName } from './errors.js';

/** A service as the health page and the graph show it. */
export interface ServiceProbe {
  name: ServiceName;
  mode: ServiceMode;
  /** Resolves when the service can do its work. */
  health(signal?: CallSignal): Promise<void>;
  /** How it stands as far as is known without a call. */
  condition(): ServiceCondition;
}

/** How well a service works, by its last calls or by the work that it has to catch up with. */
export interface ServiceCondition {
  /** More than a tenth of the last minute's calls failed. */
  degraded: boolean;
  message: string | null;
}
