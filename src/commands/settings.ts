import { unknownVariables } from '../config/unknown-variables.js';
import {
  type Config,
  ConfigError,
  type ConfigSources,
  checkSettings,
  nameSources,
  readSettings,
} from '../config.js';

/**
 * Runs a command with the settings, and lets its errors name a setting as it was given. Of variables that are no settings
 * it warns.
 * @throws ConfigError
 */
export async function withConfig<T>(
  sources: Omit<ConfigSources, 'env'>,
  work: (config: Config) => T | Promise<T>,
  warn: (warning: string) => void = writeWarning,
): Promise<T> {
  for (const warning of unknownVariables()) warn(warning);
  const given = readSettings(sources);
  const config = checkSettings(given);
  try {
    return await work(config);
  } catch (error) {
    throw error instanceof ConfigError ? nameSources(error, given) : error;
  }
}

function writeWarning(warning: string): void {
  process.stderr.write(`lookalike: warning: ${warning}\n`);
}
