import { createHash } from 'node:crypto';
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

/** Two pictures each look alike. */
async function ingest(collectionId: string, i: number): Promise<void> {
  const hash = createHash('sha256')
    .update(String(i >> 1))
    .digest('hex')
    .slice(0, 16);
  const image = { base64: tinyPicture(hash, String(i)).toString('base64') };
  const { ingestImage } = await ask(
    'mutation ($input: IngestImageInput!) { ingestImage(input: $input) { __typename } }',
    { input: { collectionId, image, url: `https://x.example/${i}`, clientName: 'test' } },
  );
  expect(ingestImage.__typename).toBe('IngestImageSuccess');
}

/** How many statements a query takes, and how many things it gives. */
async function measure(query: string, variables: object): Promise<{ statements: number; length: number }> {
  const spies = (['all', 'get', 'run'] as const).map((method) => vi.spyOn(statements, method));
  const data = await ask(query, variables);
  const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  vi.restoreAllMocks();
  const [list] = Object.values<{ nodes?: object[] } & object[]>(data);
  return { statements: count, length: (list!.nodes ?? list!).length };
}

/** Equal numbers for 5 and for 50. */
async function expectStatements(
  query: string,
  statements: number,
  variablesFor = (first: number): object => ({ first }),
) {
  for (const first of [5, COUNT])
    expect(await measure(query, variablesFor(first))).toEqual({ statements, length: first });
}

async function contentHashes(first: number): Promise<string[]> {
  const { entries } = await ask('query ($first: Int!) { entries(first: $first) { nodes { contentHash } } }', {
    first,
  });
  return entries.nodes.map(({ contentHash }: { contentHash: string }) => contentHash);
}

const ALIASES = 'a: entries(first: 3) { nodes { url } } b: entries(first: 3) { nodes { width } }';

describe('The embedded services', () => {
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
      (first) => ({ hashes: all.slice(0, first) }),
    );
    await expectStatements(
      'query ($urls: [String!]!) { entriesByUrl(urls: $urls) { urls collectionImages { entry { id } } } }',
      5,
      (first) => ({ urls: Array.from({ length: first }, (_, i) => `https://x.example/${i}`) }),
    );
  });

  it('read a page of collections with the newest images of each and their entries', async () => {
    await expectStatements(
      `query ($first: Int!) { collections(first: $first) { nodes {
        name images(first: 3) { nodes { imageTime entry { url collectionImages { id } } } }
      } } }`,
      6,
    );
  });

  it('read a page of entries with the look-alikes of each', async () => {
    await expectStatements(
      `query ($first: Int!) { entries(first: $first) { nodes {
        similar(maxHammingDistance: 4) { hammingDistance entry { urls collectionImages { id } } }
      } } }`,
      6,
    );
  });

  it('read nothing twice for two aliases', async () => {
    expect(await measure(`{ ${ALIASES} }`, {})).toEqual({ statements: 2, length: 3 });
  });
});
