import { isDeepStrictEqual } from 'node:util';
import { type SettingName, settingEntries } from '../config/settings.js';
import { type Config, ConfigError, type ConfigSources } from '../config.js';
import type { Gateway } from '../gateway.js';
import type { Log } from '../log/log.js';
import { withConfig } from './settings.js';

/** The settings that a running gateway takes anew. */
const RELOADED: ReadonlySet<SettingName> = new Set([
  'apiKeys',
  'corsOrigins',
  'trustedDocuments',
  'logLevel',
]);

export interface ReloadOptions {
  gateway: Gateway;
  log: Log;
  /** The settings of the start. */
  config: Config;
  sources: Omit<ConfigSources, 'env'>;
}

/** Reads the settings anew, which the log tells in one line. Where one cannot be used, all stay as they are. */
export function createReload({ gateway, log, config, sources }: ReloadOptions): () => void {
  const reload = (next: Config) => {
    gateway.reload(next);
    log.level = next.logLevel;
    const restart = settingEntries
      .filter(([name]) => !RELOADED.has(name) && !isDeepStrictEqual(next[name], config[name]))
      .map(([, { env }]) => env);
    log.info(restart.length > 0 ? { needRestart: restart } : {}, 'settings read anew');
  };
  return () => {
    withConfig(sources, reload, (warning) => log.warn(warning)).catch((error: unknown) => {
      if (error instanceof ConfigError) log.error({ reason: error.message }, 'settings not read anew');
      else log.error({ err: error }, 'settings not read anew');
    });
  };
}
