import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { KEY_VARIABLE } from '../config/unknown-variables.js';
import type { Config } from '../config.js';
import { isLine } from '../services/storable-text.js';
import { type AnyCommand, CONFIG_OPTION, CommandError, JSON_OPTION, UsageError } from './command-line.js';
import { createFetchPicture } from './import/fetch-picture.js';
import { ImgCacheFolder } from './import/imgcache-folder.js';
import { Importer } from './import/importer.js';
import { type Item, ItemError, SourceError } from './import/item.js';
import { STANDARD_INPUT } from './import/list.js';
import { openTarget } from './import/open-target.js';
import { Progress } from './import/progress.js';
import { isPublic } from './import/public-agent.js';
import { FAILURES_FILE, Report } from './import/report.js';
import { readSources, WEB_ADDRESS } from './import/sources.js';
import { Watch } from './import/watch.js';
import { withConfig } from './settings.js';

export function define(command: AnyCommand): void {
  command
    .description(
      `Imports pictures: of folders and what is below them, of files, and of lists (*.tsv, *.txt, or - for standard input)
with a line URL<TAB>FILE for each. Goes into the gateway at --server; else into the data folder, or into DATABASE_URL and
BLOBS_URL; where a gateway has the folder for itself, through that gateway. What is there already is not sent again: run
it again after it was broken off. What failed is listed in ${FAILURES_FILE}, which can be imported itself.`,
    )
    .usage('SOURCE… [options]\n       lookalike import --imgcache FOLDER [options]')
    .argument('[SOURCE...]', 'folders, files, lists, and with --fetch URLs')
    .option('--collection <ID>', 'add them to this collection, too')
    .option('--client <NAME>', 'who found them', 'lookalike')
    .option('--url-prefix <URL>', 'what the URLs of files begin with, before their path (default: file://…)')
    .option('--ignore <PATTERN>', "leave out such files and folders, as '*.tmp'; several times", addPattern)
    .option('--concurrency <COUNT>', 'how many at a time', readCount, 4)
    .option('--fetch', 'fetch what has a URL and no file, from public addresses')
    .option('--allow-private', 'fetch from private addresses, too')
    .option('--imgcache <FOLDER>', 'all of the data folder of an original imgcache, whose server is stopped')
    .option('--failures <FILE>', 'the list of what failed', FAILURES_FILE)
    .option('--dry-run', 'only say what would be done')
    .option('--watch', 'go on with what comes to the sources, until it is interrupted')
    .option('--server <URL>', 'the address of a running gateway')
    .addOption(new Option('--key <KEY>', 'an API key of that gateway').env(KEY_VARIABLE))
    .option(JSON_OPTION[0], 'print JSON, a line for each file, and one of the sums at the end')
    .option(...CONFIG_OPTION)
    .action((sources, { config: file, ...options }) => {
      requireSense(sources, options);
      return withConfig({ file }, (config) => run(config, sources, options));
    });
}

interface ImportOptions {
  collection?: string | undefined;
  client: string;
  urlPrefix?: string | undefined;
  ignore?: string[] | undefined;
  concurrency: number;
  fetch?: true | undefined;
  allowPrivate?: true | undefined;
  imgcache?: string | undefined;
  failures: string;
  dryRun?: true | undefined;
  watch?: true | undefined;
  server?: string | undefined;
  key?: string | undefined;
  json?: true | undefined;
}

const MAX_CONCURRENCY = 64;
const MAX_CLIENT_BYTES = 1024;

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_CONCURRENCY) return count;
  throw new UsageError(`--concurrency must be a whole number from 1 to ${MAX_CONCURRENCY}.`);
}

function addPattern(pattern: string, before: string[] | undefined): string[] {
  return [...(before ?? []), pattern];
}

/** @throws UsageError for words that do not go together */
function requireSense(sources: readonly string[], options: ImportOptions): void {
  const { imgcache, watch, fetch, server, client } = options;
  const wrong = (isWrong: unknown, problem: string) => {
    if (isWrong) throw new UsageError(problem);
  };
  const alone = ['server', 'watch', 'fetch', 'urlPrefix', 'ignore'] as const;
  wrong(sources.length === 0 && imgcache === undefined, 'import needs a SOURCE, or --imgcache FOLDER.');
  wrong(imgcache !== undefined && sources.length > 0, '--imgcache goes without a SOURCE.');
  for (const name of alone)
    wrong(
      imgcache !== undefined && options[name] !== undefined,
      `--imgcache goes without ${OPTION_OF[name]}.`,
    );
  wrong(watch && options.dryRun, '--watch goes without --dry-run.');
  wrong(watch && sources.includes(STANDARD_INPUT), '--watch cannot look at standard input again.');
  wrong(options.allowPrivate && !fetch, '--allow-private goes with --fetch only.');
  wrong(!fetch && sources.some((source) => WEB_ADDRESS.test(source)), 'A URL as a SOURCE needs --fetch.');
  wrong(server !== undefined && !WEB_ADDRESS.test(server), '--server must begin with http:// or https://.');
  wrong(
    client === '' || !isLine(client) || Buffer.byteLength(client) > MAX_CLIENT_BYTES,
    `--client must be one line of 1 to ${MAX_CLIENT_BYTES} bytes.`,
  );
}

const OPTION_OF = {
  server: '--server',
  watch: '--watch',
  fetch: '--fetch',
  urlPrefix: '--url-prefix',
  ignore: '--ignore',
} as const;

async function run(config: Config, sources: readonly string[], options: ImportOptions): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'lookalike-import-'));
  try {
    if (options.imgcache === undefined) await importSources(config, sources, options, scratch);
    else await importImgCache(config, options.imgcache, options, scratch);
  } catch (error) {
    if (error instanceof SourceError || error instanceof ItemError) throw new CommandError(error.message);
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Where items come from, in one look after another. */
interface Supply {
  /** How many there are; null where only reading them tells. */
  count(): Promise<number | null>;
  look(): AsyncIterable<Item>;
  /** Waits until there may be more. */
  pause(signal: AbortSignal): Promise<void>;
}

async function importSources(
  config: Config,
  sources: readonly string[],
  options: ImportOptions,
  scratch: string,
): Promise<void> {
  const { urlPrefix, ignore = [] } = options;
  const read = () => readSources(sources, { urlPrefix, ignore });
  const watch = options.watch && new Watch(read);
  await importAll(config, options, scratch, {
    count: () => (sources.includes(STANDARD_INPUT) ? Promise.resolve(null) : countOf(read())),
    look: () => (watch ? watch.look() : read()),
    pause: async (signal) => watch?.pause(signal),
  });
}

async function importImgCache(
  config: Config,
  folder: string,
  options: ImportOptions,
  scratch: string,
): Promise<void> {
  const original = await ImgCacheFolder.open(folder, scratch);
  try {
    await importAll(config, options, scratch, {
      count: async () => original.count(),
      look: () => original.items(),
      pause: async () => {},
    });
  } finally {
    await original.close();
  }
}

/** Reads all once, so that a mistake in a list is told before anything is imported. */
async function countOf(items: AsyncIterable<Item>): Promise<number> {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}

async function importAll(
  config: Config,
  options: ImportOptions,
  scratch: string,
  { count, look, pause }: Supply,
): Promise<void> {
  const { client: clientName, concurrency, imgcache } = options;
  const [json, dryRun, watch] = [options.json === true, options.dryRun === true, options.watch === true];
  const progress = new Progress();
  const total = await count();
  const onNotice = (notice: string) => process.stderr.write(`lookalike: ${notice}\n`);
  const target = await openTarget(config, { ...options, onNotice });
  const fetcher = options.fetch && createFetchPicture({ folder: scratch, ...fetchOptions(config, options) });
  const interruption = interruptible();
  const { signal } = interruption;
  const report = new Report({ json, dryRun, progress, failuresFile: options.failures });
  try {
    if (imgcache !== undefined && !target.restores)
      throw new CommandError('Stop the gateway first: the times of an imgcache are kept without one only.');
    progress.begin(watch ? null : total);
    const importer = new Importer({
      target,
      clientName,
      concurrency,
      dryRun,
      fetchPicture: fetcher ? fetcher.fetchPicture : null,
      onResult: (result) => report.add(result),
      signal,
    });
    do {
      await importer.run(look());
      if (watch) await pause(signal);
    } while (watch && !signal.aborted);
    await report.end(watch || !signal.aborted);
    if (report.failed > 0 || (signal.aborted && !watch)) process.exitCode = 1;
  } catch (error) {
    await report.end(false);
    throw error;
  } finally {
    interruption.release();
    await fetcher?.close();
    await target.close();
  }
}

function fetchOptions({ maxUploadBytes }: Config, { allowPrivate }: ImportOptions) {
  return { maxBytes: maxUploadBytes, isAllowed: allowPrivate ? () => true : isPublic };
}

/** A signal of the first interruption; the second one ends the process as ever. */
function interruptible(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = () => controller.abort();
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.once(name, onSignal);
  const release = () => {
    for (const name of names) process.removeListener(name, onSignal);
  };
  return { signal: controller.signal, release };
}
