import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { type SettingName, settingEntries, settings } from './config/settings.js';

/** The config file when `--config` names no other. */
const CONFIG_FILE = 'lookalike.config.json';

const MAX_OBJECT_BYTES = 5 * 2 ** 30;

/** A setting that cannot be used. The message is one line that names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

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

/**
 * Reads the settings from the environment and from the config file; the environment wins, and an empty variable counts
 * as unset.
 * @param configFile the path that `--config` gives, which must exist; without it lookalike.config.json, where there is one
 * @throws ConfigError
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, configFile?: string): Config {
  const file = readConfigFile(configFile);
  const given = settingEntries.map(([name, { env: variable, default: fallback }]) => {
    const value = env[variable] || (file[variable] ?? file[name]);
    return [name, value === undefined ? fallback : value];
  });
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  // The value is not repeated: it may hold a password.
  const problems = result.error.issues.map(
    ({ path, message }) => `${settings[path[0] as SettingName].env} ${message}.`,
  );
  throw new ConfigError(problems.join(' '));
}

function readConfigFile(configFile: string | undefined): Record<string, unknown> {
  const path = configFile ?? CONFIG_FILE;
  if (configFile === undefined && !existsSync(path)) return {};
  const content = parseJson(path, readText(path));
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ConfigError(`${path} must hold a JSON object.`);
  const known = new Set<string>(settingEntries.flatMap(([name, { env }]) => [name, env]));
  const unknown = Object.keys(content).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw new ConfigError(`${path} has an unknown setting ${JSON.stringify(unknown)}.`);
  return content as Record<string, unknown>;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** The parser's own message repeats a part of the text, where a key may stand. */
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`${path} is not valid JSON.`);
  }
}
