import { type SettingName, settingEntries } from './settings.js';

const HIDDEN = '(hidden)';
/** In place of a part of an address. */
const MASK = '***';

const SECRET: ReadonlySet<string> = new Set(
  settingEntries.filter(([, { secret }]) => secret).map(([name]) => name),
);

/** Parameters of addresses that hold no secret; the value of any other one is hidden. */
const OPEN_PARAMETERS: ReadonlySet<string> = new Set([
  ...['application_name', 'host', 'max', 'prepare', 'sslmode', 'sslrootcert'],
  ...['endpoint', 'region', 'pathStyle', 'concurrency'],
]);

/** The value of a setting as people may see it: without keys, passwords, and what may be one. */
export function shownValue(name: SettingName, value: unknown): string {
  if (SECRET.has(name)) return HIDDEN;
  if (typeof value !== 'string') return JSON.stringify(value);
  return value.includes('://') ? shownAddress(value) : value;
}

function shownAddress(text: string): string {
  // A list of web origins is no address, and holds no secret unless it is a wrong one.
  if (!text.includes('@') && !text.includes('?')) return text;
  if (!URL.canParse(text)) return HIDDEN;
  const url = new URL(text);
  const parameters = [...url.searchParams];
  // A password that is not encoded ends the host where it has a slash or a question mark.
  const behindHost = [url.pathname, url.hash, ...parameters.map(([name]) => name)].join();
  if (behindHost.includes('@')) return HIDDEN;
  if (url.username) url.username = MASK;
  if (url.password) url.password = MASK;
  url.search = '';
  url.hash = '';
  const shown = parameters.map(([name, value]) =>
    OPEN_PARAMETERS.has(name) ? `${name}=${shownAddress(value)}` : MASK,
  );
  return shown.length > 0 ? `${url.href}?${shown.join('&')}` : url.href;
}
