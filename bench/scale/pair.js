import { fillEntries } from '../harness/entries.js';
import { print } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { dropDatabase, fillPostgres, plantedHashes } from './rows.js';

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
  const seconds = [];
  for (const fill of [() => fillEntries(dataDir, hashes), () => fillPostgres(databaseUrl, hashes)]) {
    const start = performance.now();
    await fill();
    seconds.push(((performance.now() - start) / 1000).toFixed(0));
  }
  print(`\n${size} rows written: SQLite ${seconds[0]} s, PostgreSQL ${seconds[1]} s (without trigrams)`);
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
