import { type Config, ConfigError, loadConfig } from '../config.js';
import { createCollection, rotateKeys } from '../embedded/new-collection.js';
import type { Store } from '../embedded/store/store.js';
import { storageOf } from '../open-services.js';
import type { Collection } from '../services/visualsnoop.js';
import { COMMON_OPTIONS, parseCommandLine, refuseMore, UsageError } from './command-line.js';
import { openDatabase, requireDatabase } from './data-folder.js';

const HELP = `Usage: lookalike collections list
       lookalike collections create NAME [--user EMAIL]
       lookalike collections keys ID [--rotate]

Lists the collections of the embedded VisualSnoop, makes one, or shows the keys of one. A gateway may run meanwhile.

  --user EMAIL     create: whose collection it is
  --rotate         keys: make new ones; the old ones are good for nothing from then on
  --json           print JSON
  --config FILE    settings as JSON
`;

export async function run(argv: readonly string[]): Promise<void> {
  const options = {
    ...COMMON_OPTIONS,
    user: { type: 'string' },
    rotate: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseCommandLine({ args: [...argv], allowPositionals: true, options });
  if (values.help) return void process.stdout.write(HELP);
  const [action, subject, ...more] = positionals;
  refuseMore(more);
  const write = values.json ? writeJson : writeTable;
  const config = loadConfig(process.env, values.config);
  switch (action) {
    case 'list':
      refuseMore([subject]);
      return withStore(config, async (store) => write(await allCollections(store)));
    case 'create': {
      if (!subject) throw new UsageError('collections create needs a NAME.');
      const { user } = values;
      return withStore(config, async (store) => {
        const created = await createCollection(store, { name: subject, ...(user && { user }) });
        const { collection, publicKey, secretKey } = created;
        write([{ ...collection, publicKey, secretKey }]);
      });
    }
    case 'keys': {
      if (!subject) throw new UsageError('collections keys needs the ID of a collection.');
      return withStore(config, async (store) => {
        const known = await store.collections.find([subject]);
        if (!known.has(subject)) throw new ConfigError(`There is no collection ${subject}.`);
        write(values.rotate ? [await rotateKeys(store, subject)] : await store.collections.listKeys(subject));
      });
    }
    default:
      throw new UsageError('Say list, create or keys. Try lookalike collections --help.');
  }
}

async function withStore(config: Config, work: (store: Store) => Promise<void>): Promise<void> {
  if (config.visualsnoopUrl)
    throw new ConfigError('VISUALSNOOP_URL is set, so the collections are not here.');
  const { store, close } = await openDatabase(requireDatabase(storageOf(config)));
  try {
    await work(store);
  } finally {
    await close();
  }
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
