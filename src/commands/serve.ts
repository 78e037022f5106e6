import { basename } from 'node:path';
import { type Config, ConfigError, type ConfigSources } from '../config.js';
import { createGateway, type Gateway, requireKeys } from '../gateway.js';
import { createLog, type Log } from '../log/log.js';
import { openStandardError } from '../log/standard-error.js';
import { type AnyCommand, CONFIG_OPTION } from './command-line.js';
import { createReload } from './reload.js';
import { withConfig } from './settings.js';
import { requireAddresses, storageFault } from './storage.js';

export function define(command: AnyCommand): void {
  command
    .description(
      `Runs the gateway until SIGTERM or SIGINT, then lets requests in flight finish. A second signal ends at once.
SIGHUP reads the keys, the CORS origins, the trusted documents and the level of the log anew; on a terminal it ends the
gateway. The log goes to standard error: JSON lines, or readable ones on a terminal.`,
    )
    .option('--host <ADDRESS>', 'the address to listen on (HOST)')
    .option('--port <NUMBER>', 'the port to listen on (PORT)')
    .option('--data-dir <FOLDER>', 'the folder of the database and the bytes (LOOKALIKE_DATA_DIR)')
    .option(...CONFIG_OPTION)
    .option('--check', 'read the settings, say what is wrong with them, and serve nothing')
    .action(({ config: file, check, ...options }) =>
      check ? withConfig({ file, options }, checkOnly) : serve({ file, options }),
    );
}

function checkOnly(config: Config): void {
  refuse(config);
  print('The settings can be used.');
}

/** @throws ConfigError for settings that a gateway would not start with, as far as they alone tell */
function refuse(config: Config): void {
  requireKeys(config);
  requireAddresses(config);
}

async function serve(sources: Omit<ConfigSources, 'env'>): Promise<void> {
  const warnings: string[] = [];
  await withConfig(
    sources,
    (config) => start(config, sources, warnings),
    (warning) => warnings.push(warning),
  );
}

async function start(
  config: Config,
  sources: Omit<ConfigSources, 'env'>,
  warnings: readonly string[],
): Promise<void> {
  refuse(config);
  const log = createLog(config.logLevel, openStandardError());
  for (const warning of warnings) log.warn(warning);
  // Node ends the process then, and says why in its own words.
  process.on('uncaughtExceptionMonitor', (err) => log.fatal({ err }, 'crash'));
  // graphql-js forgets the items of a list that fail after another one failed at once: no reason to end for everybody.
  process.on('unhandledRejection', (err) => log.error({ err }, 'unhandled rejection'));
  const gateway = await createGateway(config, {
    log,
    onError: (err, requestId) => log.error({ err, requestId }, 'unexpected error'),
    onNotice: (notice) => log.info(notice),
  }).catch((error: unknown) => {
    throw startError(error, config);
  });
  const address = await gateway.listen().catch(async (error: unknown) => {
    await gateway.close();
    throw startError(error, config);
  });
  const stop = createStop(gateway, log);
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // A terminal that goes sends this signal to all that runs on it.
  process.on('SIGHUP', process.stdin.isTTY ? stop : createReload({ gateway, log, config, sources }));
  // Whoever reads that it is ready may send a signal at once.
  tellWhereItIs(address, config, gateway);
  log.info({ address, pid: process.pid }, 'ready');
}

function tellWhereItIs(address: string, config: Config, { newCollection }: Gateway): void {
  if (newCollection) {
    const { name, collectionId } = newCollection;
    print(`Made the collection ${name}. Its keys: ${ownName()} collections keys ${collectionId}`);
  }
  print(`Lookalike is ready: ${address}/graphql`);
  print(`A browser shows GraphiQL there. ${storedIn(config)}`);
}

function storedIn({ databaseUrl, imgcacheUrl, visualsnoopUrl, dataDir }: Config): string {
  if (imgcacheUrl && visualsnoopUrl) return 'Nothing is stored here: both services are remote.';
  return databaseUrl
    ? 'What is stored goes to DATABASE_URL and BLOBS_URL.'
    : `What is stored goes to ${dataDir}.`;
}

/** The command as it can be typed: without npx only where it was started so. */
function ownName(): string {
  const [, started = ''] = process.argv;
  return basename(started) === 'lookalike' && !started.includes('node_modules')
    ? 'lookalike'
    : 'npx lookalike';
}

function createStop(gateway: Gateway, log: Log): () => void {
  return () => {
    process.once('SIGTERM', () => process.exit(1));
    process.once('SIGINT', () => process.exit(1));
    log.info('stopping');
    gateway.close().then(
      () => {
        log.info('stopped');
        process.exit(0);
      },
      (err: unknown) => {
        log.fatal({ err }, 'could not stop');
        process.exit(1);
      },
    );
  };
}

/** The errors that a setting causes, in one line that names it. */
function startError(error: unknown, config: Config): unknown {
  const { host, port, dataDir } = config;
  const fault = storageFault(error, config);
  if (fault instanceof ConfigError) return fault;
  if (!(error instanceof Error) || !('code' in error)) return error;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new ConfigError(`PORT ${port} is in use on ${host}.`);
  if (code === 'EACCES' && syscall === 'listen')
    return new ConfigError(`PORT ${port} may not be used by this user.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ConfigError(`HOST ${host} is no address of this machine.`);
  if (path?.startsWith(dataDir))
    return new ConfigError(`LOOKALIKE_DATA_DIR ${dataDir} cannot be used: ${code}.`);
  return error;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
