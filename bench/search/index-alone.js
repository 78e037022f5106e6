// The index in memory by itself: scanned, looked up, and together with keypoints.
import { KeypointIndex } from '../../dist/embedded/keypoints/keypoint-index.js';
import { decodeKeypoints } from '../../dist/embedded/keypoints/keypoints.js';
import { decodeDescriptor } from '../../dist/embedded/picture/descriptor.js';
import { findMutualLikenesses } from '../../dist/embedded/search/query-plan.js';
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
  'with keypoints CPU ms',
  'bytes a picture, hashes',
  'with keypoints',
];

/** The real pictures are the first ones. */
export async function measureIndex(size, pictures) {
  const next = madeUpRows(pictures);
  const index = new VisualIndex();
  const keypoints = new KeypointIndex();
  const fill = seconds(() => {
    for (let key = 0; key < size; key++) {
      const row = pictures[key] ?? next();
      index.add(key, decodeDescriptor(row.descriptor));
      keypoints.add(key, decodeKeypoints(row.keypoints));
    }
  });
  // As a search by id does: what is stored is decoded and looked for.
  const byHashes = ({ descriptor }) => index.search(decodeDescriptor(descriptor));
  const indexes = {
    search: (query, asked) => index.search(query, asked),
    discountOf: (key) => index.discountOf(key),
    keypoints,
  };
  const kept = new Map(pictures.map((picture, key) => [key, decodeKeypoints(picture.keypoints)]));
  const byBoth = ({ descriptor, keypoints: places }, key) => {
    const query = { descriptor: decodeDescriptor(descriptor), keypoints: decodeKeypoints(places) };
    return findMutualLikenesses(key, query, indexes, async () => kept);
  };
  const { times: scan } = await searches(byHashes, pictures);
  let longest = 0;
  const settle = seconds(() => {
    for (let more = true; more; ) {
      const part = seconds(() => {
        more = index.settle();
      });
      longest = Math.max(longest, part);
    }
  });
  await searches(byHashes, pictures);
  const { times: lookUp } = await searches(byHashes, pictures);
  await searches(byBoth, pictures);
  const { times: both, cpu } = await searches(byBoth, pictures);
  const bytes = [index.bytes / size, (index.bytes + keypoints.bytes) / size];
  index.dispose();
  keypoints.dispose();
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
    ...[bothP50, bothP95, cpu].map((ms) => ms.toFixed(1)),
    ...bytes.map((count) => count.toFixed(0)),
  ];
}

async function searches(search, pictures) {
  const step = Math.floor(pictures.length / SEARCHES);
  const times = [];
  const started = process.cpuUsage();
  for (let at = 0; at < SEARCHES * step; at += step) {
    const start = performance.now();
    await search(pictures[at], at);
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(started);
  return { times, cpu: (user + system) / 1000 / SEARCHES };
}

function seconds(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
