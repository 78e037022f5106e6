import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unavailable } from '../../fakes/service-spy.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { startGraph, type TestGraph } from '../../harness/graph.js';

let graph: TestGraph;
beforeEach(async () => {
  graph = await startGraph();
});
afterEach(async () => {
  await graph.close();
  expect(graph.reported).toEqual([]);
  expect(graph.staging.open).toBe(0);
});

const picture = (n: number) => tinyPicture('0'.repeat(16), String(n));

describe('collections', () => {
  it('are paged by their ids', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => graph.createCollection()));
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await graph.graphql(
        /* GraphQL */ `
          query ($after: String) {
            collections(first: 2, after: $after) {
              edges { cursor node { collectionId } }
              nodes { collectionId name user }
              pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            }
          }
        `,
        { after },
      );
      const { edges, nodes, pageInfo } = data.collections;
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      expect(pageInfo.endCursor).toBe(edges.at(-1).cursor);
      seen.push(...nodes.map(({ collectionId }: { collectionId: string }) => collectionId));
      more = pageInfo.hasNextPage;
      after = pageInfo.endCursor;
    }
    expect(seen).toEqual(ids.toSorted());
  });

  it('are found by id, and null when there is none', async () => {
    const collectionId = await graph.createCollection();
    const { data } = await graph.graphql(
      'query ($id: String!) { here: collection(collectionId: $id) { collectionId name user } none: collection(collectionId: "none") { id } }',
      { id: collectionId },
    );
    expect(data).toEqual({ here: { collectionId, name: 'test', user: null }, none: null });
  });

  it('page their images newest first, and cursors survive additions and deletions', async () => {
    const collectionId = await graph.createCollection();
    const names = Array.from({ length: 7 }, (_, n) => `image ${n}`);
    for (const [n, imageId] of names.entries()) await graph.add(collectionId, picture(n), { imageId });
    const page = async (after: string | null) => {
      const { data } = await graph.graphql(
        /* GraphQL */ `
          query ($id: String!, $after: String) {
            collection(collectionId: $id) {
              images(first: 3, after: $after) {
                nodes { imageId imageTime }
                pageInfo { hasNextPage hasPreviousPage endCursor }
              }
            }
          }
        `,
        { id: collectionId, after },
      );
      return data.collection.images;
    };
    const first = await page(null);
    const second = await page(first.pageInfo.endCursor);
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    await graph.add(collectionId, picture(99), { imageId: 'newer' });
    await graph.visualsnoop.service.deleteImage({ collectionId, imageId: first.nodes[2].imageId });
    expect(await page(first.pageInfo.endCursor)).toEqual(second);
    const third = await page(second.pageInfo.endCursor);
    const seen = [first, second, third].flatMap(({ nodes }) => nodes);
    expect(seen.map(({ imageId }) => imageId)).toEqual(names.toReversed());
    expect(third.pageInfo.hasNextPage).toBe(false);
  });

  it('with their images, entries and look-alikes are asked for nothing twice', async () => {
    const ids = await Promise.all([graph.createCollection(), graph.createCollection()]);
    for (const id of ids) for (let n = 0; n < 10; n++) await graph.add(id, picture(n), { imageId: `${n}` });
    await graph.store(picture(3));
    const { data, errors } = await graph.graphql(/* GraphQL */ `
      {
        collections {
          nodes {
            images {
              nodes {
                imageTime
                collection { name }
                entry { contentHash }
                similar(first: 5) { image { imageTime collection { name } entry { contentHash } } }
                again: similar(first: 5) { rank }
              }
            }
          }
        }
      }
    `);
    expect(errors).toBeUndefined();
    const images = data.collections.nodes.flatMap(
      (node: { images: { nodes: object[] } }) => node.images.nodes,
    );
    expect(images.filter(({ entry }: { entry: object | null }) => entry)).toHaveLength(2);
    const counts = new Map<string, number>();
    for (const [method] of graph.visualsnoop.calls) counts.set(method, (counts.get(method) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      listCollections: 1,
      listNewestImages: 1,
      getContentHashes: 1,
      searchById: 20,
    });
    expect(graph.imgcache.calls.map(([method]) => method)).toEqual(['getMeta']);
  });

  it('give an error with the name of the service that failed, and the rest of the answer', async () => {
    graph.visualsnoop.failures.set('listCollections', unavailable('VISUALSNOOP'));
    const { data, errors } = await graph.graphql('{ collections { nodes { id } } entries { nodes { id } } }');
    expect(data).toEqual({ collections: null, entries: { nodes: [] } });
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['collections'],
        extensions: { code: 'SERVICE_UNAVAILABLE', service: 'VISUALSNOOP', retryable: true },
      }),
    ]);
  });
});

describe('createCollection', () => {
  const CREATE = /* GraphQL */ `
    mutation ($input: CreateCollectionInput!) {
      createCollection(input: $input) {
        __typename
        ... on CreateCollectionSuccess { collection { id collectionId name user } publicKey secretKey }
        ... on InvalidInputError { issues { path } }
        ... on ServiceError { service code retryable }
        ... on Error { message }
      }
    }
  `;

  it('makes a collection that is there at once', async () => {
    const input = { name: 'Hills', user: 'a@example.org' };
    const { data } = await graph.graphql(CREATE, { input });
    expect(data.createCollection).toEqual({
      __typename: 'CreateCollectionSuccess',
      collection: { id: expect.any(String), collectionId: expect.any(String), ...input },
      publicKey: expect.any(String),
      secretKey: expect.any(String),
    });
    const { id } = data.createCollection.collection;
    const found = await graph.graphql(
      'query ($id: ID!) { node(id: $id) { id ... on Collection { name } } }',
      {
        id,
      },
    );
    expect(found.data.node).toEqual({ id, name: 'Hills' });
  });

  it.each([
    [{ name: '' }, 'name'],
    [{ name: 'é'.repeat(201) }, 'name'],
    [{ name: 'a\nb' }, 'name'],
    [{ name: 'a', user: '' }, 'user'],
  ])('refuses %j', async (input, field) => {
    const { data } = await graph.graphql(CREATE, { input });
    expect(data.createCollection).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', field] }],
    });
  });

  it('takes a name of 200 characters, and no user', async () => {
    for (const input of [{ name: '\u{1f600}'.repeat(200) }, { name: 'a', user: null }]) {
      const { data } = await graph.graphql(CREATE, { input });
      expect(data.createCollection.__typename).toBe('CreateCollectionSuccess');
    }
  });
});
