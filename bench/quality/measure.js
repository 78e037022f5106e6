// Looks for every edited copy among all originals and tiles, and for every original among the copies.
import { SHOWS_OTHERS } from './edits/edits.js';
import { Collection } from './product.js';

/**
 * What became of one query.
 * @typedef {object} Outcome
 * @property {import('./pictures.js').Item} item that was looked for
 * @property {boolean} found its original is among the results
 * @property {number | null} rank of its original
 * @property {{ item: import('./pictures.js').Item, rank: number }[]} wrong results of other sources
 */

/**
 * @param {import('./pictures.js').Item[]} items
 * @param {import('./product.js').Looks[]} looks of each item
 * @param {'kept' | 'asked'} keypoints those that are asked with
 */
export function measure(items, looks, keypoints) {
  const collection = new Collection();
  items.forEach((item, key) => {
    if (item.kind !== 'copy') collection.add(key, looks[key]);
  });
  const outcomes = [];
  const times = [];
  items.forEach((item, at) => {
    if (!asks(item)) return;
    const started = performance.now();
    const results = collection.search(looks[at], keypoints);
    times.push(performance.now() - started);
    outcomes.push(outcomeOf(item, results, items));
  });
  return { outcomes, oneWay: measureOneWay(items, looks, outcomes), times };
}

function asks({ kind, source }) {
  return kind === 'copy' || (kind === 'original' && source.asks);
}

function outcomeOf(item, results, items) {
  const shown = SHOWS_OTHERS.has(item.edit) ? item.others : [];
  const own = results.find(({ key }) => items[key].kind === 'original' && items[key].source === item.source);
  const wrong = results
    .map(({ key, rank }) => ({ item: items[key], rank }))
    .filter((other) => other.item.source !== item.source && !shown.includes(other.item.source));
  return { item, found: own !== undefined, rank: own?.rank ?? null, wrong };
}

/** Pairs of an original and a copy where the one finds the other and is not found by it. */
function measureOneWay(items, looks, outcomes) {
  const copies = new Collection();
  items.forEach((item, key) => {
    if (item.kind === 'copy') copies.add(key, looks[key]);
  });
  const back = new Set();
  items.forEach((item, at) => {
    if (item.kind !== 'original' || !item.source.asks) return;
    for (const { key } of copies.search(looks[at], 'kept'))
      if (items[key].source === item.source) back.add(items[key]);
  });
  return outcomes
    .filter(({ item }) => item.kind === 'copy')
    .map(({ item, found }) => ({ item, there: found, back: back.has(item) }))
    .filter(({ there, back }) => there || back);
}
