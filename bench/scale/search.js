import { contentHashOf, createdAtOf } from '../harness/entries.js';
import { ownChildren, treeCpuMs } from '../harness/process-figures.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { hexOf, random } from '../harness/synthetic-hashes.js';
import { openClient } from './queries.js';
import { queriesNear } from './rows.js';

const [GOAL_MS, GOAL_ROWS] = [10, 10_000_000];
const WARM_UP = 20;
const SIMILAR_4 = 'similar (4)';

/** What is asked for, by name: the kind of query, and the variables of many. */
const KINDS = {
  entry: (hashes, count, seed) => {
    const contentHashes = numbers(hashes, count, seed).map(contentHashOf);
    return { kind: 'entry', variables: contentHashes.map((contentHash) => ({ contentHash })) };
  },
  'page of 50': (hashes, count, seed) => {
    const times = numbers(hashes, count, seed).map((number) =>
      new Date(createdAtOf(number + 1)).toISOString(),
    );
    return { kind: 'page', variables: times.map((before) => ({ before })) };
  },
  [SIMILAR_4]: (hashes, count, seed) => similarWithin(4, queriesNear(hashes, count, seed)),
  'similar (10)': (hashes, count, seed) => similarWithin(10, queriesNear(hashes, count, seed)),
};

function numbers(hashes, count, seed) {
  const next = random(seed);
  return Array.from({ length: count }, () => Math.floor(next() * hashes.length));
}

function similarWithin(radius, hashes) {
  return { kind: 'similar', variables: hashes.map((hash) => ({ perceptualHash: hexOf(hash), radius })) };
}

/**
 * How long reads through a gateway take on either store, in turns query by query, and whether they find the same.
 *
 * @param {import('./pair.js').Pair} pair
 * @param {{ quick: boolean }} options
 */
export async function search(pair, { quick }) {
  const [rounds, count] = quick ? [1, 40] : [5, 300];
  const gateways = await pair.startGateways();
  const clients = Object.entries(gateways).map(([store, { url, pid }]) => ({
    store,
    pid,
    ...openClient(url),
  }));
  const rows = [];
  try {
    for (const [name, make] of Object.entries(KINDS)) {
      await askAll(clients, make(pair.hashes, WARM_UP, 100));
      const results = [];
      for (let round = 0; round < rounds; round++)
        results.push(await askAll(clients, make(pair.hashes, count, 200 + round)));
      rows.push(
        ...clients.map(({ store }, i) =>
          rowOf(
            name,
            store,
            results.map((round) => round[i]),
            pair,
          ),
        ),
      );
    }
  } finally {
    for (const client of clients) await client.close();
    for (const gateway of Object.values(gateways)) await gateway.stop();
  }
  printTable(
    `Reads through a gateway among ${pair.hashes.length}, ${count} in each of ${rounds} rounds, one at a time; all responses were the same on both; goal: p95 of ${SIMILAR_4} ${GOAL_MS} ms at most among ${GOAL_ROWS}`,
    ['query', 'store', 'p50 ms', 'p95 ms', 'max ms', 'CPU ms: gateway', 'PostgreSQL', 'goal'],
    rows,
  );
}

/** @returns the figures of each client */
async function askAll(clients, { kind, variables }) {
  const times = clients.map(() => []);
  const before = [...clients.map(({ pid }) => treeCpuMs(pid)), databaseCpuMs()];
  for (const [turn, each] of variables.entries()) {
    const responses = [];
    // Whoever is second finds the processor's caches as the first one left them.
    for (const i of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      const start = performance.now();
      responses[i] = await clients[i].ask(kind, each);
      times[i].push(performance.now() - start);
    }
    if (!responses[0].includes('"contentHash"'))
      throw new Error(`${kind} ${JSON.stringify(each)} found nothing.`);
    if (responses[0] !== responses[1])
      throw new Error(`${kind} ${JSON.stringify(each)} differs:\n${responses.join('\n')}`);
  }
  const after = [...clients.map(({ pid }) => treeCpuMs(pid)), databaseCpuMs()];
  const cpu = after.map((ms, i) => (ms - before[i]) / variables.length);
  return clients.map((_, i) => ({ times: times[i], cpu: cpu[i], databaseCpu: cpu.at(-1) }));
}

function databaseCpuMs() {
  return ownChildren('postgres').reduce((ms, pid) => ms + treeCpuMs(pid), 0);
}

function rowOf(name, store, rounds, { hashes }) {
  const percentiles = (percent) => rounds.map(({ times }) => percentile(times, percent));
  const hasGoal = name === SIMILAR_4 && hashes.length === GOAL_ROWS;
  return [
    name,
    store,
    medianOf(percentiles(50)),
    medianOf(percentiles(95)),
    medianOf(percentiles(100)),
    medianOf(rounds.map(({ cpu }) => cpu)),
    store === 'postgres' ? medianOf(rounds.map(({ databaseCpu }) => databaseCpu)) : '',
    hasGoal ? verdict(percentile(percentiles(95), 50) <= GOAL_MS) : '',
  ];
}
