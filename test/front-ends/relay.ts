import {
  commitMutation,
  createOperationDescriptor,
  Environment,
  type FetchFunction,
  fetchQuery,
  type GraphQLResponse,
  getSingularSelector,
  Network,
  RecordSource,
  Store,
} from 'relay-runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Gallery, startGallery } from '../harness/gallery-gateway.js';
import { expectDeadSearch, expectPictures, NAMES, NEW_NAME, newHash, newPicture } from './expected.js';
import entriesFragment, {
  type gallery_entries$data,
} from './relay-documents/__generated__/gallery_entries.graphql.js';
import pageQuery, {
  type galleryPageQuery,
} from './relay-documents/__generated__/galleryPageQuery.graphql.js';
import similarQuery, {
  type gallerySimilarQuery,
} from './relay-documents/__generated__/gallerySimilarQuery.graphql.js';
import storeMutation, {
  type galleryStoreMutation,
} from './relay-documents/__generated__/galleryStoreMutation.graphql.js';

describe('Relay', () => {
  let gallery: Gallery;
  let errors: unknown[];
  let environment: Environment;
  beforeAll(async () => {
    gallery = await startGallery(NAMES);
  });
  afterAll(() => gallery?.close());
  beforeEach(() => {
    errors = [];
    environment = new Environment({ network: Network.create(ask), store: new Store(new RecordSource()) });
  });

  /** The network layer as Relay's guide has it, with files as a GraphQL multipart request. */
  const ask: FetchFunction = async ({ text }, variables, _cache, uploadables) => {
    const operation = JSON.stringify({ query: text, variables });
    const headers = { ...gallery.headers, ...(!uploadables && { 'content-type': 'application/json' }) };
    const body = uploadables ? formOf(operation, uploadables) : operation;
    const response = await fetch(gallery.graph, { method: 'POST', headers, body });
    const result = (await response.json()) as GraphQLResponse & { errors?: unknown[] };
    errors.push(...(result.errors ?? []));
    return result;
  };

  /** The list that a page shows: the connection in the store, as a fragment of it reads it. */
  function shown(): gallery_entries$data['entries'] {
    const root = environment.lookup(createOperationDescriptor(pageQuery, order).fragment).data;
    const selector = getSingularSelector(entriesFragment, root)!;
    return (environment.lookup(selector).data as gallery_entries$data).entries;
  }
  const order: galleryPageQuery['variables'] = { orderBy: 'SMALLEST_FIRST' };
  const load = (variables: Partial<galleryPageQuery['variables']>) =>
    fetchQuery<galleryPageQuery>(environment, pageQuery, { ...order, ...variables }).toPromise();
  const hashes = () => shown()?.edges.map(({ node }) => node.contentHash);

  it('pages forwards into one connection of its store', async () => {
    await load({ first: 2 });
    while (shown()?.pageInfo.hasNextPage) await load({ first: 2, after: shown()!.pageInfo.endCursor! });
    expect(hashes()).toEqual(gallery.smallestFirst);
    expect(shown()?.totalCount).toBe(NAMES.length);
    await expectPictures(shown()!.edges[0]!.node);
  });

  it('pages backwards into one connection of its store', async () => {
    await load({ last: 2 });
    while (shown()?.pageInfo.hasPreviousPage) await load({ last: 2, before: shown()!.pageInfo.startCursor! });
    expect(hashes()).toEqual(gallery.smallestFirst);
  });

  function store(url: string): Promise<galleryStoreMutation['response']> {
    return new Promise((resolve, reject) => {
      commitMutation<galleryStoreMutation>(environment, {
        mutation: storeMutation,
        variables: { input: { image: { upload: null }, url, clientName: 'relay' } },
        uploadables: { 'input.image.upload': newPicture() },
        onCompleted: resolve,
        onError: reject,
      });
    });
  }

  it('uploads a picture and keeps the entry', async () => {
    const { storeEntry } = await store('https://pictures.example/new');
    expect(storeEntry).toMatchObject({
      __typename: 'StoreEntrySuccess',
      status: 'CREATED',
      entry: { contentHash: newHash, originalFilename: NEW_NAME },
    });
    expect(environment.getStore().getSource().get(storeEntry.entry!.id)).toMatchObject({
      contentHash: newHash,
    });
  });

  it('reads the errors of mutations through the fragment on Error', async () => {
    expect((await store('')).storeEntry).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'url'] }],
      message: expect.stringContaining('url'),
    });
  });

  it('keeps what the living service gave when the other is dead', async () => {
    const variables = { contentHash: gallery.smallestFirst[0]! };
    const data = await fetchQuery<gallerySimilarQuery>(environment, similarQuery, variables).toPromise();
    expect(errors).toHaveLength(1);
    expectDeadSearch(data?.similar ?? undefined, errors[0]);
  });
});

function formOf(operations: string, uploadables: Record<string, Blob>): FormData {
  const form = new FormData();
  const paths = Object.keys(uploadables);
  const map = Object.fromEntries(paths.map((path, index) => [index, [`variables.${path}`]]));
  form.set('operations', operations);
  form.set('map', JSON.stringify(map));
  for (const [index, path] of paths.entries()) form.set(String(index), uploadables[path]!);
  return form;
}
