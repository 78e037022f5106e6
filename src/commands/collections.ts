import { type Config, ConfigError } from '../config.js';
import { createCollection, rotateKeys } from '../embedded/new-collection.js';
import type { Store } from '../embedded/store/store.js';
import type { Collection } from '../services/visualsnoop.js';
import { type AnyCommand, CONFIG_OPTION, JSON_OPTION } from './command-line.js';
import { withConfig } from './settings.js';
import { withStore } from './storage.js';
import { writeTable } from './table.js';

export function define(command: AnyCommand): void {
  command.description('Works with the collections of the embedded VisualSnoop. A gateway may run meanwhile.');
  command
    .command('list')
    .summary('list the collections')
    .description('Lists the collections.')
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action((options) => show(options, allCollections));
  command
    .command('create')
    .summary('make a collection')
    .description('Makes a collection, and shows its keys.')
    .argument('<NAME>', 'its name')
    .option('--user <EMAIL>', 'whose collection it is')
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action((name, { user, ...options }) =>
      show(options, async (store) => {
        const created = await createCollection(store, { name, ...(user && { user }) });
        const { collection, publicKey, secretKey } = created;
        return [{ ...collection, publicKey, secretKey }];
      }),
    );
  command
    .command('keys')
    .summary('show or rotate the keys of a collection')
    .description('Shows the keys of a collection for the old protocol.')
    .argument('<ID>', 'the id of the collection')
    .option('--rotate', 'make new ones; the old ones are good for nothing from then on')
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action((id, { rotate, ...options }) =>
      show(options, async (store) => {
        const known = await store.collections.find([id]);
        if (!known.has(id)) throw new ConfigError(`There is no collection ${id}.`);
        return rotate ? [await rotateKeys(store, id)] : store.collections.listKeys(id);
      }),
    );
}

interface ShowOptions {
  config?: string | undefined;
  json?: true | undefined;
}

/** Shows what is found, or made, as rows. */
function show(
  { config: file, json }: ShowOptions,
  work: (store: Store) => Promise<readonly object[]>,
): Promise<void> {
  const write = json ? writeJson : writeTable;
  return withConfig({ file }, (config) => withCollections(config, async (store) => write(await work(store))));
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
