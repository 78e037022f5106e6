// Looks for every edited copy among all originals and tiles, and counts what is found.
import { WHOLE_FRAME } from '../../dist/embedded/picture/border.js';
import { describe } from '../../dist/embedded/picture/descriptor.js';
import { USELESS } from '../../dist/embedded/picture/informative.js';
import { Sampler } from '../../dist/embedded/picture/sampling.js';
import { VisualIndex } from '../../dist/embedded/search/visual-index.js';

/**
 * What became of one query.
 * @typedef {{ picture: object, attack: string, first: boolean, found: boolean, wrong: object[] }} Outcome
 * first: the original is nearer than every other picture, whatever the thresholds say; found: it is among the results;
 * wrong: the pictures that false results belong to.
 */

/** The nearest are looked for with thresholds that are this much wider. */
const WIDER = 40;

/** Everything that can be found: originals, and the tiles that stand for other pictures. */
function itemsOf(pictures) {
  return pictures.flatMap((picture) => [
    { picture, raster: picture.original, original: true },
    ...picture.tiles.map((raster) => ({ picture, raster, original: false })),
  ]);
}

function* queriesOf(pictures) {
  for (const picture of pictures) {
    yield { picture, attack: 'none', raster: picture.original };
    for (const [attack, raster] of picture.copies) yield { picture, attack, raster };
  }
}

export function measureDescriptor(pictures) {
  const items = itemsOf(pictures);
  const index = new VisualIndex();
  items.forEach(({ raster }, key) => {
    index.add(key, describe(raster));
  });
  const outcomes = [];
  for (const { picture, attack, raster } of queriesOf(pictures)) {
    const query = describe(raster);
    const results = index.search(query);
    const found = results.some(({ key }) => items[key].original && items[key].picture === picture);
    // Ranks are in the same order however wide the thresholds are.
    const nearest = (found ? results : index.search(widened(query))).find(
      ({ key }) => items[key].original || items[key].picture !== picture,
    );
    outcomes.push({
      picture,
      attack,
      first: nearest !== undefined && items[nearest.key].picture === picture,
      found,
      wrong: results.map(({ key }) => items[key].picture).filter((other) => other !== picture),
    });
  }
  return { name: 'descriptor', outcomes };
}

function widened(descriptor) {
  const widen = (view) =>
    view && view.discount !== USELESS ? { ...view, discount: view.discount - WIDER } : view;
  return { ...descriptor, views: descriptor.views.map(widen), whole: descriptor.whole?.map(widen) ?? null };
}

/** The usual difference hash over 9×8 tones, at its usual distances. */
export function measureDHash(pictures) {
  const items = itemsOf(pictures);
  const hashes = Uint32Array.from(items.flatMap(({ raster }) => dHash(raster)));
  const thresholds = [4, 10];
  const measured = thresholds.map((threshold) => ({ name: `dHash ≤ ${threshold}`, outcomes: [] }));
  for (const { picture, attack, raster } of queriesOf(pictures)) {
    const [high, low] = dHash(raster);
    let own = Number.POSITIVE_INFINITY;
    let nearest = Number.POSITIVE_INFINITY;
    const near = [];
    items.forEach((item, at) => {
      const rank = ones(high ^ hashes[2 * at]) + ones(low ^ hashes[2 * at + 1]);
      if (item.picture !== picture) {
        nearest = Math.min(nearest, rank);
        if (rank <= Math.max(...thresholds)) near.push({ other: item.picture, rank });
      } else if (item.original) own = rank;
    });
    thresholds.forEach((threshold, at) => {
      measured[at].outcomes.push({
        picture,
        attack,
        first: own < nearest,
        found: own <= threshold,
        wrong: near.filter(({ rank }) => rank <= threshold).map(({ other }) => other),
      });
    });
  }
  return measured;
}

function dHash({ luma }) {
  const grid = new Sampler(luma).upright(WHOLE_FRAME);
  let hash = 0n;
  const tone = (column, row) => {
    let sum = 0;
    for (let y = row * 8; y < row * 8 + 8; y++) {
      for (let x = column * 7; x < column * 7 + 7; x++) sum += grid[y * 64 + x];
    }
    return sum;
  };
  for (let row = 0; row < 8; row++) {
    for (let column = 0; column < 8; column++) {
      hash = (hash << 1n) | (tone(column + 1, row) > tone(column, row) ? 1n : 0n);
    }
  }
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
}

function ones(bits) {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
