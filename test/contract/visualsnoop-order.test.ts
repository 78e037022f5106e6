import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restrictTo } from '#src/access/restricted-visualsnoop.js';
import { openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { createVisualSnoopClient, type VisualSnoopClient } from '#src/remote/visualsnoop/client.js';
import { compareText } from '#src/services/compare-text.js';
import { now } from '#src/services/timestamp.js';
import type { VisualSnoop } from '#src/services/visualsnoop.js';
import { awkwardText } from '../fakes/awkward-texts.js';
import { VisualSnoopWireServer } from '../fakes/visualsnoop-wire-server.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';

const ids = [...new Set(fc.sample(awkwardText, { numRuns: 60, seed: 1 }))].filter((id) => id !== '');
const created = ids.map((collectionId, i) => ({
  collection: { collectionId, name: null, user: null },
  publicKey: `public${i}`,
  secretKey: `secret${i}`,
}));

let engine: TestEngine;
let server: VisualSnoopWireServer;
let remote: VisualSnoopClient;
let restricted: VisualSnoop;
let all: string[];

beforeAll(async () => {
  engine = await openTestEngine();
  const { store, close } = await openSqliteStore(join(engine.dataDir, 'lookalike.db'));
  for (const collection of created) await store.collections.insert(collection, now());
  await close();
  server = await new VisualSnoopWireServer(engine.visualsnoop, engine.collectionKeys).listen();
  const keys = [...created, engine.defaultCollection!];
  remote = createVisualSnoopClient({ baseUrl: server.baseUrl, keys });
  all = keys.map(({ collection }) => collection.collectionId);
  restricted = restrictTo(all, engine.visualsnoop);
});

afterAll(async () => {
  await remote.close();
  await server.close();
  await engine.close();
});

describe('the order of collections', () => {
  it('is the same for collections that are embedded, remote, and named one by one', async () => {
    expect(all.toSorted(compareText)).not.toEqual(all.toSorted());
    const page = fc.record({
      after: fc.option(fc.oneof(awkwardText, fc.constantFrom(...ids)), { nil: '' }),
      limit: fc.integer({ min: 1, max: 80 }),
    });
    await fc.assert(
      fc.asyncProperty(page, async (page) => {
        const embedded = await engine.visualsnoop.listCollections(page);
        expect(await remote.listCollections(page)).toEqual(embedded);
        expect(await restricted.listCollections(page)).toEqual(embedded);
      }),
      { numRuns: 200 },
    );
  });

  it.each([1, 7])('lets pages of %i walk over all collections, each once', async (limit) => {
    for (const visualsnoop of [engine.visualsnoop, remote, restricted]) {
      const walked: string[] = [];
      for (;;) {
        const after = walked.at(-1) ?? '';
        const page = await visualsnoop.listCollections({ after, limit });
        walked.push(...page.map(({ collectionId }) => collectionId));
        if (page.length < limit) break;
      }
      expect(walked).toEqual(all.toSorted(compareText));
    }
  });
});
