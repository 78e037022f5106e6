import { type Config, ConfigError } from '../config.js';
import { emptyDeletedCollections } from '../embedded/emptier.js';
import { createCollection, rotateKeys } from '../embedded/new-collection.js';
import type { Store } from '../embedded/store/store.js';
import type { Collection } from '../services/visualsnoop.js';
import { type AnyCommand, CONFIG_OPTION, JSON_OPTION } from './command-line.js';
import { withConfig } from './settings.js';
import { withStore } from './storage.js';
import { writeTable } from './table.js';

export function define(command: AnyCommand): void {
  command.description('Works with the collections of the embedded VisualSnoop. A gateway may run meanwhile.');
  actionOf(command, 'list', 'list the collections').action((options) => show(options, allCollections));
  actionOf(command, 'create', 'make a collection, and show its keys')
    .argument('<NAME>', 'its name')
    .option('--user <EMAIL>', 'whose collection it is')
    .action((name, { user, ...options }) =>
      show(options, async (store) => {
        const created = await createCollection(store, { name, ...(user && { user }) });
        const { collection, publicKey, secretKey } = created;
        return [{ ...collection, publicKey, secretKey }];
      }),
    );
  actionOf(command, 'keys', 'show the keys of a collection for the old protocol')
    .argument('<ID>', 'the id of the collection')
    .option('--rotate', 'make new ones; the old ones are good for nothing from then on')
    .action((id, { rotate, ...options }) =>
      show(options, async (store) => {
        const keys = rotate ? [await rotateKeys(store, id)] : await store.collections.listKeys(id);
        const known = await store.collections.find([id]);
        if (!known.has(id)) throw unknown(id);
        return keys.filter((pair) => pair !== null);
      }),
    );
  actionOf(command, 'rename', 'give a collection another name')
    .argument('<ID>', 'the id of the collection')
    .argument('<NAME>', 'its new name')
    .option('--user <EMAIL>', 'whose collection it is from then on')
    .action((id, name, { user, ...options }) =>
      show(options, async (store) => {
        const renamed = await store.collections.rename(id, { name, user });
        if (!renamed) throw unknown(id);
        return [renamed];
      }),
    );
  actionOf(command, 'delete', 'delete a collection with all its images and keys')
    .argument('<ID>', 'the id of the collection')
    .requiredOption('--confirm <NAME>', 'its name, or its ID where it has none')
    .action((id, { confirm, ...options }) =>
      show(options, async (store) => {
        await deleteCollection(store, id, confirm);
        return null;
      }),
    );
}

function actionOf(command: AnyCommand, name: string, summary: string) {
  return command
    .command(name)
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION);
}

interface ShowOptions {
  config?: string | undefined;
  json?: true | undefined;
}

/** Shows what is found, or made, as rows; null has none to show. */
function show(
  { config: file, json }: ShowOptions,
  work: (store: Store) => Promise<readonly object[] | null>,
): Promise<void> {
  const write = json ? writeJson : writeTable;
  return withConfig({ file }, (config) =>
    withCollections(config, async (store) => {
      const rows = await work(store);
      if (rows) write(rows);
    }),
  );
}

/** To its end: no gateway may run that would remove the images. */
async function deleteCollection(store: Store, collectionId: string, confirmation: string): Promise<void> {
  const deleted = await store.collections.delete(collectionId, confirmation);
  if (deleted === 'UNKNOWN') throw unknown(collectionId);
  if (deleted === 'NOT_CONFIRMED')
    throw new ConfigError(
      `--confirm is not the name of the collection ${collectionId}, so nothing was deleted.`,
    );
  await emptyDeletedCollections(store);
}

function unknown(collectionId: string): ConfigError {
  return new ConfigError(`There is no collection ${collectionId}.`);
}

async function withCollections(config: Config, work: (store: Store) => Promise<void>): Promise<void> {
  if (config.visualsnoopUrl)
    throw new ConfigError('VISUALSNOOP_URL is set, so the collections are not here.');
  await withStore(config, work);
}

async function allCollections(store: Store): Promise<Collection[]> {
  const limit = 1000;
  const all: Collection[] = [];
  for (let page: Collection[] = []; all.length === 0 || page.length === limit; ) {
    const after = page.at(-1)?.collectionId;
    page = await store.collections.list({ limit, ...(after !== undefined && { after }) });
    all.push(...page);
    if (page.length === 0) break;
  }
  return all;
}

function writeJson(rows: readonly object[]): void {
  process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
}
