import { statSync } from 'node:fs';
import { folderDatabase } from '../../dist/embedded/store/open-store.js';
import { fillEntries } from '../harness/entries.js';
import { figure, megabytes, print } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { databaseBytes, dropDatabase, fillPostgres, plantedHashes } from './rows.js';

/**
 * A data folder and a database with the same rows.
 *
 * @typedef {object} Pair
 * @property {BigUint64Array} hashes
 * @property {string} dataDir
 * @property {string} databaseUrl
 * @property {() => Promise<{ sqlite: Gateway, postgres: Gateway }>} startGateways
 * @property {() => Promise<void>} remove
 */

/** @typedef {import('../harness/server.js').ServerProcess} Gateway */

/**
 * @param {number} size rows
 * @param {import('../scale.js').Servers} servers
 * @returns {Promise<Pair>}
 */
export async function makePair(size, { harness, postgres, fileStore }) {
  const hashes = plantedHashes(size);
  const dataDir = makeFolder();
  const databaseUrl = await harness.createDatabase(postgres);
  const seconds = [
    await secondsOf(() => fillEntries(dataDir, hashes)),
    await secondsOf(() => fillPostgres(databaseUrl, hashes)),
  ];
  const bytes = [statSync(folderDatabase(dataDir).path).size, await databaseBytes(databaseUrl)];
  const [sqlite, postgresql] = seconds.map((each, i) => `${figure(each)} s, ${megabytes(bytes[i])} MB`);
  print(`\n${size} rows written: SQLite ${sqlite}; PostgreSQL ${postgresql}, without the index of URLs`);
  const quiet = { LOOKALIKE_LOG_LEVEL: 'error' };
  const env = { ...quiet, DATABASE_URL: databaseUrl, BLOBS_URL: fileStore.blobsUrl(), ...harness.SWIFT_KEYS };
  return {
    hashes,
    dataDir,
    databaseUrl,
    startGateways: async () => ({
      sqlite: await startGateway({ dataDir, env: quiet }),
      postgres: await startGateway({ env }),
    }),
    async remove() {
      removeFolder(dataDir);
      await dropDatabase(databaseUrl);
    },
  };
}

async function secondsOf(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
