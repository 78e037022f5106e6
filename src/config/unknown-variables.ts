import { nearest } from './nearest.js';
import { settingEntries } from './settings.js';

const PREFIX = 'LOOKALIKE_';

const KNOWN = settingEntries.map(([, { env }]) => env);

/** A sentence for each variable with the prefix of our settings that is none of them. */
export function unknownVariables(env: NodeJS.ProcessEnv = process.env): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !KNOWN.includes(name))
    .sort()
    .map((name) => {
      const known = nearest(name, KNOWN);
      return known === undefined ? `${name} is no setting.` : `${name} is no setting: is it ${known}?`;
    });
}
