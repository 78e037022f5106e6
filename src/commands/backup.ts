import { resolve } from 'node:path';
import { storageOf } from '../config/storage.js';
import { type Config, ConfigError } from '../config.js';
import { type BackupReport, backUp } from '../embedded/backup/backup.js';
import { BackupError } from '../embedded/backup/backup-error.js';
import { FolderInUseError } from '../embedded/folder-lock.js';
import { type AnyCommand, CONFIG_OPTION, CommandError, JSON_OPTION } from './command-line.js';
import { drawBar } from './progress-bar.js';
import { withConfig } from './settings.js';
import { requireFolder, storageFault } from './storage.js';

export function define(command: AnyCommand): void {
  command
    .description(
      `Copies the data folder into FOLDER while the gateway runs, and verifies the copy: every byte that is copied against
its hash, the tables, and that all bytes are there that they need. Run it again to bring the copy up to date: only new
files are copied, and the old copy of the database is kept until the new one is whole.

To restore, stop the gateway, copy FOLDER into an empty data folder, and start. A gateway also runs on FOLDER itself
(serve --data-dir FOLDER), which is no backup from then on.`,
    )
    .argument('<FOLDER>', 'an empty folder, or one of an earlier backup')
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action((folder, { config: file, json }) =>
      withConfig({ file }, (config) => run(config, resolve(folder), json ? writeJson : writeText)),
    );
}

type Write = (report: BackupReport, folder: string) => void;

async function run(config: Config, folder: string, write: Write): Promise<void> {
  const dataDir = requireDataDir(config);
  const report = await backUp(dataDir, folder, { onProgress: drawBar }).catch((error: unknown) => {
    if (error instanceof BackupError) throw new CommandError(error.message);
    if (error instanceof FolderInUseError) throw new CommandError(`${folder} is in use by another process.`);
    throw storageFault(error, config);
  });
  write(report, folder);
  if (report.problems.length > 0) process.exitCode = 1;
}

/** @throws ConfigError where there is nothing in a folder to copy */
function requireDataDir(config: Config): string {
  if (config.imgcacheUrl && config.visualsnoopUrl)
    throw new ConfigError('IMGCACHE_URL and VISUALSNOOP_URL are set: nothing is stored here.');
  const storage = storageOf(config);
  if (storage.kind === 'SHARED')
    throw new ConfigError(
      'The data is in DATABASE_URL and BLOBS_URL: back up the database first, with pg_dump or base backups, then the bucket, with versioning or `aws s3 sync` without --delete. See docs/scaling.md.',
    );
  requireFolder(storage.dataDir);
  return storage.dataDir;
}

function writeJson(report: BackupReport, folder: string): void {
  process.stdout.write(`${JSON.stringify({ folder, ...report })}\n`);
}

function writeText({ rows, copied, problems }: BackupReport, folder: string): void {
  for (const problem of problems) process.stderr.write(`lookalike: ${problem}\n`);
  const whole =
    problems.length === 0 ? 'whole' : 'whole but for these bytes (lookalike check looks at the data folder)';
  process.stdout.write(
    `The backup in ${folder} is ${whole}: ${rows.entries} entries, ${rows.images} images. New files: ${copied}.\n`,
  );
}
