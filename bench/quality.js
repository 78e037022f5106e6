// npm run bench -- quality: how well copies of a picture are found, attack by attack, on pictures held out of the fit.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { measureDescriptor, measureDHash } from './quality/measure.js';
import { rastersOf } from './quality/rasters.js';
import { printReport } from './quality/report.js';
import { findSources } from './quality/sources.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export const description = 'how well copies of a picture are found, attack by attack, beside dHash';

/** @param {string[]} args --corpus: the folder that holds photos/ · --cache: what was fetched and made before */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      corpus: { type: 'string', default: path.join(root, 'test/fixtures/corpus') },
      cache: { type: 'string', default: path.join(root, '.cache') },
    },
  });
  sharp.concurrency(1);
  const pictures = [];
  for (const source of findSources(values)) {
    pictures.push({ ...source, ...(await rastersOf(source.file, values.cache)) });
  }
  printReport(pictures, [measureDescriptor(pictures), ...measureDHash(pictures)]);
}
