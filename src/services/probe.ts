import type { ServiceMode, ServiceName } from './errors.js';

/** A service as the health page and the graph show it. */
export interface ServiceProbe {
  name: ServiceName;
  mode: ServiceMode;
  /** Resolves when the service answers. */
  health(signal?: AbortSignal): Promise<void>;
  /** What is known of it without asking. */
  condition(): ServiceCondition;
}

export interface ServiceCondition {
  /** More than a tenth of the last minute's calls failed. */
  degraded: boolean;
  message: string | null;
}
