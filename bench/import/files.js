import { makePictures } from '../harness/pictures.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { CONCURRENCY, itemsOf, withBareStore, withGatewayTarget, withStoreTarget } from './ways.js';

const WARM_UP = 20;
const RATIO_GOAL = 0.9;

const WAYS = {
  'bare store': withBareStore,
  'import, store': withStoreTarget,
  'import, gateway': withGatewayTarget,
};

/**
 * How fast new files are imported, beside storing them alone.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function files({ quick }) {
  const [rounds, count] = quick ? [1, 100] : [5, 300];
  const items = itemsOf(await makePictures(WARM_UP + count));
  const results = Object.fromEntries(Object.keys(WAYS).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, way] of Object.entries(WAYS)) results[name].push(await measure(way, items));
  const bare = results['bare store'];
  const rows = Object.entries(results).map(([name, figures]) => {
    const ratios = figures.map((perSecond, round) => perSecond / bare[round]);
    const goal = name === 'import, store' ? verdict(percentile(ratios, 50) >= RATIO_GOAL) : '';
    return [name, medianOf(figures), medianOf(ratios), goal];
  });
  printTable(
    `JPEGs of 1600x900 imported, ${count} in each of ${rounds} rounds, ${CONCURRENCY} at a time; goal: ratio of ${RATIO_GOAL} at least`,
    ['way', 'files a second', 'ratio to bare', 'goal'],
    rows,
  );
}

async function measure(way, items) {
  let perSecond = 0;
  await way(async (store) => {
    await store(items.slice(0, WARM_UP));
    const startedAt = performance.now();
    await store(items.slice(WARM_UP));
    perSecond = ((items.length - WARM_UP) * 1000) / (performance.now() - startedAt);
  });
  return perSecond;
}
