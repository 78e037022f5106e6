import { makePictures } from '../harness/pictures.js';
import { medianOf, printTable } from '../harness/report.js';
import { itemsOf, withGatewayTarget, withStoreTarget } from './ways.js';

const WAYS = { 'import, store': withStoreTarget, 'import, gateway': withGatewayTarget };

/**
 * How fast an import goes through files that are there already.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function again({ quick }) {
  const [rounds, count] = quick ? [2, 100] : [5, 500];
  const items = itemsOf(await makePictures(count));
  const rows = [];
  for (const [name, way] of Object.entries(WAYS)) {
    const figures = [];
    await way(async (store) => {
      await store(items);
      for (let round = 0; round < rounds; round++) {
        const startedAt = performance.now();
        await store(items);
        figures.push((count * 1000) / (performance.now() - startedAt));
      }
    });
    rows.push([name, medianOf(figures)]);
  }
  printTable(`The same ${count} files imported once more`, ['way', 'files a second'], rows);
}
