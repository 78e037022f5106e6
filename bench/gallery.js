// npm run bench -- gallery: how soon a person sees pictures, and what the page holds when all were scrolled through.
import { parseArgs } from 'node:util';
import { hasChromium, launchChromium } from './gallery/chromium.js';
import { scrollToEnd } from './gallery/scroll.js';
import { makeQuestion, makeStore } from './gallery/store.js';
import { dropPicture, firstPaint } from './gallery/visits.js';
import { openConnections } from './harness/load.js';
import { figure, medianOf, megabytes, percentile, print, printTable, verdict } from './harness/report.js';
import { startGateway } from './harness/server.js';
import { uploadRequest, wireEnvelope } from './harness/uploads.js';
import { removeFolder } from './harness/workspace.js';

export const description =
  'the gallery in Chromium: first paint, memory, a dropped picture  [--entries N,N] [--quick]';

const GOAL_PAINT_MS = 1000;
const GOAL_DROP_MS = 1000;
const GOAL_MEMORY_BYTES = 150e6;

/** @param {string[]} args */
export async function run(args) {
  if (!hasChromium) return print('Skipped: no Chromium here; apt-get install chromium, or set CHROMIUM.');
  const options = {
    entries: { type: 'string', default: '10000,100000' },
    quick: { type: 'boolean', default: false },
  };
  const { values } = parseArgs({ args, options });
  const counts = values.entries.split(',').map(Number);
  const [rounds, scrolls] = values.quick ? [3, 1] : [9, 3];
  const question = await makeQuestion();
  const stores = [];
  try {
    for (const count of counts) stores.push(await openStore(count, question));
    const figures = await visit(stores, question, rounds);
    printTable(
      `The gallery in Chromium on loopback, ${rounds} rounds in turns`,
      [
        'entries',
        'first visit: 50 pictures, ms',
        'later visits, ms',
        'goal',
        'look-alikes of a drop, ms',
        'goal',
      ],
      stores.map(({ count }, at) => visitRow(count, figures[at])),
    );
    const scrolled = await scroll(stores, scrolls);
    printTable(
      `Scrolled to the end, ${scrolls} rounds in turns; memory of the process of the page, in MB`,
      ['entries', 'seconds', 'before', 'after', 'grown by', 'of it scripts', 'goal'],
      stores.map(({ count }, at) => scrollRow(count, scrolled[at])),
    );
  } finally {
    for (const { gateway, dataDir } of stores) {
      await gateway.stop();
      removeFolder(dataDir);
    }
  }
}

/** A gateway on a store of so many entries, and one that the question finds. */
async function openStore(count, question) {
  const dataDir = await makeStore(count);
  const gateway = await startGateway({ dataDir });
  const connections = openConnections(gateway.url, 1);
  await connections.send(uploadRequest(wireEnvelope(count), question.bytes));
  await connections.close();
  return { count, dataDir, gateway };
}

async function visit(stores, question, rounds) {
  const figures = stores.map(() => ({ first: 0, paints: [], drops: [] }));
  const browser = await launchChromium();
  try {
    // Thumbnails are made when they are first asked for, and kept.
    for (const [at, { gateway }] of stores.entries())
      figures[at].first = await firstPaint(browser, gateway.url);
    for (let round = 0; round < rounds; round++)
      for (const [at, { gateway }] of stores.entries()) {
        figures[at].paints.push(await firstPaint(browser, gateway.url));
        figures[at].drops.push(await dropPicture(browser, gateway.url, question.path));
      }
  } finally {
    await browser.close();
  }
  return figures;
}

function visitRow(count, { first, paints, drops }) {
  return [
    String(count),
    figure(first),
    medianOf(paints),
    verdict(percentile(paints, 50) <= GOAL_PAINT_MS),
    medianOf(drops),
    verdict(percentile(drops, 50) <= GOAL_DROP_MS),
  ];
}

async function scroll(stores, rounds) {
  const figures = stores.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, { gateway, count }] of stores.entries())
      figures[at].push(await scrollToEnd(gateway.url, count));
  return figures;
}

function scrollRow(count, rounds) {
  const median = (of) => percentile(rounds.map(of), 50);
  const grown = median(({ before, after }) => after - before);
  return [
    String(count),
    medianOf(rounds.map(({ seconds }) => seconds)),
    megabytes(median(({ before }) => before)),
    megabytes(median(({ after }) => after)),
    megabytes(grown),
    megabytes(median(({ scripts }) => scripts)),
    verdict(grown < GOAL_MEMORY_BYTES),
  ];
}
