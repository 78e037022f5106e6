import type { Config } from '../config.js';
import type { Storage } from '../embedded/open-storage.js';

/** Where the embedded services keep rows and bytes. */
export function storageOf(
  { dataDir, databaseUrl, blobsUrl }: Pick<Config, 'dataDir' | 'databaseUrl' | 'blobsUrl'>,
  env: NodeJS.ProcessEnv = process.env,
): Storage {
  return databaseUrl && blobsUrl
    ? { kind: 'SHARED', databaseUrl, blobsUrl, env }
    : { kind: 'FOLDER', dataDir };
}
