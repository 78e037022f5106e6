// What the packages in a bundle ask to be told with their code.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LEGAL = /^(?:licen[cs]e|copying|notice)/i;

/**
 * The names, versions and licences of the packages that modules come from, with the texts that they have.
 *
 * @param {readonly string[]} modulePaths
 * @throws {Error} for a package that names no licence
 */
export function noticesOf(modulePaths) {
  const folders = new Set(modulePaths.flatMap((path) => packageFolder(path) ?? []));
  return [...folders]
    .map(noticeOf)
    .sort()
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The innermost package that a file is in; null for one of our own. */
function packageFolder(path) {
  const [folder = null] = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path) ?? [];
  return folder;
}

function noticeOf(folder) {
  const { name, version, ...manifest } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // The list is how old packages say it.
  const license = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' OR ');
  if (!license)
    throw new Error(`${name} ${version} names no licence: its code cannot be part of the bundle.`);
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LEGAL.test(entry.name))
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n').concat('\n');
}
