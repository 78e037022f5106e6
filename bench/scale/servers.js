/** The real servers of the tests, and an object store that costs next to nothing. */
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer } from '../harness/server.js';
import { makeFolder } from '../harness/workspace.js';

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const PROJECT = fileURLToPath(new URL('./tsconfig.json', import.meta.url));
const COMPILED = new URL('../../.cache/bench/', import.meta.url);
const FILE_STORE = fileURLToPath(new URL('./file-store.js', import.meta.url));

/** For a machine with 4 GB to spare; commits are durable, as those of SQLite are. */
const SETTINGS = `shared_buffers = 1GB
maintenance_work_mem = 512MB
max_wal_size = 4GB
checkpoint_timeout = 15min
max_parallel_maintenance_workers = 2
jit = off`;

/** What starts the servers: written in TypeScript, for the tests. */
export async function loadHarness() {
  await promisify(execFile)(process.execPath, [TSC, '-p', PROJECT]);
  // The servers' folders lie in one that goes with this process, and the database's user must get through to its own.
  const folder = makeFolder();
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
  const [postgres, swift] = await Promise.all(
    ['postgres.js', 'swift.js'].map((file) => import(new URL(file, COMPILED).href)),
  );
  return { ...postgres, ...swift };
}

export function startPostgres(harness) {
  return harness.startPostgres({ durable: true, settings: SETTINGS });
}

/**
 * An S3 server of one process over a folder, with nothing but what a gateway needs: the least that an object store can
 * cost.
 *
 * @returns {Promise<import('../harness/server.js').ServerProcess & { blobsUrl(): string }>}
 */
export async function startFileStore() {
  const server = await startServer([FILE_STORE, makeFolder()], /ready: (\S+)/);
  let prefixes = 0;
  return { ...server, blobsUrl: () => `s3://bench/${++prefixes}?endpoint=${server.url}` };
}
