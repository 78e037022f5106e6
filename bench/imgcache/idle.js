import { setTimeout as sleep } from 'node:timers/promises';
import { fillEntries } from '../harness/entries.js';
import { openConnections } from '../harness/load.js';
import { residentBytes } from '../harness/process-figures.js';
import { figure, megabytes, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { hexOf, random, syntheticHashes } from '../harness/synthetic-hashes.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';

const GOAL = { idleBytes: 110e6, bytesPerEntry: 16 };
const SEARCHES = 20;
/** Until what a start and a search leave behind was collected. */
const CALM_MS = 5000;

/**
 * How much memory a gateway takes that does nothing, and what each entry adds once they have been searched.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function idle({ quick, nodeArgs }) {
  const count = quick ? 100_000 : 1_000_000;
  const hashes = syntheticHashes(count, random(1));
  const rows = [];
  const bytes = {};
  for (const entries of [0, count]) {
    const dataDir = makeFolder();
    if (entries > 0) await fillEntries(dataDir, hashes);
    const gateway = await startGateway({ dataDir, nodeArgs });
    try {
      await sleep(CALM_MS);
      const started = residentBytes(gateway.pid).now;
      await search(gateway, hashes);
      await sleep(CALM_MS);
      bytes[entries] = residentBytes(gateway.pid).now;
      rows.push([figure(entries), megabytes(started), megabytes(bytes[entries])]);
    } finally {
      await gateway.stop();
      removeFolder(dataDir);
    }
  }
  const perEntry = (bytes[count] - bytes[0]) / count;
  const isMet = Number(rows[0][1]) * 1e6 <= GOAL.idleBytes && perEntry <= GOAL.bytesPerEntry;
  printTable(
    `Resident memory, ${megabytes(GOAL.idleBytes)} MB at most without entries; ${figure(perEntry)} bytes for each entry after ${SEARCHES} searches, ${GOAL.bytesPerEntry} at most: ${verdict(isMet)}`,
    ['entries', 'MB after the start', 'MB after searches'],
    rows,
  );
}

async function search({ url }, hashes) {
  const connections = openConnections(url, 1);
  for (const hash of hashes.subarray(0, SEARCHES)) {
    const query = `{ similar(to: { perceptualHash: "${hexOf(hash)}" }) { entries { hammingDistance } } }`;
    await connections.send({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
  }
  await connections.close();
}
