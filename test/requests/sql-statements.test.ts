import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';

const COUNT = 50;

/** The statements of this thread, on any connection. */
const statements: { all(): unknown; get(): unknown; run(): unknown } = Object.getPrototypeOf(
  new Database(':memory:').prepare('select 1'),
);

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  for (let i = 0; i < COUNT; i++) await ingest(await createCollection(i), i);
});

afterAll(() => gateway.close());
afterEach(() => vi.restoreAllMocks());

async function ask(query: string, variables?: object) {
  const { data, errors } = await gateway.graphql(query, variables);
  expect(errors).toBeUndefined();
  return data;
}

async function createCollection(i: number): Promise<string> {
  const { createCollection } = await ask(
    `mutation ($name: String!) { createCollection(input: { name: $name }) {
      ... on CreateCollectionSuccess { collection { collectionId } }
    } }`,
    { name: `Collection ${i}` },
  );
  return createCollection.collection.collectionId;
}

/** Two pictures each look alike. Each has two URLs, so that its entry does not tell them by itself. */
async function ingest(collectionId: string, i: number): Promise<void> {
  const hash = createHash('sha256')
    .update(String(i >> 1))
    .digest('hex')
    .slice(0, 16);
  const image = { base64: tinyPicture(hash, String(i)).toString('base64') };
  for (const url of [`https://x.example/${i}`, `https://y.example/${i}`]) {
    const { ingestImage } = await ask(
      'mutation ($input: IngestImageInput!) { ingestImage(input: $input) { __typename } }',
      { input: { collectionId, image, url, clientName: 'test' } },
    );
    expect(ingestImage.__typename).toBe('IngestImageSuccess');
  }
}

interface Measured {
  /** Of the main thread; those of the other threads are counted in their own tests. */
  statements: number;
  /** Of other threads. */
  calls: number;
  /** Of the list that was asked for. */
  length: number;
}

async function measure(query: string, variables: object): Promise<Measured> {
  const spies = (['all', 'get', 'run'] as const).map((method) => vi.spyOn(statements, method));
  const posts = vi.spyOn(Worker.prototype, 'postMessage');
  const data = await ask(query, variables);
  const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  const calls = posts.mock.calls.length;
  vi.restoreAllMocks();
  const [list] = Object.values<{ nodes?: object[] } & object[]>(data);
  return { statements: count, calls, length: (list!.nodes ?? list!).length };
}

/** Equal numbers for pages of 2, 20 and 50. */
async function expectStatements(
  query: string,
  statements: number,
  { calls = 0, variablesFor = (first: number): object => ({ first }) } = {},
) {
  for (const first of [2, 20, COUNT])
    expect(await measure(query, variablesFor(first))).toEqual({ statements, calls, length: first });
}

async function contentHashes(first: number): Promise<string[]> {
  const { entries } = await ask('query ($first: Int!) { entries(first: $first) { nodes { contentHash } } }', {
    first,
  });
  return entries.nodes.map(({ contentHash }: { contentHash: string }) => contentHash);
}

const ALIASES = 'a: entries(first: 3) { nodes { urls } } b: entries(first: 3) { nodes { width urls } }';

describe('The embedded services', () => {
  it('read a page of entries that have one URL each with these', async () => {
    const one = await startGateway();
    try {
      const image = { base64: tinyPicture('0123456789abcdef').toString('base64') };
      const input = { image, url: 'https://x.example/', clientName: 'test' };
      await one.graphql('mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }', {
        input,
      });
      const spies = (['all', 'get', 'run'] as const).map((method) => vi.spyOn(statements, method));
      const { data } = await one.graphql('{ entries { nodes { urls } } }');
      const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
      expect([data.entries.nodes, count]).toEqual([[{ urls: [input.url] }], 1]);
    } finally {
      await one.close();
    }
  });

  it('store an entry and serve its bytes with these', async () => {
    const one = await startGateway();
    try {
      const image = { base64: tinyPicture('0123456789abcdef').toString('base64') };
      const ingest = async (url: string) => {
        const { data } = await one.graphql(
          `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) {
            ... on StoreEntrySuccess { status entry { contentHash createdAt } }
          } }`,
          { input: { image, url, clientName: 'test' } },
        );
        return data.storeEntry;
      };
      const spies = [
        ...(['all', 'get', 'run'] as const).map((method) => vi.spyOn(statements, method)),
        // What begins and ends a transaction.
        vi.spyOn(Database.prototype, 'exec'),
      ];
      const count = () => spies.reduce((sum, spy) => sum + spy.mock.calls.splice(0).length, 0);
      const created = await ingest('https://x.example/');
      expect([created.status, count()]).toEqual(['CREATED', 9]);
      expect([(await ingest('https://y.example/')).status, count()]).toEqual(['URL_ADDED', 6]);
      const file = await fetch(`${one.url}/files/${created.entry.contentHash}`);
      expect([file.status, count()]).toEqual([200, 1]);
    } finally {
      await one.close();
    }
  });

  it('read a page of entries with the facts of their images, and read a header of each once', async () => {
    const facts = `query ($first: Int!) { entries(first: $first) { nodes {
      thumbnail { url } collectionImages { fileUrl contentHash contentType fileSizeBytes width height thumbnail { url } } } } }`;
    await expectStatements(facts, 3);
    const sizes = `query ($first: Int!) { entries(first: $first) { nodes {
      thumbnail { width height } collectionImages { thumbnail { width height } } } } }`;
    await ask(sizes, { first: COUNT });
    await expectStatements(sizes, 3);
  });

  it('read a page of entries with their copies and the collections of these', async () => {
    await expectStatements(
      `query ($first: Int!) { entries(first: $first) { nodes {
        urls collectionImages { imageTime collection { name } entry { url } }
      } } }`,
      5,
    );
  });

  it('read entries by their content hashes and by their URLs', async () => {
    const all = await contentHashes(COUNT);
    await expectStatements(
      'query ($hashes: [ContentHash!]!) { entriesByContentHash(contentHashes: $hashes) { urls collectionImages { id } } }',
      3,
      { variablesFor: (first) => ({ hashes: all.slice(0, first) }) },
    );
    await expectStatements(
      'query ($urls: [String!]!) { entriesByUrl(urls: $urls) { urls collectionImages { entry { id } } } }',
      5,
      {
        variablesFor: (first) => ({
          urls: Array.from({ length: first }, (_, i) => `https://x.example/${i}`),
        }),
      },
    );
  });

  it('read a page of collections with the newest images of each and their entries', async () => {
    await expectStatements(
      `query ($first: Int!) { collections(first: $first) { nodes {
        name images(first: 3) { nodes { imageTime entry { url collectionImages { id } } } }
      } } }`,
      5,
    );
  });

  it.each([
    [4, 5, 0],
    [10, 4, 1],
    [64, 4, 1],
  ])(
    'read a page of entries with the look-alikes of each within %i bits',
    async (distance, statements, calls) => {
      await expectStatements(
        `query ($first: Int!) { entries(first: $first) { nodes {
        similar(maxHammingDistance: ${distance}, first: 5) {
          hammingDistance entry { urls collectionImages { id } }
        }
      } } }`,
        statements,
        { calls },
      );
    },
  );

  it('read a page of entries with the look-alikes of each at several distances', async () => {
    await expectStatements(
      `query ($first: Int!) { entries(first: $first) { nodes {
        same: similar(maxHammingDistance: 0) { entry { url } }
        near: similar(maxHammingDistance: 10) { entry { url } }
        far: similar(maxHammingDistance: 30, first: 3) { entry { url } }
      } } }`,
      2,
      { calls: 1 },
    );
  });

  it('read a page of entries with the look-alikes of their look-alikes', async () => {
    await expectStatements(
      `query ($first: Int!) { entries(first: $first) { nodes {
        similar(maxHammingDistance: 10) { entry { similar(maxHammingDistance: 10) { entry { url } } } }
      } } }`,
      2,
      { calls: 1 },
    );
  });

  it('read a page of entries with what looks like their copies in the collections', async () => {
    await expectStatements(
      `query ($first: Int!) { entries(first: $first) { nodes {
        collectionImages { collection { name } entry { similar(maxHammingDistance: 10) { entry { url } } } }
      } } }`,
      5,
      { calls: 1 },
    );
  });

  it('read a page of collections with what looks like the entries of their images', async () => {
    await expectStatements(
      `query ($first: Int!) { collections(first: $first) { nodes {
        images(first: 3) { nodes { entry {
          similar(maxHammingDistance: 10) { entry { url collectionImages { imageTime } } }
        } } }
      } } }`,
      6,
      { calls: 1 },
    );
  });

  it('read a page of entries with what VisualSnoop finds like their copies', async () => {
    await expectStatements(
      `query ($first: Int!) { entries(first: $first) { nodes {
        collectionImages { similar(first: 5) { rank image { imageTime entry { url } } } }
      } } }`,
      2,
      { calls: 1 },
    );
  });

  it('read a page of collections with what looks like their images', async () => {
    await expectStatements(
      `query ($first: Int!) { collections(first: $first) { nodes {
        images(first: 3) { nodes { similar { rank } more: similar(first: 50) { rank } } }
      } } }`,
      2,
      { calls: 2 },
    );
  });

  it('read nothing twice for two aliases', async () => {
    expect(await measure(`{ ${ALIASES} }`, {})).toEqual({ statements: 2, calls: 0, length: 3 });
  });
});
