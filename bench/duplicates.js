// npm run bench -- duplicates: how long it takes to group the entries of a store, and what an entry more costs.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDuplicatesThread } from '../dist/embedded/duplicates/duplicates-thread.js';
import { ReaderThread } from '../dist/embedded/search/reader-thread.js';
import { openSqliteStore } from '../dist/embedded/store/sqlite/open.js';
import { hashHex } from '../dist/services/hamming-distance.js';
import { contentHashOf, fillEntries } from './harness/entries.js';
import { figure, percentile, printTable } from './harness/report.js';
import { hexOf, random, syntheticHashes } from './harness/synthetic-hashes.js';
import { makeFolder, removeFolder } from './harness/workspace.js';

export const description = 'groups of duplicates: in the background, and with an entry more  [--entries N]';

const COPIES_SHARE = 0.25;
const ROUNDS = 20;
const ADDED = 20;

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({ args, options: { entries: { type: 'string', default: '100000' } } });
  const count = Number(values.entries);
  const next = random(1);
  const scraped = withCopies(syntheticHashes(count, next), next);
  const placeholder = scraped.map((hash, at) =>
    at % 2 === 0 ? flipped(0x5a3c96e10f78d2b4n, 3, next) : hash,
  );
  const rows = [];
  for (const [name, hashes] of [
    ['a quarter copies', scraped],
    ['and half of all one placeholder', placeholder],
  ])
    rows.push([name, ...(await measure(hashes))]);
  printTable(
    `${count} entries; of a search for one hash within 10 bits, the ratio`,
    ['store', 'all compared s', 'CPU s', 'groups', 'grouping ms', 'entry more, CPU ms', 'ratio to a search'],
    rows,
  );
}

async function measure(hashes) {
  const folder = makeFolder();
  const address = { kind: 'SQLITE', path: join(folder, 'lookalike.db') };
  await fillEntries(folder, hashes);
  const { store, close } = await openSqliteStore(address.path);
  const thread = createDuplicatesThread(address, () => {});
  const reader = new ReaderThread(address);
  try {
    const compared = await timed(() => thread.call({ name: 'compareAll' }));
    const groups = await timed(() => thread.call({ name: 'count', likeness: 'NEARLY_CERTAIN' }));
    const query = { hash: [0x5a3c, 0x96e1, 0x0f78, 0xd2b4], radius: 10, limit: Number.POSITIVE_INFINITY };
    await reader.scanHashes([query]);
    const searches = [];
    const additions = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = hashes.length + round * ADDED;
      for (let more = 0; more < ADDED; more++) await insert(store, before + more, hashes[round * 31 + more]);
      await sleep(20);
      additions.push((await timed(() => thread.call({ name: 'compareAll' }))).cpuMs / ADDED);
      await reader.scanHashes([]);
      const queries = Array.from({ length: ADDED }, (_, more) => ({
        ...query,
        hash: chunksOf(hashes[round * 31 + more]),
      }));
      searches.push((await timed(() => reader.scanHashes(queries))).cpuMs / ADDED);
    }
    const [addition, search] = [percentile(additions, 50), percentile(searches, 50)];
    return [
      figure(compared.ms / 1000),
      figure(compared.cpuMs / 1000),
      groups.result,
      figure(groups.ms),
      figure(addition),
      figure(addition / search),
    ];
  } finally {
    await thread.close();
    await reader.close();
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
