import { ClientError, GraphQLClient } from 'graphql-request';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gallery, startGallery } from '../harness/gallery-gateway.js';
import * as documents from './documents.js';
import {
  expectDeadSearch,
  expectPictures,
  NAMES,
  newHash,
  newPicture,
  type Page,
  type Similar,
} from './expected.js';
import { recordingFetch } from './requests.js';

describe('graphql-request', () => {
  let gallery: Gallery;
  let client: GraphQLClient;
  beforeAll(async () => {
    gallery = await startGallery(NAMES);
    client = new GraphQLClient(gallery.graph, { headers: gallery.headers });
  });
  afterAll(() => gallery?.close());

  async function page(variables: object): Promise<Page['entries']> {
    const { entries } = await client.request<Page>(documents.PAGE, {
      orderBy: 'SMALLEST_FIRST',
      ...variables,
    });
    return entries;
  }
  const hashes = ({ edges }: Page['entries']) => edges.map(({ node }) => node.contentHash);

  it('pages forwards and backwards', async () => {
    const found: string[] = [];
    for (let after: string | null = null; found.length < NAMES.length; ) {
      const forwards: Page['entries'] = await page({ first: 2, after });
      found.push(...hashes(forwards));
      expect(forwards.pageInfo.hasNextPage).toBe(found.length < NAMES.length);
      after = forwards.pageInfo.endCursor;
    }
    expect(found).toEqual(gallery.smallestFirst);
    for (let before: string | null = null; found.length > 0; ) {
      const backwards: Page['entries'] = await page({ last: 2, before });
      expect(hashes(backwards)).toEqual(found.splice(-2));
      expect(backwards.pageInfo.hasPreviousPage).toBe(found.length > 0);
      before = backwards.pageInfo.startCursor;
    }
  });

  it('shows pictures by addresses that need no key', async () => {
    const { edges } = await page({ first: 1 });
    await expectPictures(edges[0]!.node);
  });

  it('stores a picture in base64, as it sends no files', async () => {
    const base64 = Buffer.from(await newPicture().arrayBuffer()).toString('base64');
    const input = { image: { base64 }, url: 'https://pictures.example/new', clientName: 'request' };
    expect(await client.request(documents.STORE, { input })).toMatchObject({
      storeEntry: { __typename: 'StoreEntrySuccess', status: 'CREATED', entry: { contentHash: newHash } },
    });
    const refused = { ...input, url: '' };
    expect(await client.request(documents.STORE, { input: refused })).toMatchObject({
      storeEntry: { __typename: 'InvalidInputError', issues: [{ path: ['input', 'url'] }] },
    });
  });

  it('keeps what the living service gave when the other is dead', async () => {
    const tolerant = new GraphQLClient(gallery.graph, { headers: gallery.headers, errorPolicy: 'all' });
    const variables = { contentHash: gallery.smallestFirst[0] };
    const { data, errors } = await tolerant.rawRequest<Similar>(documents.LOOK_ALIKES, variables);
    expectDeadSearch(data.similar, errors?.[0]);
    const rejected = await client.request(documents.LOOK_ALIKES, variables).catch((error: unknown) => error);
    expect(rejected).toBeInstanceOf(ClientError);
  });

  it('asks by GET', async () => {
    const { fetch, sent } = recordingFetch();
    const byGet = new GraphQLClient(gallery.graph, { headers: gallery.headers, fetch, method: 'GET' });
    expect(await byGet.request(documents.VIEWER)).toEqual({ viewer: { scope: 'WRITE' } });
    expect(sent).toEqual([expect.objectContaining({ query: expect.stringContaining('viewer') })]);
  });

  it('batches queries', async () => {
    const { fetch, sent } = recordingFetch();
    const batching = new GraphQLClient(gallery.graph, { headers: gallery.headers, fetch });
    const results = await batching.batchRequests([
      { document: documents.VIEWER },
      { document: documents.SERVICES },
    ]);
    expect(sent).toEqual([[expect.anything(), expect.anything()]]);
    expect(results[0]).toMatchObject({ data: { viewer: { scope: 'WRITE' } } });
    expect(results[1]).toMatchObject({
      data: {
        services: expect.arrayContaining([expect.objectContaining({ name: 'VISUALSNOOP', status: 'DOWN' })]),
      },
    });
  });
});
