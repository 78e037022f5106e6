import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, ConfigError, loadConfig } from '../config.js';
import { FolderInUseError } from '../embedded/store/folder-lock.js';
import { readArguments } from './arguments.js';

const HELP = `Usage: lookalike serve [options]

Runs the gateway until it is told to stop.

Options:
  --config FILE    settings as JSON (default: lookalike.config.json, where there is one)
  -h, --help       this text

The README lists the settings.
`;

export async function run(argv: readonly string[]): Promise<void> {
  const { config, help } = readArguments(argv, { config: { type: 'string' } });
  if (help) process.stdout.write(HELP);
  else await serve(loadConfig(process.env, config));
}

/** Serves until SIGTERM or SIGINT, then lets requests in flight finish. A second signal ends at once. */
async function serve(config: Config): Promise<void> {
  // Loaded this late, so that a wrong setting is told at once.
  const { createGateway } = await import('../gateway.js');
  const gateway = await createGateway(config, { onError: logError }).catch((error: unknown) => {
    throw startError(error, config);
  });
  useOwnTempFolder(config.dataDir);
  const address = await gateway.listen().catch(async (error: unknown) => {
    await gateway.close();
    throw startError(error, config);
  });
  process.stdout.write(`Lookalike is ready: ${address}/graphql\n`);

  const stop = () => {
    process.once('SIGTERM', () => process.exit(1));
    process.once('SIGINT', () => process.exit(1));
    void gateway.close().then(() => process.exit(0), exitWithError);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/**
 * Uploads spool into a folder below TMPDIR that belongs to this data folder, and so to this process alone: what an
 * earlier process left in it when it was killed is removed.
 */
function useOwnTempFolder(dataDir: string): void {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), `lookalike-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

/** What a setting is to blame for, in one line that names it. */
function startError(error: unknown, { host, port, dataDir }: Config): unknown {
  if (error instanceof FolderInUseError) return new ConfigError(`LOOKALIKE_DATA_DIR: ${error.message}`);
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

function exitWithError(error: unknown): void {
  logError(error);
  process.exit(1);
}

function logError(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
