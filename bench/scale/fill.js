import { setTimeout as sleep } from 'node:timers/promises';
import { ownChildren, residentBytes, treeCpuMs } from '../harness/process-figures.js';
import { medianOf, megabytes, percentile, printTable, verdict } from '../harness/report.js';
import { hexOf } from '../harness/synthetic-hashes.js';
import { openClient } from './queries.js';

const [GOAL_SECONDS, GOAL_ROWS] = [60, 10_000_000];
/** Beyond what indexes are for, so that all hashes are read into memory first. */
const RADIUS = 10;
const DEADLINE_MS = 600_000;

/**
 * How long the first search with a wide radius waits for all hashes, and what memory they take.
 *
 * @param {import('./pair.js').Pair} pair
 * @param {{ quick: boolean }} options
 */
export async function fill(pair, { quick }) {
  const rounds = quick ? 1 : 3;
  const figures = { sqlite: [], postgres: [] };
  for (let round = 0; round < rounds; round++) {
    const gateways = await pair.startGateways();
    try {
      for (const [store, gateway] of Object.entries(gateways))
        figures[store].push(await firstSearch(gateway, pair.hashes));
    } finally {
      for (const gateway of Object.values(gateways)) await gateway.stop();
    }
  }
  const size = pair.hashes.length;
  printTable(
    `The first search at distance ${RADIUS} among ${size}, ${rounds} rounds; goal: ${GOAL_SECONDS} s at most among ${GOAL_ROWS}`,
    ['store', 'seconds', 'CPU s: gateway', 'PostgreSQL', 'memory before MB', 'after MB', 'peak MB', 'goal'],
    Object.entries(figures).map(([store, rounds]) => rowOf(store, rounds, size)),
  );
}

async function firstSearch({ url, pid }, hashes) {
  const client = openClient(url);
  try {
    // What a start does in the background is over then.
    await sleep(1000);
    const [before, ...cpuBefore] = [residentBytes(pid).now, treeCpuMs(pid), databaseCpuMs()];
    const start = performance.now();
    await askUntilAnswered(client, { perceptualHash: hexOf(hashes[0]), radius: RADIUS });
    const seconds = (performance.now() - start) / 1000;
    const cpu = [treeCpuMs(pid), databaseCpuMs()].map((ms, i) => (ms - cpuBefore[i]) / 1000);
    const { now: after, peak } = residentBytes(pid);
    return { seconds, cpu, before, after, peak };
  } finally {
    await client.close();
  }
}

/** A request may have to give up before all is read; the reading goes on where it was. */
async function askUntilAnswered(client, variables) {
  for (const until = performance.now() + DEADLINE_MS; ; ) {
    try {
      return await client.ask('similar', variables);
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(50);
    }
  }
}

function databaseCpuMs() {
  return ownChildren('postgres').reduce((ms, pid) => ms + treeCpuMs(pid), 0);
}

function rowOf(store, rounds, size) {
  const seconds = rounds.map((round) => round.seconds);
  const memory = (key) =>
    megabytes(
      percentile(
        rounds.map((round) => round[key]),
        50,
      ),
    );
  return [
    store,
    medianOf(seconds),
    medianOf(rounds.map(({ cpu }) => cpu[0])),
    store === 'postgres' ? medianOf(rounds.map(({ cpu }) => cpu[1])) : '',
    memory('before'),
    memory('after'),
    memory('peak'),
    size === GOAL_ROWS ? verdict(percentile(seconds, 50) <= GOAL_SECONDS) : '',
  ];
}
