// npm run bench -- duplicates: how long it takes to group the entries of a store, and what an entry more costs.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDuplicatesThread } from '../dist/embedded/duplicates/duplicates-thread.js';
import { VERSIONS } from '../dist/embedded/picture/versions.js';
import { ReaderThread } from '../dist/embedded/search/reader-thread.js';
import { VisualSearchThread } from '../dist/embedded/search/visual-search-thread.js';
import { openSqliteStore } from '../dist/embedded/store/sqlite/open.js';
import { hashHex } from '../dist/services/hamming-distance.js';
import { contentHashOf, fillEntries } from './harness/entries.js';
import { figure, percentile, printTable } from './harness/report.js';
import { hexOf, random, syntheticHashes } from './harness/synthetic-hashes.js';
import { makeFolder, removeFolder } from './harness/workspace.js';
import { madeUpRows, realPictures } from './search/made-up.js';

export const description =
  'groups of duplicates: in the background, and with an entry more  [--entries N] [--images N]';

const COPIES_SHARE = 0.25;
const ROUNDS = 20;
const ADDED = 20;
/** Where thousands of entries are one picture, a question after a change takes seconds. */
const QUESTIONS = 3;
const COLLECTION = '0a0a0a0a';

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      entries: { type: 'string', default: '100000' },
      images: { type: 'string', default: '100000' },
    },
  });
  const count = Number(values.entries);
  const images = Number(values.images);
  const next = random(1);
  const scraped = withCopies(syntheticHashes(count, next), next);
  const placeholder = scraped.map((hash, at) =>
    at % 2 === 0 ? flipped(0x5a3c96e10f78d2b4n, 3, next) : hash,
  );
  const rows = [];
  for (const [name, hashes, look] of [
    ['a quarter copies', scraped, null],
    ['and half of all one placeholder', placeholder, null],
    [
      `${images}, all in a collection`,
      withCopies(syntheticHashes(images, next), next),
      madeUpRows(await realPictures()),
    ],
  ])
    rows.push([name, ...(await measure(hashes, look))]);
  printTable(
    `${count} entries; a search is one for a hash within 10 bits, and in the collection one by look as well`,
    [
      'store',
      'all compared s',
      'CPU s',
      'groups',
      'grouping, CPU ms',
      'grouping after 20 more',
      'entry more, CPU ms',
      'ratio to a search',
    ],
    rows,
  );
}

/** @param look makes that of another picture at each call; null where none is in a collection */
async function measure(hashes, look) {
  const folder = makeFolder();
  const address = { kind: 'SQLITE', path: join(folder, 'lookalike.db') };
  await fillEntries(folder, hashes);
  const { store, connection, close } = await openSqliteStore(address.path);
  if (look) await fillImages(store, connection, hashes.length, look);
  const thread = createDuplicatesThread(address, () => {});
  const reader = new ReaderThread(address);
  const visual = new VisualSearchThread(address);
  const ids = (first) => Array.from({ length: ADDED }, (_, more) => String(first + more));
  const searchLooks = (imageIds) =>
    visual.byIds(
      imageIds.map((imageId) => ({ collectionId: COLLECTION, imageId })),
      { limit: 10 },
    );
  try {
    const compared = await timed(() => thread.call({ name: 'compareAll' }));
    const groups = await timed(() => thread.call({ name: 'count', likeness: 'NEARLY_CERTAIN' }));
    const query = { hash: [0x5a3c, 0x96e1, 0x0f78, 0xd2b4], radius: 10, limit: Number.POSITIVE_INFINITY };
    await reader.scanHashes([query]);
    if (look) await settled(searchLooks);
    const searches = [];
    const additions = [];
    const questions = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = hashes.length + round * ADDED;
      for (let more = 0; more < ADDED; more++) {
        await insert(store, before + more, hashes[round * 31 + more]);
        if (look) await insertImage(store, before + more, look());
      }
      await sleep(20);
      additions.push((await timed(() => thread.call({ name: 'compareAll' }))).cpuMs / ADDED);
      const question = () => thread.call({ name: 'list', likeness: 'NEARLY_CERTAIN', limit: 20 });
      if (round < QUESTIONS) questions.push((await timed(question)).cpuMs);
      // Both take over the new rows first, without which a search would miss them.
      const queries = Array.from({ length: ADDED }, (_, more) => ({
        ...query,
        hash: chunksOf(hashes[round * 31 + more]),
      }));
      const search = async () => {
        await reader.scanHashes(queries);
        if (look) await searchLooks(ids(before));
      };
      searches.push((await timed(search)).cpuMs / ADDED);
    }
    const [addition, search] = [percentile(additions, 50), percentile(searches, 50)];
    return [
      figure(compared.ms / 1000),
      figure(compared.cpuMs / 1000),
      String(groups.result),
      figure(groups.cpuMs),
      figure(percentile(questions, 50)),
      figure(addition),
      figure(addition / search),
    ];
  } finally {
    await thread.close();
    await reader.close();
    await visual.close();
    await close();
    removeFolder(folder);
  }
}

async function timed(work) {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

/** Some of the hashes become those of copies: up to three bits from one before. */
function withCopies(hashes, next) {
  return hashes.map((hash, at) =>
    at > 0 && next() < COPIES_SHARE ? flipped(hashes[Math.floor(next() * at)], 3, next) : hash,
  );
}

function flipped(hash, bits, next) {
  let changed = hash;
  for (let nth = 0; nth < bits; nth++) if (next() < 0.5) changed ^= 1n << BigInt(Math.floor(next() * 64));
  return changed;
}

function chunksOf(hash) {
  return hexOf(hash)
    .match(/.{4}/g)
    .map((chunk) => Number.parseInt(chunk, 16));
}

async function insert({ entries, blobs }, number, hash) {
  const contentHash = contentHashOf(number);
  const place = await blobs.announce(contentHash);
  const url = `https://example.org/bench/${number}.jpg`;
  const perceptualHash = hashHex(chunksOf(hash));
  const facts = { contentType: 'image/jpeg', fileSizeBytes: 1, originalFilename: null, width: 1, height: 1 };
  await entries.insert({ contentHash, url, ...facts, perceptualHash, clientName: 'bench' }, { place });
}

/** Each entry is an image as well, whose id is its number. */
async function fillImages(store, connection, count, look) {
  const collection = { collectionId: COLLECTION, name: null, user: null };
  await store.collections.insert({ collection, publicKey: 'bench', secretKey: 'bench' }, IMAGE_TIME);
  const { descriptorVersion, keypointsVersion } = VERSIONS;
  const insertRow = connection.prepare(
    `insert into images (collection_id, image_id, content_hash, image_time, descriptor_version, descriptor)
    values ('${COLLECTION}', ?, ?, '${IMAGE_TIME}', ${descriptorVersion}, ?)`,
  );
  const insertKeypoints = connection.prepare(
    `insert into image_keypoints (seq, version, keypoints) values (?, ${keypointsVersion}, ?)`,
  );
  connection.transaction(() => {
    for (let number = 0; number < count; number++) {
      const { descriptor, keypoints } = look();
      const { lastInsertRowid } = insertRow.run(String(number), contentHashOf(number), descriptor);
      insertKeypoints.run(lastInsertRowid, keypoints);
    }
  })();
}

const IMAGE_TIME = '2026-01-01T00:00:00.000000Z';

async function insertImage({ images, blobs }, number, look) {
  const contentHash = contentHashOf(number);
  const replaces = await blobs.findPlace(contentHash);
  const place = await blobs.announce(contentHash);
  const image = { collectionId: COLLECTION, imageId: String(number), contentHash, ...look, ...VERSIONS };
  await images.put(image, false, { place, ...(replaces !== null && { replaces }) });
}

/** The index of a collection grows quick in the background, from its first search on. */
async function settled(searchLooks) {
  for (let round = 0; round < 20; round++) {
    await searchLooks(['0']);
    await sleep(100);
  }
}
