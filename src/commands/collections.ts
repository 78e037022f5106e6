import { type Config, ConfigError, loadConfig } from '../config.js';
import { emptyDeletedCollections } from '../embedded/emptier.js';
import { createCollection, rotateKeys } from '../embedded/new-collection.js';
import type { Store } from '../embedded/store/store.js';
import type { Collection } from '../services/visualsnoop.js';
import { COMMON_OPTIONS, parseCommandLine, refuseMore, UsageError } from './command-line.js';
import { withStore } from './storage.js';

const HELP = `Usage: lookalike collections list
       lookalike collections create NAME [--user EMAIL]
       lookalike collections keys ID [--rotate]
       lookalike collections rename ID NAME [--user EMAIL]
       lookalike collections delete ID --confirm NAME

Lists the collections of the embedded VisualSnoop, makes, renames or deletes one, or shows the keys of one. A gateway may
run meanwhile.

  --user EMAIL     create, rename: whose collection it is
  --confirm NAME   delete: its name, or its ID where it has none; all its images and keys go with it
  --rotate         keys: make new ones; the old ones are good for nothing from then on
  --json           print JSON
  --config FILE    settings as JSON
`;

export async function run(argv: readonly string[]): Promise<void> {
  const options = {
    ...COMMON_OPTIONS,
    user: { type: 'string' },
    confirm: { type: 'string' },
    rotate: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseCommandLine({ args: [...argv], allowPositionals: true, options });
  if (values.help) return void process.stdout.write(HELP);
  const [action, subject, name, ...more] = positionals;
  refuseMore(action === 'rename' ? more : [name, ...more]);
  const write = values.json ? writeJson : writeTable;
  const config = loadConfig(process.env, values.config);
  switch (action) {
    case 'list':
      refuseMore([subject]);
      return withCollections(config, async (store) => write(await allCollections(store)));
    case 'create': {
      if (!subject) throw new UsageError('collections create needs a NAME.');
      const { user } = values;
      return withCollections(config, async (store) => {
        const created = await createCollection(store, { name: subject, ...(user && { user }) });
        const { collection, publicKey, secretKey } = created;
        write([{ ...collection, publicKey, secretKey }]);
      });
    }
    case 'keys': {
      if (!subject) throw new UsageError('collections keys needs the ID of a collection.');
      return withCollections(config, async (store) => {
        const keys = values.rotate
          ? [await rotateKeys(store, subject)]
          : await store.collections.listKeys(subject);
        const known = await store.collections.find([subject]);
        if (!known.has(subject)) throw unknown(subject);
        write(keys.filter((pair) => pair !== null));
      });
    }
    case 'rename': {
      if (!subject || !name)
        throw new UsageError('collections rename needs the ID of a collection and a NAME.');
      return withCollections(config, async (store) => {
        const renamed = await store.collections.rename(subject, { name, user: values.user });
        if (!renamed) throw unknown(subject);
        write([renamed]);
      });
    }
    case 'delete': {
      const { confirm } = values;
      if (!subject || confirm === undefined)
        throw new UsageError('collections delete needs the ID of a collection and --confirm NAME.');
      return withCollections(config, (store) => deleteCollection(store, subject, confirm));
    }
    default:
      throw new UsageError('Say list, create, keys, rename or delete. Try lookalike collections --help.');
  }
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

/** Columns as wide as what is in them. */
function writeTable(rows: readonly object[]): void {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => Object.values(row).map((value) => String(value ?? '')))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  for (const line of lines)
    process.stdout.write(
      `${line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()}\n`,
    );
}
