import { settingEntries } from '../config/settings.js';
import { shownValue } from '../config/shown-value.js';
import { type Config, type GivenSettings, readSettings } from '../config.js';
import { type AnyCommand, CONFIG_OPTION, JSON_OPTION } from './command-line.js';
import { withConfig } from './settings.js';
import { writeTable } from './table.js';

export function define(command: AnyCommand): void {
  command
    .description(
      `Shows each setting that a start from here would have, and where it was given. Keys and passwords are hidden. Where a
setting cannot be used, it says so and exits with 1.`,
    )
    .option(JSON_OPTION[0], 'print JSON: { "port": { "value": "4000", "source": null }, … }')
    .option(...CONFIG_OPTION)
    .action(({ config: file, json }) =>
      withConfig({ file }, (config) =>
        (json ? writeJson : writeText)(rowsOf(config, readSettings({ file }))),
      ),
    );
}

interface Row {
  name: string;
  env: string;
  /** Null where there is none. */
  value: string | null;
  source: string | null;
}

function rowsOf(config: Config, given: GivenSettings): Row[] {
  return settingEntries.map(([name, { env }]) => {
    const { value, source } = given[name];
    // As it is used, where that is one text: a folder with its whole path.
    const used = typeof config[name] === 'string' ? config[name] : value;
    return { name, env, value: used === undefined ? null : shownValue(name, used), source };
  });
}

function writeJson(rows: readonly Row[]): void {
  const members = rows.map(({ name, value, source }) => [name, { value, source }]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(members), null, 2)}\n`);
}

function writeText(rows: readonly Row[]): void {
  writeTable(
    rows.map(({ env, value, source }) => ({
      setting: env,
      value: value ?? 'none',
      from: source ?? (value === null ? '' : 'default'),
    })),
  );
}
