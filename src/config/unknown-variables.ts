import { nearest } from './nearest.js';
import { settingEntries } from './settings.js';

const PREFIX = 'LOOKALIKE_';

/** The API key that `import` sends; a gateway does not read it. Other users of a machine see the options of commands. */
export const KEY_VARIABLE = 'LOOKALIKE_KEY';

const SETTINGS = settingEntries.map(([, { env }]) => env);

/** A sentence for each variable with the prefix of our settings that is none of them, and no option of a command. */
export function unknownVariables(env: NodeJS.ProcessEnv = process.env): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && name !== KEY_VARIABLE && !SETTINGS.includes(name))
    .sort()
    .map((name) => {
      const known = nearest(name, SETTINGS);
      return known === undefined ? `${name} is no setting.` : `${name} is no setting: is it ${known}?`;
    });
}
