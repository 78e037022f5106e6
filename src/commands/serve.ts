import { type Config, ConfigError, loadConfig } from '../config.js';
import { createGateway } from '../gateway.js';
import { createLog, openStandardError } from '../log/log.js';
import { COMMON_OPTIONS, parseCommandLine, refuseMore } from './command-line.js';
import { storageFault } from './storage.js';

const HELP = `Usage: lookalike serve [--config FILE]

Runs the gateway until SIGTERM or SIGINT, then lets requests in flight finish. A second signal ends at once.
The log goes to standard error: JSON lines, or readable ones on a terminal.

  --config FILE    settings as JSON (default: lookalike.config.json, where there is one)
`;

export async function run(argv: readonly string[]): Promise<void> {
  const options = COMMON_OPTIONS;
  const { values, positionals } = parseCommandLine({ args: [...argv], allowPositionals: true, options });
  if (values.help) return void process.stdout.write(HELP);
  refuseMore(positionals);
  const config = loadConfig(process.env, values.config);
  const log = createLog(config.logLevel, openStandardError());
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
  if (gateway.newCollection) {
    const { name, collectionId } = gateway.newCollection;
    print(`Made the collection ${name}. Its keys: lookalike collections keys ${collectionId}`);
  }
  print(`Lookalike is ready: ${address}/graphql`);
  log.info({ address, pid: process.pid }, 'ready');

  const stop = () => {
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
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
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
