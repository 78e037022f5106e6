import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createImgCacheClient, type ImgCacheClient } from '#src/remote/imgcache/client.js';
import type { Entry } from '#src/services/entry.js';
import type { EntryOrigin } from '#src/services/entry-origin.js';
import type { ImgCache } from '#src/services/imgcache.js';
import { MemoryImgCache } from '../fakes/memory-imgcache.js';
import { stageBytes } from '../fakes/memory-staging.js';
import { tinyPicture, tinyPictureFacts } from '../fakes/tiny-picture.js';
import { startWireServer, type WireServer } from '../fakes/wire-server.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';
import { randomRuns } from '../harness/repetitions.js';
import { collect } from './imgcache-contract-bench.js';

let engine: TestEngine;
let server: WireServer;
let remote: ImgCacheClient;
beforeAll(async () => {
  engine = await openTestEngine();
  server = await startWireServer(engine);
  remote = createImgCacheClient({ baseUrl: server.url, timeoutMs: 30_000 });
});
afterAll(async () => {
  await remote.close();
  await server.close();
  await engine.close();
});

const HASHES = ['0000000000000000', '0000000000000001', 'ffffffffffffffff'];
const PICTURES = HASHES.map((hash) => tinyPicture(hash));

/** A few of each, so that they meet; there are more URLs than an answer tells. */
const text = fc.constantFrom('a', 'A', '\\', '%', '_', 'é', '"', ' ', '+', '\n').map((piece) => `x${piece}`);
const url = fc
  .tuple(fc.constantFrom(...'0123456789abcdef'), fc.constantFrom('', '/p.jpg', '\\y', '%', 'É'))
  .map(([site, rest]) => `https://${site}.example${rest}`);
const origin: fc.Arbitrary<EntryOrigin> = fc.record(
  {
    url,
    clientName: text,
    lookupTime: fc.constantFrom('2024-01-01T00:00:00.000001Z', '0001-01-01T00:00:00.000000Z'),
    filename: fc.constantFrom('a.jpg', 'a"b', 'a%22b', 'a\\', '\\"', 'é 日', ';x=y', "'*'"),
  },
  { requiredKeys: ['url', 'clientName', 'lookupTime'] },
);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ picture: fc.nat(2), origin }) },
  { weight: 1, arbitrary: fc.record({ deleted: fc.nat(2) }) },
);

async function run(
  imgcache: ImgCache,
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
) {
  const told = [];
  for (const one of steps) {
    const index = 'deleted' in one ? one.deleted : one.picture;
    await using image = await stageBytes(PICTURES[index]!, (_, bytes) => tinyPictureFacts(bytes));
    if ('deleted' in one) told.push(await imgcache.delete(image.contentHash));
    else {
      const { entry, status } = await imgcache.store(image, one.origin);
      told.push([status, withoutNow(entry)]);
    }
  }
  return told;
}

/** Two imgcaches are not asked at the same time, and tell URLs along with an entry or do not. */
function withoutNow({ createdAt: _now, urls: _urls, ...entry }: Entry) {
  return entry;
}

async function allOf(imgcache: ImgCache, contentHashes: string[], urlContains: readonly string[]) {
  const found = [];
  for (const part of urlContains) {
    const entries = await collect(imgcache.search({ filter: { urlContains: part }, order: 'OLDEST_FIRST' }));
    found.push(entries.map(({ contentHash }) => contentHash).toSorted());
  }
  return { urls: await imgcache.getUrls(contentHashes), found };
}

it('A remote Lookalike tells all that the one here would, however often bytes are stored and under what', async () => {
  const contentHashes = await Promise.all(
    PICTURES.map(async (bytes) => (await stageBytes(bytes)).contentHash),
  );
  let manyUrls = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
      fc.array(
        fc.constantFrom('', '.EXAMPLE', '3.example', 'E\\y', '\\y', 'e\\', '%', 'É', 'é', '/p', 'none\\'),
        {
          maxLength: 4,
        },
      ),
      async (steps, parts) => {
        for (const contentHash of contentHashes) await engine.imgcache.delete(contentHash);
        const here = new MemoryImgCache();
        expect(await run(remote, steps)).toEqual(await run(here, steps));
        const [there, wanted] = [
          await allOf(remote, contentHashes, parts),
          await allOf(here, contentHashes, parts),
        ];
        expect(there).toEqual(wanted);
        manyUrls += wanted.urls.filter((urls) => urls.length > 10).length;
      },
    ),
    { numRuns: randomRuns(40) },
  );
  process.stdout.write(
    `\nRemote imgcache: 40 histories compared, ${manyUrls} entries with more URLs than an answer tells.\n`,
  );
  expect(manyUrls).toBeGreaterThan(0);
});
