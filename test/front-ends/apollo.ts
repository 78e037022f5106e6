import { ApolloClient, type ApolloLink, CombinedGraphQLErrors, gql, InMemoryCache } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { HttpLink } from '@apollo/client/link/http';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { possibleTypes, typePolicies } from '../../dist/client/apollo.js';
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
  sha256,
} from './expected.js';
import { recordingFetch } from './requests.js';

const PAGE = gql(documents.PAGE);
/** For what a loaded machine takes long to do. */
const VIEWER = gql(documents.VIEWER);

describe('Apollo Client', () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await startGallery(NAMES);
  });
  afterAll(() => gallery?.close());

  const clientOver = (link: ApolloLink) =>
    new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes, typePolicies }) });
  const plainClient = () => clientOver(new HttpLink({ uri: gallery.graph, headers: gallery.headers }));
  const uploadClient = () => clientOver(new UploadHttpLink({ uri: gallery.graph, headers: gallery.headers }));

  /** The list that a page shows, after its first request and those for more. */
  async function pagesOf(variables: object, next: (pageInfo: PageInfo) => object | undefined) {
    const shown: Page[] = [];
    const pages = plainClient().watchQuery<Page>({ query: PAGE, variables });
    const subscription = pages.subscribe(({ data, dataState }) => {
      if (dataState === 'complete') shown.push(data);
    });
    try {
      await expect.poll(() => shown).toHaveLength(1);
      for (let more = next(shown[0]!.entries.pageInfo); more; ) {
        const { data } = await pages.fetchMore({ variables: more });
        more = next(data!.entries.pageInfo);
      }
      await expect.poll(() => shown.at(-1)?.entries.edges).toHaveLength(NAMES.length);
      return shown.at(-1)!.entries;
    } finally {
      subscription.unsubscribe();
    }
  }

  it('pages forwards into one list of its cache', async () => {
    const { edges, pageInfo, totalCount } = await pagesOf(
      { orderBy: 'SMALLEST_FIRST', first: 2 },
      ({ hasNextPage, endCursor }) => (hasNextPage ? { after: endCursor } : undefined),
    );
    expect(edges.map(({ node }) => node.contentHash)).toEqual(gallery.smallestFirst);
    expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    expect(totalCount).toBe(NAMES.length);
  });

  it('pages backwards into one list of its cache', async () => {
    const { edges } = await pagesOf(
      { orderBy: 'SMALLEST_FIRST', last: 2 },
      ({ hasPreviousPage, startCursor }) => (hasPreviousPage ? { before: startCursor } : undefined),
    );
    expect(edges.map(({ node }) => node.contentHash)).toEqual(gallery.smallestFirst);
  });

  it('shows pictures by addresses that need no key', async () => {
    const { data } = await plainClient().query<Page>({
      query: PAGE,
      variables: { orderBy: 'SMALLEST_FIRST', first: 1 },
    });
    await expectPictures(data!.entries.edges[0]!.node);
  });

  it('uploads a picture and keeps the entry', async () => {
    const client = uploadClient();
    const input = {
      image: { upload: newPicture() },
      url: 'https://pictures.example/new',
      clientName: 'apollo',
    };
    const { data } = await client.mutate<Stored>({ mutation: gql(documents.STORE), variables: { input } });
    expect(data?.storeEntry).toMatchObject({
      __typename: 'StoreEntrySuccess',
      status: 'CREATED',
      entry: { contentHash: newHash, originalFilename: NEW_NAME },
    });
    expect(client.cache.extract()).toHaveProperty([`Entry:${data?.storeEntry.entry?.id}`, 'url'], input.url);
  });

  it('reads the errors of mutations through the fragment on Error', async () => {
    const image = { upload: newPicture() };
    const { data: stored } = await uploadClient().mutate<Stored>({
      mutation: gql(documents.STORE),
      variables: { input: { image, url: '', clientName: 'apollo' } },
    });
    expect(stored?.storeEntry).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'url'] }],
      message: expect.stringContaining('url'),
    });
    const { data: ingested } = await uploadClient().mutate<{ ingestImage: unknown }>({
      mutation: gql(documents.INGEST),
      variables: { input: { image, url: 'https://x.example/', clientName: 'apollo', collectionId: '1' } },
    });
    expect(ingested?.ingestImage).toMatchObject({
      __typename: 'IngestImagePartial',
      entry: { contentHash: newHash },
      imageError: { service: 'VISUALSNOOP' },
    });
  });

  it('keeps what the living service gave when the other is dead', async () => {
    const { data, error } = await plainClient().query<Similar>({
      query: gql(documents.LOOK_ALIKES),
      variables: { contentHash: gallery.smallestFirst[0] },
      errorPolicy: 'all',
    });
    expect(CombinedGraphQLErrors.is(error) && error.errors).toHaveLength(1);
    expectDeadSearch(data?.similar, CombinedGraphQLErrors.is(error) ? error.errors[0] : undefined);
  });

  it('sends the text of a query once, then its hash by GET', async () => {
    const { fetch, sent } = recordingFetch();
    const http = new HttpLink({ uri: gallery.graph, headers: gallery.headers, fetch });
    const client = clientOver(new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(http));
    const ask = () => client.query<{ viewer: unknown }>({ query: VIEWER, fetchPolicy: 'network-only' });
    expect((await ask()).data?.viewer).toMatchObject({ scope: 'WRITE' });
    expect((await ask()).data?.viewer).toMatchObject({ scope: 'WRITE' });
    expect(sent.map(({ query }) => typeof query)).toEqual(['undefined', 'string', 'undefined']);
  });

  it('batches queries', async () => {
    const { fetch, sent } = recordingFetch();
    const client = clientOver(new BatchHttpLink({ uri: gallery.graph, headers: gallery.headers, fetch }));
    const results = await Promise.all([
      client.query<{ viewer: unknown }>({ query: VIEWER }),
      client.query<{ services: unknown }>({ query: gql(documents.SERVICES) }),
    ]);
    expect(sent).toEqual([[expect.anything(), expect.anything()]]);
    expect(results[0].data?.viewer).toMatchObject({ scope: 'WRITE' });
    expect(results[1].data?.services).toContainEqual(
      expect.objectContaining({ name: 'VISUALSNOOP', status: 'DOWN' }),
    );
  });
});
