import { during, load } from '../harness/load.js';
import { cpuMs } from '../harness/process-figures.js';
import { percentile } from '../harness/report.js';

/**
 * @typedef {object} Figures
 * @property {number} perSecond
 * @property {number} p95 milliseconds
 * @property {number} cpuMs of the server, for each
 */

/**
 * One way to get pages, of which there are several, to be asked for in turn.
 *
 * @typedef {object} Way
 * @property {number} pid of the server
 * @property {number} clients
 * @property {readonly (() => Promise<unknown>)[]} pages
 */

/**
 * @param {Way} way
 * @param {number} seconds
 * @returns {Promise<Figures>}
 */
async function measure({ pid, clients, pages }, seconds) {
  const times = [];
  const before = cpuMs(pid);
  const { perSecond, count } = await load(
    clients,
    during(seconds, pages, async (get) => {
      const start = performance.now();
      await get();
      times.push(performance.now() - start);
    }),
  );
  return { perSecond, p95: percentile(times, 95), cpuMs: (cpuMs(pid) - before) / count };
}

/**
 * Measures several ways in turns, after a warm-up of each.
 *
 * @param {readonly Way[]} ways
 * @param {{ rounds: number, seconds: number, warmUpSeconds?: number }} options
 * @returns {Promise<Figures[][]>} of each way, a figure of each round
 */
export async function inTurns(ways, { rounds, seconds, warmUpSeconds = seconds }) {
  const results = ways.map(() => []);
  for (const way of ways) await measure(way, warmUpSeconds);
  for (let round = 0; round < rounds; round++)
    for (const [i, way] of ways.entries()) results[i].push(await measure(way, seconds));
  return results;
}

/**
 * The POST of a GraphQL query, for openConnections().
 *
 * @param {string} query
 * @param {object} [variables]
 */
export function graphqlRequest(query, variables) {
  return {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  };
}

/** @param {string} answer of GraphQL */
export function dataOf(answer) {
  const { data, errors } = JSON.parse(answer);
  if (errors) throw new Error(`GraphQL answered: ${JSON.stringify(errors)}`);
  return data;
}
