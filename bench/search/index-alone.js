// The index in memory by itself: scanned, and looked up.
import { decodeDescriptor } from '../../dist/embedded/picture/descriptor.js';
import { VisualIndex } from '../../dist/embedded/search/visual-index.js';
import { percentile } from '../harness/report.js';
import { madeUpDescriptors } from './made-up.js';

const SEARCHES = 40;

export const INDEX_COLUMNS = [
  'pictures',
  'fill s',
  'scan p50 ms',
  'scan p95 ms',
  'settle s',
  'longest part ms',
  'look-up p50 ms',
  'look-up p95 ms',
  'scan / look-up',
  'bytes a picture',
];

export function measureIndex(size, pictures) {
  const next = madeUpDescriptors(pictures);
  const index = new VisualIndex();
  const fill = seconds(() => {
    for (let key = 0; key < size; key++) index.add(key, decodeDescriptor(next()));
  });
  const scan = searches(index, pictures);
  let longest = 0;
  const settle = seconds(() => {
    for (let more = true; more; ) {
      const part = seconds(() => {
        more = index.settle();
      });
      longest = Math.max(longest, part);
    }
  });
  searches(index, pictures);
  const lookUp = searches(index, pictures);
  const bytes = index.bytes / size;
  index.dispose();
  const [scanP50, scanP95] = [50, 95].map((percent) => percentile(scan, percent));
  const [lookUpP50, lookUpP95] = [50, 95].map((percent) => percentile(lookUp, percent));
  return [
    String(size),
    fill.toFixed(0),
    ...[scanP50, scanP95].map((ms) => ms.toFixed(1)),
    settle.toFixed(1),
    (longest * 1000).toFixed(0),
    ...[lookUpP50, lookUpP95].map((ms) => ms.toFixed(1)),
    (scanP50 / lookUpP50).toFixed(1),
    bytes.toFixed(0),
  ];
}

function searches(index, pictures) {
  const step = Math.floor(pictures.length / SEARCHES);
  return Array.from({ length: SEARCHES }, (_, at) => {
    const start = performance.now();
    // As a search by id does: the stored bytes are decoded and looked for.
    index.search(decodeDescriptor(pictures[at * step].descriptor));
    return performance.now() - start;
  });
}

function seconds(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
