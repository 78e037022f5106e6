import { join } from 'node:path';
import { type Config, ConfigError } from '../config.js';
import type { Blobs } from '../embedded/blobs/blobs.js';
import { checkFolder } from '../embedded/check/check-folder.js';
import type { Finding, RepairTools } from '../embedded/check/finding.js';
import { SetAside } from '../embedded/check/set-aside.js';
import { LeaseTakenError, withLease } from '../embedded/lease.js';
import { createPicturePool } from '../embedded/picture/picture-pool.js';
import type { Store } from '../embedded/store/store.js';
import { type AnyCommand, CONFIG_OPTION, JSON_OPTION } from './command-line.js';
import { clearBar, drawBar } from './progress-bar.js';
import { withConfig } from './settings.js';
import { withStorage, withStorageReader } from './storage.js';

export function define(command: AnyCommand): void {
  command
    .description(
      `Looks for what is not as it should be in the data folder, or in DATABASE_URL and BLOBS_URL: the tables, and the bytes
that they need. It changes nothing, and gateways may run meanwhile. Exits with 1 when something is left to repair.

With --repair a data folder is needed for itself, and what is taken away goes to the folder set-aside in it. With
DATABASE_URL gateways may run, one repair runs at a time, and rows go to the table removed_rows, bytes to set-aside/
under the prefix.`,
    )
    .option('--quick', 'do not read all bytes: lost ones are found, altered ones are not', false)
    .option('--repair', 'repair what is found', false)
    .option(
      JSON_OPTION[0],
      'print JSON, one finding a line, with its contentHash and its object (file or key)',
    )
    .option(...CONFIG_OPTION)
    .action(({ config: file, ...options }) => withConfig({ file }, (config) => run(config, options)));
}

interface CheckOptions {
  quick: boolean;
  repair: boolean;
  json?: true | undefined;
}

async function run(config: Config, { quick, repair, json }: CheckOptions): Promise<void> {
  const report = json ? reportJson : reportText;
  const work = repair ? checkAndRepair : checkOnly;
  const { found, repaired } = await work(config, quick, report);
  if (!json) process.stdout.write(summary(found, repaired, repair));
  if (found > repaired) process.exitCode = 1;
}

/** The outcome of a finding; neither without --repair. */
type Outcome = { repaired?: boolean; failure?: string };
type Report = (finding: Finding, outcome: Outcome) => void;
interface Totals {
  found: number;
  repaired: number;
}

function checkOnly(config: Config, quick: boolean, report: Report): Promise<Totals> {
  return withStorageReader(config, ({ store, blobs }) =>
    check({ store, blobs }, quick, (finding) => {
      report(finding, {});
      return false;
    }),
  );
}

async function checkAndRepair(config: Config, quick: boolean, report: Report): Promise<Totals> {
  const pictures = createPicturePool({ maxPixels: config.maxPixels });
  const setAside = new SetAside(join(config.dataDir, 'set-aside'));
  try {
    return await withStorage(config, ({ store, blobs }) => {
      const tools = { store, blobs, pictures, setAside };
      return withLease(store.leases, 'check --repair', (signal) =>
        check(tools, quick, async (finding) => {
          signal.throwIfAborted();
          const outcome = await tryRepair(finding, tools);
          report(finding, outcome);
          return outcome.repaired === true;
        }),
      );
    });
  } catch (error) {
    throw error instanceof LeaseTakenError ? new ConfigError(error.message) : error;
  } finally {
    await pictures.close();
  }
}

/** @param take tells whether the finding is repaired by now */
async function check(
  bytes: { store: Store; blobs: Blobs },
  quick: boolean,
  take: (finding: Finding) => boolean | Promise<boolean>,
): Promise<Totals> {
  const totals = { found: 0, repaired: 0 };
  const folder = { ...bytes, quick, onProgress: drawBar };
  for await (const finding of checkFolder(folder)) {
    totals.found++;
    clearBar();
    if (await take(finding)) totals.repaired++;
  }
  return totals;
}

async function tryRepair(finding: Finding, tools: RepairTools): Promise<Outcome> {
  try {
    await finding.repair(tools);
    return { repaired: true };
  } catch (error) {
    return { repaired: false, failure: error instanceof Error ? error.message : String(error) };
  }
}

function reportText({ kind, problem, remedy }: Finding, { repaired, failure }: Outcome): void {
  const what =
    failure === undefined ? `${repaired ? 'Repaired' : 'To repair'}: ${remedy}` : `Not repaired: ${failure}`;
  process.stdout.write(`${kind}: ${problem}\n  ${what}\n`);
}

function reportJson({ repair: _, ...finding }: Finding, outcome: Outcome): void {
  process.stdout.write(`${JSON.stringify({ ...finding, ...outcome })}\n`);
}

function summary(found: number, repaired: number, repairing: boolean): string {
  if (found === 0) return 'Everything is as it should be.\n';
  if (!repairing) return `Findings: ${found}. lookalike check --repair repairs them.\n`;
  return `Findings: ${found}, repaired: ${repaired}.\n`;
}
