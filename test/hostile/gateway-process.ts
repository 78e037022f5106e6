import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../harness/patience.js';
import { stagedFiles } from '../harness/staged-files.js';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
const MEGABYTE = 2 ** 20;

export interface GatewayProcess {
  url: string;
  /** Of the gateway's own view of the file system: what it has mounted is seen through it. */
  root: string;
  dataDir: string;
  /** What it has written to its log. */
  log(): string;
  /** In megabytes: now, and the most there was. */
  memory(): { now: number; peak: number };
  openFiles(): number;
  /** Waits until nothing of uploads is left in the temporary and data folders. */
  untilTidy(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether a file system of its own can be given to a process here. */
export function canMount(): boolean {
  const { status } = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']);
  return status === 0;
}

/**
 * A gateway in a process of its own.
 * @param diskMegabytes gives its data and temporary folders a file system of this size
 */
export async function startGatewayProcess(
  env: Record<string, string> = {},
  diskMegabytes?: number,
): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-hostile-'));
  const dataDir = join(folder, 'data');
  const settings = {
    PORT: '0',
    LOOKALIKE_DATA_DIR: dataDir,
    LOOKALIKE_LOG_LEVEL: 'error',
    TMPDIR: folder,
    ...env,
  };
  const child = spawn('sh', ['-c', commandOf(folder, diskMegabytes)], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const url = await addressFrom(child, output);
  const root = diskMegabytes === undefined ? '' : `/proc/${child.pid}/root`;
  const files = () => [
    ...readdirSync(root + folder).flatMap((name) =>
      name === 'data' ? [] : readdirSync(join(root + folder, name)),
    ),
    ...stagedFiles(root + dataDir),
  ];
  return {
    url,
    root,
    dataDir,
    log: () => output.stderr,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const read = (name: string) =>
        Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
      return { now: read('VmRSS'), peak: read('VmHWM') };
    },
    openFiles: () => readdirSync(`/proc/${child.pid}/fd`).length,
    async untilTidy() {
      await until(
        () => files().length === 0,
        () => `These were left: ${files().join(', ')}`,
      );
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'close');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function commandOf(folder: string, diskMegabytes: number | undefined): string {
  const serve = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(BIN)} serve`;
  if (diskMegabytes === undefined) return serve;
  const mount = `mount -t tmpfs -o size=${diskMegabytes * MEGABYTE} none ${folder} && cd ${folder}`;
  return `exec unshare -rm sh -c '${mount} && ${serve}'`;
}

async function addressFrom(child: ChildProcess, output: { stdout: string; stderr: string }): Promise<string> {
  const problem = () => `The gateway did not start: ${output.stderr}`;
  try {
    return await until(() => {
      if (child.exitCode !== null) throw new Error(problem());
      return /ready: (\S+)\/graphql/.exec(output.stdout)?.[1];
    }, problem);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
