/** Both ways side by side, and what became of memory, descriptors and latency between the first and the last minutes. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure, megabytes, percentile, printTable } from '../harness/report.js';
import { startEmbedded, startRemote } from './gateways.js';
import { Samples } from './samples.js';
import { Traffic } from './traffic.js';

const WAYS = { embedded: startEmbedded, remote: startRemote };
const SAMPLE_EVERY_MS = 2_000;
/** Of the whole time: what is not looked at, and how long the windows at the start and the end are. */
const [WARM_UP, WINDOW] = [0.25, 0.2];
/** After the last request: longer than connections to services are kept. */
const QUIET_MS = 6_000;

/** @param {{ minutes: number, rate: number, ways: readonly string[] }} options rate: requests a second to each gateway */
export async function soak({ minutes, rate, ways }) {
  const ms = minutes * 60_000;
  await Promise.all(ways.map((way) => soakOne(way, WAYS[way], ms, rate)));
}

async function soakOne(way, start, ms, rate) {
  const stack = await start();
  const { gateway, spool } = stack;
  try {
    const traffic = await Traffic.prepare(stack);
    const samples = new Samples(gateway);
    const before = await countWhenQuiet(stack, samples, traffic);
    const began = performance.now();
    const sampling = setInterval(() => samples.take(), SAMPLE_EVERY_MS);
    await traffic.run(ms, rate);
    clearInterval(sampling);
    const after = await countWhenQuiet(stack, samples, traffic);
    const windows = {
      start: [began + ms * WARM_UP, began + ms * (WARM_UP + WINDOW)],
      end: [began + ms * (1 - WINDOW), began + ms],
    };
    printMemory(way, samples, windows, traffic);
    printLatency(way, traffic, windows);
    printTable(
      `${way}: what there is when all is quiet`,
      ['', 'descriptors', 'sockets', 'files in the spool', 'files in incoming/', 'entries'],
      [
        ['before', ...before],
        ['after', ...after],
      ],
    );
  } finally {
    await stack.stop();
  }
  printTable(`${way}: left when it had stopped`, ['files in the spool'], [[String(countFiles(spool))]]);
}

async function countWhenQuiet({ spool, dataDir }, samples, traffic) {
  const entries = await traffic.countEntries();
  await traffic.disconnect();
  await sleep(QUIET_MS);
  const { all, sockets } = samples.descriptors();
  return [all, sockets, countFiles(spool), countFiles(join(dataDir, 'incoming'), '.tmp'), entries].map(
    String,
  );
}

function printMemory(way, samples, windows, { sent }) {
  const rows = Object.entries(windows).map(([name, [from, to]]) => {
    const within = samples.between(from, to);
    const of = (key) => within.map((sample) => sample[key]).filter((value) => value !== null);
    const heap = of('heap');
    return [
      name,
      megabytes(percentile(of('rss'), 50)),
      megabytes(Math.max(...of('rss'))),
      heap.length > 0 ? megabytes(percentile(heap, 50)) : 'unknown',
      figure(percentile(of('descriptors'), 50)),
      String(Math.max(...of('descriptors'))),
    ];
  });
  const slope = samples.slope('rss', windows.start[0], windows.end[1]) * 60_000;
  printTable(
    `${way}: ${sent} requests; resident memory grew by ${megabytes(slope)} MB a minute after the warm-up`,
    ['window', 'RSS median MB', 'RSS max MB', 'heap median MB', 'descriptors median', 'max'],
    rows,
  );
}

function printLatency(way, traffic, { start, end }) {
  const rows = traffic.kinds.map((kind) => {
    const [first, last] = [start, end].map(([from, to]) => traffic.timesOf(kind, from, to));
    const cells = (times) =>
      times.length === 0
        ? ['-', '-', '-']
        : [50, 95, 99].map((percent) => figure(percentile(times, percent)));
    return [kind, ...cells(first), ...cells(last), traffic.outcomesOf(kind)];
  });
  printTable(
    `${way}: latency in ms, at the start and at the end, and what came of all requests`,
    ['kind', 'p50', 'p95', 'p99', 'end p50', 'p95', 'p99', 'outcomes'],
    rows,
  );
}

function countFiles(folder, ending = '') {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.name.endsWith(ending),
    ).length;
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}
