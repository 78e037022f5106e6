import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { nearest } from './nearest.js';
import { type SettingName, settingEntries } from './settings.js';

/** The config file when `--config` names no other. */
const CONFIG_FILE = 'lookalike.config.json';

/** Lets editors check the file by the schema that the package ships; no setting. */
const SCHEMA_KEY = '$schema';

const NAMES = settingEntries.map(([name]) => name);
const KEYS: readonly string[] = settingEntries.flatMap(([name, { env }]) => [name, env]);

/** What a config file holds, by the keys in it: names of settings, or their variables. */
export interface ConfigFile {
  path: string;
  content: Readonly<Record<string, unknown>>;
}

/**
 * @param given the path that `--config` gives, which must exist; without it lookalike.config.json, where there is one
 * @throws ConfigError
 */
export function readConfigFile(given: string | undefined): ConfigFile {
  const path = given ?? CONFIG_FILE;
  if (given === undefined && !existsSync(path)) return { path, content: {} };
  const content = parseJson(path, readText(path));
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ConfigError(`${path} must hold a JSON object.`);
  const unknown = Object.keys(content).find((key) => key !== SCHEMA_KEY && !KEYS.includes(key));
  if (unknown !== undefined) throw new ConfigError(`${path} has an unknown setting ${describe(unknown)}.`);
  return { path, content: content as Record<string, unknown> };
}

function describe(unknown: string): string {
  const known = nearest(unknown, NAMES);
  return known === undefined ? JSON.stringify(unknown) : `${JSON.stringify(unknown)}: is it ${known}?`;
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

/** The JSON Schema of the config file, for editors. It names settings as the README's second column does. */
export function configFileSchema(): object {
  const members = settingEntries.map(([name, { rule, env, about, default: value, unset }]) => {
    const fallback = value ?? unset ?? 'none';
    const description = `${env}: ${about ?? ''} (default: ${fallback})`;
    return [name, rule.optional().meta({ description })] as [SettingName, z.ZodType];
  });
  const file = z.strictObject({ [SCHEMA_KEY]: z.string().optional(), ...Object.fromEntries(members) });
  return z.toJSONSchema(file, { io: 'input' });
}
