// The index in memory by itself: scanned, looked up, and together with keypoints.
import { KeypointIndex } from '../../dist/embedded/keypoints/keypoint-index.js';
import { decodeKeypoints } from '../../dist/embedded/keypoints/keypoints.js';
import { decodeDescriptor } from '../../dist/embedded/picture/descriptor.js';
import { findLikenesses } from '../../dist/embedded/search/query-plan.js';
import { VisualIndex } from '../../dist/embedded/search/visual-index.js';
import { percentile } from '../harness/report.js';
import { madeUpRows } from './made-up.js';

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
  'with keypoints p50 ms',
  'with keypoints p95 ms',
  'bytes a picture, hashes',
  'with keypoints',
];

export function measureIndex(size, pictures) {
  const next = madeUpRows(pictures);
  const index = new VisualIndex();
  const keypoints = new KeypointIndex();
  const fill = seconds(() => {
    for (let key = 0; key < size; key++) {
      const row = next();
      index.add(key, decodeDescriptor(row.descriptor));
      keypoints.add(key, decodeKeypoints(row.keypoints));
    }
  });
  // As a search by id does: what is stored is decoded and looked for.
  const byHashes = ({ descriptor }) => index.search(decodeDescriptor(descriptor));
  const indexes = { search: (query, asked) => index.search(query, asked), keypoints };
  const byBoth = ({ descriptor, keypoints: places }) =>
    findLikenesses({ descriptor: decodeDescriptor(descriptor), keypoints: decodeKeypoints(places) }, indexes);
  const scan = searches(byHashes, pictures);
  let longest = 0;
  const settle = seconds(() => {
    for (let more = true; more; ) {
      const part = seconds(() => {
        more = index.settle();
      });
      longest = Math.max(longest, part);
    }
  });
  searches(byHashes, pictures);
  const lookUp = searches(byHashes, pictures);
  searches(byBoth, pictures);
  const both = searches(byBoth, pictures);
  const bytes = [index.bytes / size, (index.bytes + keypoints.bytes) / size];
  index.dispose();
  const [scanP50, scanP95] = [50, 95].map((percent) => percentile(scan, percent));
  const [lookUpP50, lookUpP95] = [50, 95].map((percent) => percentile(lookUp, percent));
  const [bothP50, bothP95] = [50, 95].map((percent) => percentile(both, percent));
  return [
    String(size),
    fill.toFixed(0),
    ...[scanP50, scanP95].map((ms) => ms.toFixed(1)),
    settle.toFixed(1),
    (longest * 1000).toFixed(0),
    ...[lookUpP50, lookUpP95].map((ms) => ms.toFixed(1)),
    (scanP50 / lookUpP50).toFixed(1),
    ...[bothP50, bothP95].map((ms) => ms.toFixed(1)),
    ...bytes.map((count) => count.toFixed(0)),
  ];
}

function searches(search, pictures) {
  const step = Math.floor(pictures.length / SEARCHES);
  return Array.from({ length: SEARCHES }, (_, at) => {
    const start = performance.now();
    search(pictures[at * step]);
    return performance.now() - start;
  });
}

function seconds(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
