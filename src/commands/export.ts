import { resolve } from 'node:path';
import type { Config } from '../config.js';
import { ConfigError } from '../config.js';
import { type AnyCommand, CONFIG_OPTION, JSON_OPTION } from './command-line.js';
import { collectionEntries, countCollectionEntries } from './export/collection-entries.js';
import { type Exported, exportEntries, LIST_FILE } from './export/export-entries.js';
import { storedEntries } from './export/stored-entries.js';
import { clearBar, drawBar } from './progress-bar.js';
import { withConfig } from './settings.js';
import { withStorageReader } from './storage.js';

export function define(command: AnyCommand): void {
  command
    .description(
      `Writes the bytes of all entries of imgcache into FOLDER, with ${LIST_FILE}, a list of their URLs, times, clients and file
names. A gateway may run meanwhile. lookalike import FOLDER/${LIST_FILE} makes the same entries of it elsewhere. Run it
again after it was broken off, or to bring the folder up to date: only what is missing is written.`,
    )
    .argument('<FOLDER>', 'an empty folder, or one of an earlier export')
    .option('--collection <ID>', 'only what is in this collection and has an entry')
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action((folder, { config: file, collection, json }) =>
      withConfig({ file }, (config) => run(config, resolve(folder), { collection, json })),
    );
}

interface ExportOptions {
  collection?: string | undefined;
  json?: true | undefined;
}

async function run(config: Config, folder: string, { collection, json }: ExportOptions): Promise<void> {
  if (config.imgcacheUrl) throw new ConfigError('IMGCACHE_URL is set, so the entries are not here.');
  if (collection !== undefined && config.visualsnoopUrl)
    throw new ConfigError('VISUALSNOOP_URL is set, so the collections are not here.');
  const exported = await withStorageReader(config, async (bytes) => {
    const { store } = bytes;
    const [entries, total] =
      collection === undefined
        ? [storedEntries(store), await store.transfer.count('entries')]
        : [collectionEntries(store, collection), await countCollectionEntries(store, collection)];
    return exportEntries({
      ...bytes,
      folder,
      entries,
      onProgress: (done) => drawBar({ done, total: Math.max(total, done) }),
    });
  });
  clearBar();
  for (const problem of exported.problems) process.stderr.write(`lookalike: ${problem}\n`);
  process.stdout.write(json ? `${JSON.stringify({ folder, ...exported })}\n` : text(folder, exported));
  if (exported.problems.length > 0) process.exitCode = 1;
}

function text(folder: string, { entries, urls, written, problems }: Exported): string {
  const whole = problems.length === 0 ? '' : ` Not exported: ${problems.length}.`;
  return `In ${folder}: ${entries} entries with ${urls} URLs. New files: ${written}.${whole}\n`;
}
