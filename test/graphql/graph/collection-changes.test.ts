import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unavailable } from '../../fakes/service-spy.js';
import { tinyPicture } from '../../fakes/tiny-picture.js';
import { startGraph, type TestGraph } from '../../harness/graph.js';

let graph: TestGraph;
let collectionId: string;
beforeEach(async () => {
  graph = await startGraph();
  collectionId = await graph.createCollection();
});
afterEach(async () => {
  await graph.close();
  expect(graph.reported).toEqual([]);
});

const ERRORS = /* GraphQL */ `
  ... on InvalidInputError { issues { path message } }
  ... on ServiceError { service code }
  ... on Error { message }
`;

async function mutate(name: string, fields: string, input: object) {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const { data } = await graph.graphql(
    `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Success { ${fields} } ${ERRORS} } }`,
    { input },
  );
  return data[name];
}

const rename = (input: object) =>
  mutate('renameCollection', 'collection { collectionId name user }', { collectionId, ...input });
const remove = (input: object) =>
  mutate('deleteCollection', 'deletedId collectionId', { collectionId, ...input });
const rotate = (input: object = {}) =>
  mutate('rotateCollectionKeys', 'collection { name } publicKey secretKey', { collectionId, ...input });

describe('renameCollection', () => {
  it('changes the name, and whose it is where that is given', async () => {
    expect(await rename({ name: 'New', user: 'u' })).toMatchObject({
      collection: { collectionId, name: 'New', user: 'u' },
    });
    expect(await rename({ name: 'Newer' })).toMatchObject({ collection: { name: 'Newer', user: 'u' } });
    expect(await rename({ name: 'Newer', user: null })).toMatchObject({ collection: { user: null } });
  });

  it('names what is wrong with the input', async () => {
    expect(await rename({ name: '', user: 'x'.repeat(201), collectionId: '\0' })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [
        { path: ['input', 'collectionId'] },
        { path: ['input', 'name'], message: 'must not be empty.' },
        { path: ['input', 'user'], message: 'must have at most 200 characters.' },
      ],
    });
    expect(await rename({ name: 'x'.repeat(200) })).toMatchObject({ __typename: 'RenameCollectionSuccess' });
  });
});

describe('deleteCollection', () => {
  it('asks for the name, and deletes nothing without', async () => {
    for (const confirmName of ['', 'Test', 'test ', collectionId])
      expect(await remove({ confirmName })).toMatchObject({
        __typename: 'InvalidInputError',
        issues: [{ path: ['input', 'confirmName'], message: 'must be the name of the collection.' }],
      });
    const { data } = await graph.graphql('{ collections { nodes { collectionId } } }');
    expect(data.collections.nodes).toEqual([{ collectionId }]);
  });

  it('leaves nothing of it in the graph, and the entries as they are', async () => {
    const bytes = tinyPicture('00000000000000ff');
    const { contentHash } = await graph.store(bytes);
    await graph.add(collectionId, bytes, { imageId: 'one' });
    const deleted = await remove({ confirmName: 'test' });
    expect(deleted).toMatchObject({ __typename: 'DeleteCollectionSuccess', collectionId });
    const { data } = await graph.graphql(
      /* GraphQL */ `
        query ($id: ID!, $collectionId: String!, $contentHash: ContentHash!) {
          node(id: $id) { id }
          collection(collectionId: $collectionId) { name }
          collections { nodes { name } }
          image(collectionId: $collectionId, imageId: "one") { imageId }
          entry(contentHash: $contentHash) { url collectionImages { imageId } }
        }
      `,
      { id: deleted.deletedId, collectionId, contentHash },
    );
    expect(data).toEqual({
      node: null,
      collection: null,
      collections: { nodes: [] },
      image: null,
      entry: { url: 'https://x.example/', collectionImages: [] },
    });
    expect(await remove({ confirmName: 'test' })).toEqual({
      __typename: 'NotFoundError',
      message: `There is no collection ${collectionId}.`,
    });
  });
});

describe('rotateCollectionKeys', () => {
  it('gives other keys each time', async () => {
    const [first, second] = [await rotate(), await rotate()];
    expect(first).toMatchObject({ __typename: 'RotateCollectionKeysSuccess', collection: { name: 'test' } });
    expect(second.publicKey).not.toBe(first.publicKey);
    expect(second.secretKey).not.toBe(first.secretKey);
  });
});

it('all three say which service failed, and that a collection is not there', async () => {
  const all = () => [
    rename({ name: 'x', collectionId: 'none' }),
    remove({ confirmName: 'x', collectionId: 'none' }),
    rotate({ collectionId: 'none' }),
  ];
  for (const result of await Promise.all(all()))
    expect(result).toEqual({ __typename: 'NotFoundError', message: 'There is no collection none.' });
  for (const method of ['renameCollection', 'deleteCollection', 'rotateCollectionKeys'])
    graph.visualsnoop.failures.set(method, unavailable('VISUALSNOOP'));
  for (const result of await Promise.all(all()))
    expect(result).toMatchObject({ __typename: 'ServiceError', service: 'VISUALSNOOP', code: 'UNAVAILABLE' });
});

it('viewer says that everybody may do everything where no keys are set', async () => {
  const { data } = await graph.graphql('{ viewer { scope name collectionIds } }');
  expect(data).toEqual({ viewer: { scope: 'ADMIN', name: null, collectionIds: null } });
});
