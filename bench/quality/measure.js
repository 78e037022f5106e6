// Looks for every edited copy among all originals and tiles, and for every original among the copies.
import { SHOWS_OTHERS } from './edits/edits.js';
import { Collection } from './product.js';
import { seedOf } from './random.js';
import { makesPart, sharedCells } from './shared-pixels.js';

/**
 * What became of one query.
 * @typedef {object} Outcome
 * @property {import('./pictures.js').Item} item that was looked for
 * @property {boolean} found its original is among the results
 * @property {number | null} rank of its original
 * @property {Wrong[]} wrong results of other sources
 *
 * @typedef {object} Wrong
 * @property {import('./pictures.js').Item} item
 * @property {number} rank
 * @property {'FAMILY' | 'PIXELS' | null} variant why it is a near-variant: it is of the same family, or shows the same thing
 *   where the search says so, as its pixels tell
 */

/**
 * @param {import('./pictures.js').Item[]} items
 * @param {import('./product.js').Looks[]} looks of each item
 * @param {'kept' | 'asked'} keypoints those of a picture that is stored, or of an upload
 */
export async function measure(items, looks, keypoints) {
  const collection = new Collection();
  items.forEach((item, key) => {
    if (item.kind !== 'copy') collection.add(key, looks[key]);
  });
  const originals = new Map(
    items.flatMap((item, key) => (item.kind === 'original' ? [[item.source, key]] : [])),
  );
  const [outcomes, oneWay, controls, times] = [[], [], [], []];
  for (const [key, item] of items.entries()) {
    if (!asks(item)) continue;
    const isCopy = item.kind === 'copy';
    // What an upload asks is not there; what is stored is, with all others.
    if (isCopy && keypoints === 'kept') collection.add(key, looks[key]);
    const started = performance.now();
    const results =
      keypoints === 'kept' ? await collection.searchById(key, looks[key]) : collection.search(looks[key]);
    times.push(performance.now() - started);
    const outcome = outcomeOf(item, results, items);
    controls.push(...(await judgeWrong(outcome, collection, { looks: looks[key], keypoints, items })));
    outcomes.push(outcome);
    if (!isCopy) continue;
    collection.add(key, looks[key]);
    const original = originals.get(item.source);
    const back = (await collection.searchById(original, looks[original])).some((match) => match.key === key);
    if (outcome.found || back) oneWay.push({ item, there: outcome.found, back });
    collection.remove(key);
  }
  return { outcomes, controls, oneWay, times };
}

/**
 * Finds out by their pixels which wrong results show the same thing.
 * @returns {Promise<number[]>} the cells that agree where other pictures are laid in the same way
 */
async function judgeWrong({ item, wrong }, collection, { looks, keypoints, items }) {
  const controls = [];
  for (const other of wrong) {
    const agreement = other.variant ? null : collection.agreement(looks, keypoints, other.key);
    if (!agreement) continue;
    if (makesPart(await sharedCells(item.file, other.item.file, agreement))) other.variant = 'PIXELS';
    controls.push(await sharedCells(item.file, strangerTo(other.item, item, items).file, agreement));
  }
  return controls;
}

/** An original of the class of a wrong result that is of no family with it or with what was asked. */
function strangerTo(wrong, asked, items) {
  const strangers = items.filter(
    (item) =>
      item.kind === 'original' &&
      item.source.class === wrong.source.class &&
      !areVariants(item, wrong) &&
      !areVariants(item, asked),
  );
  return strangers[seedOf(`${asked.file} ${wrong.file}`) % strangers.length];
}

/** Of one family, or one source. */
function areVariants(a, b) {
  return a.source.class === b.source.class && a.source.family === b.source.family;
}

function asks({ kind, source }) {
  return kind === 'copy' || (kind === 'original' && source.asks);
}

function outcomeOf(item, results, items) {
  const shown = SHOWS_OTHERS.has(item.edit) ? item.others : [];
  const own = results.find(({ key }) => items[key].kind === 'original' && items[key].source === item.source);
  const wrong = results
    .map(({ key, rank }) => ({
      key,
      item: items[key],
      rank,
      variant: areVariants(item, items[key]) ? 'FAMILY' : null,
    }))
    .filter((other) => other.item.source !== item.source && !shown.includes(other.item.source));
  return { item, found: own !== undefined, rank: own?.rank ?? null, wrong };
}
