import { z } from 'zod';
import { ConfigError } from './config/config-error.js';
import { readConfigFile } from './config/config-file.js';
import { type SettingName, settingEntries, settings } from './config/settings.js';

export { ConfigError } from './config/config-error.js';

const MAX_OBJECT_BYTES = 5 * 2 ** 30;

type Rules = { [Name in SettingName]: (typeof settings)[Name]['rule'] };

// Object.fromEntries does not know which name has which rule.
const rules = Object.fromEntries(settingEntries.map(([name, { rule }]) => [name, rule])) as unknown as Rules;

const schema = z
  .object(rules)
  .refine(({ databaseUrl, blobsUrl }) => !databaseUrl || blobsUrl, {
    path: ['databaseUrl'],
    error: 'needs BLOBS_URL beside it: gateways that share a database cannot share the files of one machine',
  })
  .refine(({ databaseUrl, blobsUrl }) => !blobsUrl || databaseUrl, {
    path: ['blobsUrl'],
    error:
      'needs DATABASE_URL beside it: gateways that share a bucket cannot share the database of one machine',
  })
  .refine(({ blobsUrl, maxUploadBytes }) => !blobsUrl || maxUploadBytes <= MAX_OBJECT_BYTES, {
    path: ['maxUploadBytes'],
    error: `must be at most ${MAX_OBJECT_BYTES} (5 GiB) with BLOBS_URL: S3 takes no larger object in one piece`,
  })
  .refine(({ visualsnoopUrl, visualsnoopKeys }) => !visualsnoopUrl === !visualsnoopKeys, {
    path: ['visualsnoopKeys'],
    error: 'must be set together with VISUALSNOOP_URL',
  })
  .refine(({ jwtIssuer, jwtAudience }) => !jwtIssuer === !jwtAudience, {
    path: ['jwtAudience'],
    error: 'must be set together with LOOKALIKE_JWT_ISSUER',
  });

export type Config = z.output<typeof schema>;

/** A value before it is checked, and where it was given. */
export interface GivenSetting {
  value: unknown;
  /** Such as `--port`, `PORT`, or `lookalike.config.json: port`; null for a default. */
  source: string | null;
}

export type GivenSettings = Readonly<Record<SettingName, GivenSetting>>;

/** Where settings come from. */
export interface ConfigSources {
  /** @default the environment of the process */
  env?: NodeJS.ProcessEnv | undefined;
  /**
   * The path of the config file, which must exist.
   * @default lookalike.config.json, where there is one
   */
  file?: string | undefined;
  /** Values of options of the command line, which are named as in `--data-dir`. */
  options?: Readonly<Partial<Record<SettingName, string | undefined>>> | undefined;
}

/**
 * Reads the settings from the environment and from the config file; the environment wins, and an empty variable counts
 * as unset.
 * @throws ConfigError
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, file?: string): Config {
  return checkSettings(readSettings({ env, file }));
}

/**
 * Reads the settings, unchecked: options win over the environment, and that over the config file.
 * @throws ConfigError when the file cannot be read
 */
export function readSettings({ env = process.env, file, options = {} }: ConfigSources): GivenSettings {
  const { path, content } = readConfigFile(file);
  const given = settingEntries.map(([name, { env: variable, default: fallback }]): [string, GivenSetting] => {
    const option = options[name];
    if (option !== undefined) return [name, { value: option, source: optionOf(name) }];
    if (env[variable]) return [name, { value: env[variable], source: variable }];
    const key = [variable, name].find((each) => content[each] !== undefined);
    if (key !== undefined) return [name, { value: content[key], source: `${path}: ${key}` }];
    return [name, { value: fallback, source: null }];
  });
  // Object.fromEntries does not know that every setting is there.
  return Object.fromEntries(given) as Record<SettingName, GivenSetting>;
}

/** @throws ConfigError with a sentence for each setting that cannot be used */
export function checkSettings(given: GivenSettings): Config {
  const values = Object.entries(given).map(([name, { value }]) => [name, value]);
  const result = schema.safeParse(Object.fromEntries(values));
  if (result.success) return result.data;
  // The value is not repeated: it may hold a password.
  const problems = result.error.issues.map(
    ({ path, message }) => `${settings[path[0] as SettingName].env} ${message}.`,
  );
  throw nameSources(new ConfigError([...new Set(problems)].join(' ')), given);
}

/** The same error, with settings named as they were given: `lookalike.config.json: port` for PORT. */
export function nameSources(error: ConfigError, given: GivenSettings): ConfigError {
  const sources = new Map(settingEntries.map(([name, { env }]) => [env, given[name].source ?? env]));
  const text = error.message.replace(/\b[A-Z][A-Z_]+\b/g, (word) => sources.get(word) ?? word);
  return text === error.message ? error : new ConfigError(text, { cause: error.cause });
}

function optionOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
