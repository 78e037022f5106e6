// npm run bench -- search: how long a visual search takes and how much memory it needs, as a collection grows.
import { parseArgs } from 'node:util';
import { HASH_BYTES } from '../dist/embedded/picture/dct-hash.js';
import { decodeDescriptor, describe, encodeDescriptor } from '../dist/embedded/picture/descriptor.js';
import { RASTER_SIZE } from '../dist/embedded/picture/raster.js';
import { INDEXED_VIEWS, VIEWS } from '../dist/embedded/picture/views.js';
import { VisualIndex } from '../dist/embedded/search/visual-index.js';
import { probesOf } from '../dist/embedded/search/visual-rule.js';
import { mulberry32 } from './quality/random.js';

const SEARCHES = 60;

export const description = 'latency and memory of the visual search, as a collection grows';

/** @param {string[]} args --sizes: pictures in the collection, such as 1000,100000,1000000 */
export function run(args) {
  const { values } = parseArgs({
    args,
    options: { sizes: { type: 'string', default: '1000,100000,1000000' } },
  });
  const random = mulberry32(1);
  const queries = Array.from({ length: 20 }, () => encodeDescriptor(describe(shapes(random))));
  const print = (line) => process.stdout.write(`${line}\n`);
  print(
    `describe: ${timed(20, () => describe(shapes(random))).toFixed(1)} ms, of that ${timed(20, () => shapes(random)).toFixed(1)} ms making the raster`,
  );
  print(`probes of a query: ${probesOf(decodeDescriptor(queries[0])).length}\n`);
  print(
    '| pictures | fill ms | memory MB | bytes a picture | p50 ms | p95 ms | bare scan ms | p50 / bare scan |',
  );
  print('|---|---|---|---|---|---|---|---|');
  for (const size of values.sizes.split(',').map(Number)) print(measure(size, queries, random));
}

function measure(size, queries, random) {
  globalThis.gc?.();
  const before = memory();
  const started = performance.now();
  const index = new VisualIndex();
  for (let key = 0; key < size; key++) index.add(key, randomDescriptor(random));
  const filled = performance.now() - started;
  globalThis.gc?.();
  const bytes = memory() - before;
  const times = [];
  for (let search = 0; search < SEARCHES; search++) {
    // As a search by id does: the stored bytes are decoded and looked for.
    const start = performance.now();
    index.search(decodeDescriptor(queries[search % queries.length]));
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const [p50, p95] = [times[Math.floor(times.length * 0.5)], times[Math.floor(times.length * 0.95)]];
  const bare = bareScan(size, random);
  const cells = [size, filled.toFixed(0), (bytes / 1e6).toFixed(0), (bytes / size).toFixed(0)];
  return `| ${[...cells, p50.toFixed(2), p95.toFixed(2), bare.toFixed(2), (p50 / bare).toFixed(1)].join(' | ')} |`;
}

/** One pass over the same bits: the distances of one hash to all indexed hashes, in plain JavaScript words. */
function bareScan(size, random) {
  const words = Uint32Array.from({ length: 8192 }, () => random() * 2 ** 32);
  const hashes = new Uint32Array((size * INDEXED_VIEWS * HASH_BYTES) / 4);
  for (let at = 0; at < hashes.length; at += words.length) {
    hashes.set(words.subarray(0, Math.min(words.length, hashes.length - at)), at);
  }
  let near = 0;
  const elapsed = timed(5, () => {
    for (let at = 0; at < hashes.length; at += 8) {
      let distance = 0;
      for (let word = 0; word < 8; word++) {
        let bits = hashes[at + word] ^ words[word];
        bits -= (bits >>> 1) & 0x55555555;
        bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
        distance += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
      }
      if (distance < 64) near++;
    }
  });
  if (near < 0) throw new Error('A scan cannot find less than nothing.');
  return elapsed;
}

/** The median of some runs, in milliseconds. */
function timed(runs, work) {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)];
}

/** WebAssembly's memory is in no other number. */
function memory() {
  return process.memoryUsage.rss();
}

function randomDescriptor(random) {
  const views = Array.from({ length: INDEXED_VIEWS }, () => ({
    hash: Uint8Array.from({ length: HASH_BYTES }, () => random() * 256),
    discount: 0,
  }));
  return {
    views: [...views, ...VIEWS.slice(INDEXED_VIEWS).map(() => views[0])],
    whole: null,
    plain: false,
    tones: new Uint8Array(0),
  };
}

/** A raster full of rectangles. */
function shapes(random) {
  const luma = new Uint8Array(RASTER_SIZE * RASTER_SIZE).fill(120);
  for (let shape = 0; shape < 60; shape++) {
    const [left, top] = [Math.floor(random() * RASTER_SIZE), Math.floor(random() * RASTER_SIZE)];
    const [right, bottom] = [left + 10 + random() * 70, top + 10 + random() * 70];
    const tone = random() * 255;
    for (let y = top; y < Math.min(bottom, RASTER_SIZE); y++) {
      luma.fill(tone, y * RASTER_SIZE + left, y * RASTER_SIZE + Math.min(right, RASTER_SIZE));
    }
  }
  return { luma, aspect: 1.5, chroma: [128, 128] };
}
