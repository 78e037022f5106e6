import { readFileSync } from 'node:fs';
import { Client, type Exchange, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { buildSchema, introspectionFromSchema } from 'graphql';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  type MockInstance,
  vi,
} from 'vitest';
import { keys } from '../../dist/client/urql.js';
import { type Gallery, startGallery } from '../harness/gallery-gateway.js';
import * as documents from './documents.js';
import {
  expectDeadSearch,
  expectPictures,
  NAMES,
  NEW_NAME,
  newHash,
  newPicture,
  type Page,
  type PageInfo,
  type Similar,
  type Stored,
} from './expected.js';
import { recordingFetch } from './requests.js';

const sdl = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
const schema = introspectionFromSchema(buildSchema(sdl));

describe('urql', () => {
  let gallery: Gallery;
  let complaints: MockInstance[];
  beforeAll(async () => {
    gallery = await startGallery(NAMES);
  });
  afterAll(() => gallery?.close());
  // Graphcache says on the console what it cannot keep.
  beforeEach(() => {
    complaints = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
  });
  afterEach(() => {
    const said = complaints.flatMap(({ mock }) => mock.calls);
    vi.restoreAllMocks();
    expect(said).toEqual([]);
  });

  const cache = () => cacheExchange({ keys, schema, resolvers: { Query: { entries: relayPagination() } } });
  const clientWith = (exchanges: Exchange[], options: { fetch?: typeof fetch } = {}) =>
    new Client({
      url: gallery.graph,
      exchanges: [...exchanges, fetchExchange],
      fetchOptions: { headers: gallery.headers },
      preferGetMethod: false,
      ...options,
    });

  /** The list as the cache has it, after its first page and those that were asked for. */
  async function pagesOf(first: object, next: (pageInfo: PageInfo) => object | undefined) {
    const client = clientWith([cache()]);
    for (let more: object | undefined = first; ; ) {
      const { data, error } = await client.query<Page>(documents.PAGE, more).toPromise();
      if (!data) throw error;
      more = next(data.entries.pageInfo);
      if (!more) return data.entries;
    }
  }
  const order = { orderBy: 'SMALLEST_FIRST' };

  it('pages forwards into one list of its cache', async () => {
    const { edges, totalCount } = await pagesOf({ ...order, first: 2 }, ({ hasNextPage, endCursor }) =>
      hasNextPage ? { ...order, first: 2, after: endCursor } : undefined,
    );
    expect(edges.map(({ node }) => node.contentHash)).toEqual(gallery.smallestFirst);
    expect(totalCount).toBe(NAMES.length);
  });

  it('pages backwards into one list of its cache', async () => {
    const { edges } = await pagesOf({ ...order, last: 2 }, ({ hasPreviousPage, startCursor }) =>
      hasPreviousPage ? { ...order, last: 2, before: startCursor } : undefined,
    );
    expect(edges.map(({ node }) => node.contentHash)).toEqual(gallery.smallestFirst);
  });

  it('shows pictures by addresses that need no key', async () => {
    const variables = { ...order, first: 1 };
    const { data } = await clientWith([cache()]).query<Page>(documents.PAGE, variables).toPromise();
    await expectPictures(data!.entries.edges[0]!.node);
  });

  it('uploads a picture', async () => {
    const input = {
      image: { upload: newPicture() },
      url: 'https://pictures.example/new',
      clientName: 'urql',
    };
    const { data } = await clientWith([cache()]).mutation<Stored>(documents.STORE, { input }).toPromise();
    expect(data?.storeEntry).toMatchObject({
      __typename: 'StoreEntrySuccess',
      status: 'CREATED',
      entry: { contentHash: newHash, originalFilename: NEW_NAME },
    });
  });

  it('reads the errors of mutations through the fragment on Error', async () => {
    const client = clientWith([cache()]);
    const image = { upload: newPicture() };
    const { data: stored } = await client
      .mutation<Stored>(documents.STORE, { input: { image, url: '', clientName: 'urql' } })
      .toPromise();
    expect(stored?.storeEntry).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'url'] }],
      message: expect.stringContaining('url'),
    });
    const input = { image, url: 'https://x.example/', clientName: 'urql', collectionId: '1' };
    const { data: ingested } = await client.mutation(documents.INGEST, { input }).toPromise();
    expect(ingested.ingestImage).toMatchObject({
      __typename: 'IngestImagePartial',
      entry: { contentHash: newHash },
      imageError: { service: 'VISUALSNOOP' },
    });
  });

  it('keeps what the living service gave when the other is dead', async () => {
    const variables = { contentHash: gallery.smallestFirst[0] };
    const { data, error } = await clientWith([cache()])
      .query<Similar>(documents.LOOK_ALIKES, variables)
      .toPromise();
    expect(error?.graphQLErrors).toHaveLength(1);
    expectDeadSearch(data?.similar, error?.graphQLErrors[0]);
  });

  it('sends the text of a query once, then its hash by GET', async () => {
    const recorder = recordingFetch();
    const persisted = persistedExchange({ preferGetForPersistedQueries: true });
    const client = clientWith([persisted], recorder);
    for (let round = 0; round < 2; round++) {
      const { data } = await client.query(documents.VIEWER, {}).toPromise();
      expect(data.viewer).toMatchObject({ scope: 'WRITE' });
    }
    expect(recorder.sent.map(({ query }) => typeof query)).toEqual(['undefined', 'string', 'undefined']);
  });
});
