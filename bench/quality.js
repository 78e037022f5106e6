// npm run bench -- quality: how well copies of a picture are found, edit by edit, and what is mistaken for them.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { measure } from './quality/measure.js';
import { itemsOf } from './quality/pictures.js';
import { describeAll } from './quality/product.js';
import { printReport } from './quality/report.js';
import { findSources } from './quality/sources.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export const description =
  'how well copies of a picture are found, edit by edit  [--corpus FOLDER] [--cache FOLDER] [--share N] [--keypoints kept]';

/**
 * @param {string[]} args --corpus: the folder that holds photos/ · --cache: what was fetched and made before ·
 *   --share: of all pairs of a photograph and an edit; of other pictures a third of it, of codes a sixth ·
 *   --keypoints: asked, as of an upload, or kept, as of a picture in the collection
 */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      corpus: { type: 'string', default: path.join(root, 'test/fixtures/corpus') },
      cache: { type: 'string', default: path.join(root, '.cache') },
      share: { type: 'string', default: '0.3' },
      keypoints: { type: 'string', default: 'asked' },
    },
  });
  sharp.concurrency(1);
  const share = Number(values.share);
  const shares = {
    photograph: share,
    product: share / 3,
    drawn: share / 3,
    text: share / 3,
    code: share / 6,
  };
  const items = await itemsOf(findSources(values), { cache: values.cache, shares });
  const looks = await describeAll(
    items.map(({ file }) => file),
    values.cache,
  );
  printReport(items, await measure(items, looks, values.keypoints));
}
