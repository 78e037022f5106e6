import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, ConfigError } from '../config.js';
import { inspectTarget, requireOwnFolder } from '../embedded/migrate/inspect-target.js';
import { type Counts, countAll, installationId } from '../embedded/migrate/installation.js';
import { type Migrated, migrate } from '../embedded/migrate/migrate.js';
import { requireUsable, type TargetState } from '../embedded/migrate/target.js';
import { type OpenStorage, openStorage, openStorageReader, type Storage } from '../embedded/open-storage.js';
import { createPicturePool } from '../embedded/picture/picture-pool.js';
import { openScratch } from '../embedded/scratch.js';
import { createFileStaging } from '../embedded/staging.js';
import { type AnyCommand, CONFIG_OPTION, JSON_OPTION, UsageError } from './command-line.js';
import { migrationFault } from './migration-fault.js';
import { drawBar } from './progress-bar.js';
import { withConfig } from './settings.js';
import { requireFolder } from './storage.js';

export function define(command: AnyCommand): void {
  command
    .description(
      `Copies the data folder, LOOKALIKE_DATA_DIR, into a PostgreSQL database and an S3 bucket; or, with a folder, what is in
DATABASE_URL and BLOBS_URL into that folder. The target must be empty. All is compared at the end, and nothing else opens
the copy before. A run that was interrupted goes on when it is started again. No gateway may run on what is copied: stop
them first. What is copied stays as it is.`,
    )
    .usage('--to postgres://… --blobs s3://… [options]\n       lookalike migrate --to FOLDER [options]')
    .option('--to <TARGET>', 'the database, as DATABASE_URL has it, or a folder')
    .option('--blobs <BUCKET>', 'the bucket, as BLOBS_URL has it; its keys are in the AWS_… variables')
    .option(
      '--dry-run',
      'say what would be copied, and whether the target can be used; a gateway may run meanwhile',
    )
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action(({ config: file, ...options }) => {
      const isDatabase = readTarget(options.to, options.blobs);
      return withConfig({ file }, (config) => run(config, isDatabase, options));
    });
}

interface MigrateOptions {
  to?: string | undefined;
  blobs?: string | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
}

async function run(config: Config, isDatabase: boolean, options: MigrateOptions): Promise<void> {
  const { to, blobs, dryRun, json } = options;
  const move: Move = isDatabase
    ? {
        from: { kind: 'FOLDER', dataDir: config.dataDir },
        to: { kind: 'SHARED', databaseUrl: to!, blobsUrl: blobs!, env: process.env },
      }
    : { from: sharedSource(config), to: { kind: 'FOLDER', dataDir: resolve(to!) } };
  const write = json ? writeJson : writeText;
  try {
    if (move.from.kind === 'FOLDER') requireFolder(move.from.dataDir);
    if (move.to.kind === 'FOLDER') await requireOwnFolder(move.to.dataDir);
    write(await withScratch<Outcome>(move, dryRun ? plan : copy));
  } catch (error) {
    throw migrationFault(error, config);
  }
}

/** @returns whether the target is a database */
function readTarget(to: string | undefined, blobs: string | undefined): boolean {
  if (!to) throw new UsageError('migrate needs --to postgres://… with --blobs s3://…, or --to FOLDER.');
  const isDatabase = /^postgres(ql)?:/.test(to);
  if (isDatabase && !blobs) throw new UsageError('--to a database needs --blobs s3://… for the bytes.');
  if (!isDatabase && blobs !== undefined) throw new UsageError('--blobs goes with --to postgres://… only.');
  if (!isDatabase && /^[a-z0-9+.-]+:\/\//i.test(to))
    throw new UsageError('--to must begin with postgres://, or be a folder.');
  return isDatabase;
}

function sharedSource({ databaseUrl, blobsUrl }: Config): Storage {
  if (!databaseUrl || !blobsUrl)
    throw new ConfigError('--to a folder copies what is in DATABASE_URL and BLOBS_URL, which are not set.');
  return { kind: 'SHARED', databaseUrl, blobsUrl, env: process.env };
}

interface Move {
  from: Storage;
  to: Storage;
}

interface Plan {
  dryRun: true;
  rows: Counts;
  target: 'EMPTY' | 'BEGUN' | 'FINISHED';
}
type Outcome = Plan | (Migrated & { dryRun: false });

async function withScratch<T>(move: Move, work: (move: Move, scratchDir: string) => Promise<T>): Promise<T> {
  // Of this user alone, and under a name that nobody else can have taken.
  const folder = await mkdtemp(join(tmpdir(), 'lookalike-migrate-'));
  try {
    return await work(move, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function plan({ from, to }: Move, scratchDir: string): Promise<Plan> {
  const source = await openStorageReader(from, { scratchDir });
  try {
    const id = await installationId(source.store);
    const found = await atTarget(() => inspectTarget(to, { scratchDir }));
    requireUsable(found, id);
    return { dryRun: true, rows: await countAll(source.store), target: nameOf(found) };
  } finally {
    await source.close();
  }
}

function nameOf({ begun }: TargetState): Plan['target'] {
  if (!begun) return 'EMPTY';
  return begun.finished ? 'FINISHED' : 'BEGUN';
}

async function copy({ from, to }: Move, scratchDir: string): Promise<Migrated & { dryRun: false }> {
  // A folder is locked by that; a shared storage is left as it is.
  const source = await (from.kind === 'FOLDER' ? openStorage : openStorageReader)(from, { scratchDir });
  try {
    const target = await atTarget(() => openTarget(to, scratchDir));
    try {
      return { dryRun: false, ...(await copyTo(source, target, to, scratchDir)) };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyTo(
  source: Pick<OpenStorage, 'store' | 'blobs'>,
  target: OpenStorage,
  to: Storage,
  scratchDir: string,
): Promise<Migrated> {
  const pictures = createPicturePool({ maxPixels: 1 });
  // Bytes that are kept in files are moved there.
  const incoming = to.kind === 'FOLDER' ? await openScratch(join(to.dataDir, 'incoming')) : null;
  const staging = createFileStaging(incoming?.folder ?? scratchDir, pictures);
  try {
    return await migrate({ source, target, staging, onProgress: drawBar });
  } finally {
    await incoming?.close();
    await pictures.close();
  }
}

async function openTarget(to: Storage, scratchDir: string): Promise<OpenStorage> {
  if (to.kind === 'FOLDER') await mkdir(to.dataDir, { recursive: true, mode: 0o700 });
  return openStorage(to, { scratchDir, importing: true });
}

/** Lets errors of the target name its options. */
async function atTarget<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw migrationFault(error, null);
  }
}

function writeJson(outcome: Outcome): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

const STATES: Record<Plan['target'], string> = {
  EMPTY: 'The target is empty and can be used. This would be copied:',
  BEGUN: 'The target has a part of this already, and a run would go on:',
  FINISHED: 'The target has been a copy of this already; a run would only compare:',
};

function writeText(outcome: Outcome): void {
  const counts = outcome.dryRun
    ? Object.entries(outcome.rows)
    : Object.entries(outcome.digests).map(([kind, { count }]) => [kind, count] as const);
  const table = counts.map(([kind, count]) => `  ${kind.padEnd(12)}${count}\n`).join('');
  const heading = outcome.dryRun
    ? STATES[outcome.target]
    : `Rows that were copied: ${outcome.copied}. The copy is whole, and the same in all rows:`;
  process.stdout.write(`${heading}\n${table}`);
}
