import { encodeCursor } from '../../dist/graphql/schema/cursor.js';
import { contentHashOf, createdAtOf, FILE_SIZE_BYTES, fillEntries } from '../harness/entries.js';
import { openConnections } from '../harness/load.js';
import { medianOf, printTable } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { random, syntheticHashes } from '../harness/synthetic-hashes.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { dataOf, graphqlRequest, inTurns } from './measure.js';

const CLIENTS = 4;
const PAGE_SIZE = 50;
const NODES = 'nodes { contentHash url width height createdAt }';

/**
 * Those beside which the first is measured: the newest entries, without anything else.
 *
 * @param {number} count of the entries
 * @returns {Record<string, string>} queries by name
 */
function queriesOf(count) {
  const middle = Math.floor(count / 2);
  const createdAt = new Date(createdAtOf(middle)).toISOString().replace('Z', '000Z');
  const cursor = encodeCursor(createdAt, contentHashOf(middle));
  // All are of one size.
  const largest = encodeCursor('LARGEST_FIRST', FILE_SIZE_BYTES, '8'.padEnd(64, '0'));
  const page = (args, selection = NODES) => `{ entries(${args}) { ${selection} } }`;
  return {
    'the newest': page(`first: ${PAGE_SIZE}`),
    'the newest, and totalCount': page(`first: ${PAGE_SIZE}`, `totalCount ${NODES}`),
    'totalCount of a client that has all': page('first: 1, filter: { clientNames: ["bench"] }', 'totalCount'),
    'totalCount of a host that none has': page(
      'first: 1, filter: { urlHost: "nowhere.example" }',
      'totalCount',
    ),
    'last: the oldest': page(`last: ${PAGE_SIZE}`),
    'first and after, in the middle': page(`first: ${PAGE_SIZE}, after: "${cursor}"`),
    'last and before, in the middle': page(`last: ${PAGE_SIZE}, before: "${cursor}"`),
    'the largest, in the middle of a tie': page(
      `first: ${PAGE_SIZE}, after: "${largest}", orderBy: LARGEST_FIRST`,
    ),
    'of a host that none has': page(`first: ${PAGE_SIZE}, filter: { urlHost: "nowhere.example" }`),
  };
}

/**
 * Pages at the ends and in the middle of very many entries, and their number, beside the newest ones.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function lists({ quick, nodeArgs }) {
  const count = quick ? 100_000 : 1_000_000;
  const timing = quick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 3 };
  const dataDir = makeFolder();
  await fillEntries(dataDir, syntheticHashes(count, random(7)));
  const gateway = await startGateway({ dataDir, nodeArgs });
  const connections = openConnections(gateway.url, CLIENTS);
  try {
    const queries = queriesOf(count);
    const measured = Object.values(queries).map((query) => ({
      pid: gateway.pid,
      clients: CLIENTS,
      pages: [async () => dataOf(await connections.send(graphqlRequest(query)))],
    }));
    const figures = await inTurns(measured, timing);
    printTable(
      `Lists of ${count.toLocaleString('en')} entries, ${CLIENTS} clients, ${timing.rounds} rounds of ${timing.seconds} s`,
      ['list', 'per second', 'p95 ms', 'CPU ms', 'speed to the newest'],
      Object.keys(queries).map((name, i) => [name, ...rowOf(figures[i], figures[0])]),
    );
  } finally {
    await connections.close();
    await gateway.stop();
    removeFolder(dataDir);
  }
}

function rowOf(figures, base) {
  return [
    ...['perSecond', 'p95', 'cpuMs'].map((key) => medianOf(figures.map((each) => each[key]))),
    medianOf(figures.map((each, round) => each.perSecond / base[round].perSecond)),
  ];
}
