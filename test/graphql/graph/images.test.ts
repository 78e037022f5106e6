import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stageBytes } from '../../fakes/memory-staging.js';
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
  expect(graph.staging.open).toBe(0);
});

const picture = (n: number) => tinyPicture('0'.repeat(16), 'x'.repeat(n));
const base64 = (bytes: Buffer) => ({ base64: bytes.toString('base64') });
const contentHashOf = async (bytes: Buffer) => (await stageBytes(bytes)).contentHash;

const ADD = /* GraphQL */ `
  mutation ($input: AddImageInput!) {
    addImage(input: $input) {
      __typename
      ... on AddImageSuccess { status image { id imageId imageTime collection { collectionId } } }
      ... on ImageExistsError { image { imageId imageTime } }
      ... on InvalidInputError { issues { path message } }
      ... on ServiceError { service code retryable }
      ... on Error { message }
    }
  }
`;

async function addImage(input: object) {
  const { data, errors } = await graph.graphql(ADD, { input: { collectionId, ...input } });
  expect(errors).toBeUndefined();
  return data.addImage;
}

describe('addImage', () => {
  it('adds, says what is there, and replaces only when that is asked for', async () => {
    const added = await addImage({ image: base64(picture(0)), imageId: 'a' });
    expect(added).toMatchObject({
      __typename: 'AddImageSuccess',
      status: 'ADDED',
      image: { imageId: 'a', imageTime: expect.any(String), collection: { collectionId } },
    });
    const exists = await addImage({ image: base64(picture(1)), imageId: 'a' });
    expect(exists).toMatchObject({
      __typename: 'ImageExistsError',
      image: { imageId: 'a', imageTime: added.image.imageTime },
    });
    const update = { imageId: 'a', updateExisting: true };
    expect(await addImage({ image: base64(picture(1)), ...update })).toMatchObject({ status: 'UPDATED' });
    expect(await addImage({ image: base64(picture(1)), ...update })).toMatchObject({ status: 'UNCHANGED' });
  });

  it('takes an upload, and makes an id when none is given', async () => {
    const input = { collectionId, image: { upload: null } };
    const { data } = await graph.upload(ADD, { input }, { 'input.image.upload': Buffer.from(picture(0)) });
    expect(data.addImage).toMatchObject({ status: 'ADDED', image: { imageId: expect.any(String) } });
  });

  it.each(['', '.', '..', 'x'.repeat(101), 'a\0'])('refuses the id %j, naming it', async (imageId) => {
    expect(await addImage({ image: base64(picture(0)), imageId })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'imageId'] }],
    });
    expect(graph.visualsnoop.calls).toEqual([]);
  });

  it('takes the ids that are odd but may be', async () => {
    for (const imageId of [' ', 'a/b', 'a:b', '"],["', '\u{1f600}'.repeat(100)]) {
      const { image } = await addImage({ image: base64(picture(0)), imageId });
      expect(image.imageId).toBe(imageId);
      const { data } = await graph.graphql(
        'query ($id: ID!) { node(id: $id) { id ... on Image { imageId collection { collectionId } } } }',
        { id: image.id },
      );
      expect(data.node).toEqual({ id: image.id, imageId, collection: { collectionId } });
    }
  });

  it('fails as a member of its result: no collection, no picture, no service', async () => {
    const image = base64(picture(0));
    expect(await addImage({ image, collectionId: 'none' })).toMatchObject({
      __typename: 'NotFoundError',
      message: 'There is no collection none.',
    });
    expect(await addImage({ image: base64(Buffer.from('text')) })).toMatchObject({
      __typename: 'InvalidImageError',
    });
    expect(await addImage({ image: base64(Buffer.alloc(100_001)) })).toMatchObject({
      __typename: 'UploadTooLargeError',
    });
    graph.visualsnoop.failures.set('addImage', unavailable('VISUALSNOOP'));
    expect(await addImage({ image })).toMatchObject({
      __typename: 'ServiceError',
      service: 'VISUALSNOOP',
      code: 'UNAVAILABLE',
      retryable: true,
    });
  });
});

describe('what was read before a change', () => {
  it('is read again after it in the same request', async () => {
    await graph.add(collectionId, picture(0), { imageId: 'a' });
    const add = (more: string) =>
      `addImage(input: { collectionId: "${collectionId}", imageId: "a", image: $image ${more} }) {
        ... on AddImageSuccess { status }
        ... on ImageExistsError { image { imageTime } }
      }`;
    const { data } = await graph.graphql(
      `mutation ($image: ImageInput!) {
        before: ${add('')}
        update: ${add('updateExisting: true')}
        after: ${add('')}
      }`,
      { image: base64(picture(1)) },
    );
    expect(data.update.status).toBe('UPDATED');
    expect(data.after.image.imageTime > data.before.image.imageTime).toBe(true);
  });
});

describe('deleteImage', () => {
  const DELETE = /* GraphQL */ `
    mutation ($collectionId: String!, $imageId: String!) {
      deleteImage(input: { collectionId: $collectionId, imageId: $imageId }) {
        __typename
        ... on DeleteImageSuccess { deletedId imageId imageTime }
        ... on InvalidInputError { issues { path } }
        ... on Error { message }
      }
    }
  `;

  it('deletes once, and says what is gone', async () => {
    const { image } = await addImage({ image: base64(picture(0)), imageId: 'a' });
    const remove = async (imageId: string, from = collectionId) =>
      (await graph.graphql(DELETE, { collectionId: from, imageId })).data.deleteImage;
    expect(await remove('a')).toEqual({
      __typename: 'DeleteImageSuccess',
      deletedId: image.id,
      imageId: 'a',
      imageTime: image.imageTime,
    });
    expect(await remove('a')).toMatchObject({ __typename: 'NotFoundError' });
    expect(await remove('a', 'none')).toMatchObject({ __typename: 'NotFoundError' });
    expect(await remove('..')).toMatchObject({ issues: [{ path: ['input', 'imageId'] }] });
    const { data } = await graph.graphql('query ($id: ID!) { node(id: $id) { id } }', { id: image.id });
    expect(data.node).toBeNull();
  });

  it('is seen by what is read after it in the same request', async () => {
    await graph.add(collectionId, picture(0), { imageId: 'a' });
    const input = `{ collectionId: "${collectionId}", imageId: "a"`;
    const { data } = await graph.graphql(
      /* GraphQL */ `
        mutation ($image: ImageInput!) {
          before: addImage(input: ${input}, image: $image }) { ... on ImageExistsError { image { imageTime } } }
          deleteImage(input: ${input} }) { __typename }
          after: addImage(input: ${input}, image: $image }) { ... on AddImageSuccess { status image { imageTime } } }
        }
      `,
      { image: base64(picture(0)) },
    );
    expect(data.after.status).toBe('ADDED');
    expect(data.after.image.imageTime).not.toBe(data.before.image.imageTime);
  });
});

describe('an image', () => {
  it('is found by its key, and null when there is none', async () => {
    await graph.add(collectionId, picture(0), { imageId: 'a' });
    const { data } = await graph.graphql(
      /* GraphQL */ `
        query ($id: String!) {
          image(collectionId: $id, imageId: "a") { imageId imageTime }
          none: image(collectionId: $id, imageId: "b") { imageId }
          nowhere: image(collectionId: "none", imageId: "a") { imageId }
          collection(collectionId: $id) { image(imageId: "a") { imageId } none: image(imageId: "..") { imageId } }
        }
      `,
      { id: collectionId },
    );
    expect(data).toEqual({
      image: { imageId: 'a', imageTime: expect.any(String) },
      none: null,
      nowhere: null,
      collection: { image: { imageId: 'a' }, none: null },
    });
  });

  it('is joined with the entry of the same bytes, whatever its id', async () => {
    const entry = await graph.store(picture(0));
    await graph.add(collectionId, picture(0), { imageId: 'a' });
    await graph.add(collectionId, picture(0), { imageId: entry.contentHash });
    await graph.add(collectionId, picture(1), { imageId: 'other' });
    const ask = (imageId: string) =>
      graph.graphql(
        'query ($c: String!, $i: String!) { image(collectionId: $c, imageId: $i) { entry { contentHash } } }',
        { c: collectionId, i: imageId },
      );
    const { contentHash } = entry;
    expect((await ask('a')).data.image.entry).toEqual({ contentHash });
    expect((await ask(contentHash)).data.image.entry).toEqual({ contentHash });
    expect((await ask('other')).data.image.entry).toBeNull();
  });

  it('has look-alikes without itself, and their times only when asked for', async () => {
    for (const n of [0, 1, 2, 3]) await graph.add(collectionId, picture(n), { imageId: `${n}` });
    const ask = (fields: string) =>
      graph.graphql(
        `query ($c: String!) { image(collectionId: $c, imageId: "1") { similar(first: 2) { rank image { ${fields} } } } }`,
        { c: collectionId },
      );
    const { data } = await ask('id imageId');
    expect(data.image.similar.map((match: { image: { imageId: string } }) => match.image.imageId)).toEqual([
      '0',
      '2',
    ]);
    expect(graph.visualsnoop.calls.map(([method]) => method)).toEqual(['getImages', 'searchById']);
    graph.visualsnoop.calls.length = 0;
    await ask('imageTime');
    expect(graph.visualsnoop.calls.map(([method]) => method)).toEqual([
      'getImages',
      'searchById',
      'getImages',
    ]);
  });

  it('that went since it was found has no time', async () => {
    await graph.add(collectionId, picture(0), { imageId: 'a' });
    const key = { collectionId, imageId: 'gone' };
    graph.visualsnoop.service.searchById = async () => [{ ...key, rank: 1 }];
    const { data, errors } = await graph.graphql(
      'query ($c: String!) { image(collectionId: $c, imageId: "a") { similar { image { imageId imageTime } } } }',
      { c: collectionId },
    );
    expect(errors).toBeUndefined();
    expect(data.image.similar).toEqual([{ image: { imageId: 'gone', imageTime: null } }]);
  });
});

describe('the copies of an entry', () => {
  it('are asked for once, however many entries there are', async () => {
    const other = await graph.createCollection();
    for (let n = 0; n < 50; n++) {
      await graph.store(picture(n));
      await graph.add(collectionId, picture(n), { imageId: `${n}` });
      await graph.add(other, picture(n), { imageId: `${n}` });
    }
    const { data, errors } = await graph.graphql(
      /* GraphQL */ `
        query ($ids: [String!]) {
          entries(first: 50) {
            nodes { contentHash collectionImages(collectionIds: $ids) { imageId imageTime collection { name } entry { id } } }
          }
        }
      `,
      { ids: [other] },
    );
    expect(errors).toBeUndefined();
    const copies = data.entries.nodes.map((node: { collectionImages: { imageId: string }[] }) =>
      node.collectionImages.map(({ imageId }) => imageId),
    );
    expect(copies).toEqual(Array.from({ length: 50 }, (_, n) => [`${49 - n}`]));
    expect(graph.visualsnoop.calls.map(([method]) => method).toSorted()).toEqual([
      'findByContentHash',
      'getCollections',
      'getContentHashes',
    ]);
    expect(graph.imgcache.calls.map(([method]) => method)).toEqual(['search']);
    expect(graph.visualsnoop.calls.find(([method]) => method === 'getCollections')).toEqual([
      'getCollections',
      [other],
    ]);
  });

  it('are all of them, or those of the asked collections, newest first', async () => {
    const other = await graph.createCollection();
    const { contentHash } = await graph.store(picture(0));
    await graph.add(collectionId, picture(0), { imageId: 'old' });
    await graph.add(other, picture(0), { imageId: 'new' });
    const { data } = await graph.graphql(
      /* GraphQL */ `
        query ($h: ContentHash!, $ids: [String!]) {
          entry(contentHash: $h) {
            all: collectionImages { imageId }
            some: collectionImages(collectionIds: $ids) { imageId }
            one: collectionImages(first: 1) { imageId }
            none: collectionImages(collectionIds: []) { imageId }
          }
        }
      `,
      { h: contentHash, ids: [collectionId, collectionId] },
    );
    expect(data.entry).toEqual({
      all: [{ imageId: 'new' }, { imageId: 'old' }],
      some: [{ imageId: 'old' }],
      one: [{ imageId: 'new' }],
      none: [],
    });
  });

  it('are null with an error when VisualSnoop fails, and the entries stay', async () => {
    const contentHash = await contentHashOf(picture(0));
    await graph.store(picture(0));
    graph.visualsnoop.failures.set('findByContentHash', unavailable('VISUALSNOOP'));
    const { data, errors } = await graph.graphql(
      '{ entries { nodes { contentHash collectionImages { id } } } }',
    );
    expect(data.entries.nodes).toEqual([{ contentHash, collectionImages: null }]);
    expect(errors).toMatchObject([
      { path: ['entries', 'nodes', 0, 'collectionImages'], extensions: { service: 'VISUALSNOOP' } },
    ]);
  });
});

describe('global ids', () => {
  it('that are garbage give null', async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64url');
    const ids = [
      'x',
      encode('Image:'),
      encode('Image:["a"]'),
      encode('Image:["a","b","c"]'),
      encode('Image:[ "a","b"]'),
      encode('Image:["a",1]'),
      encode('Image:["a\\u0000","b"]'),
      encode('Image:["a","\\ud800"]'),
      encode('Image:["a",".."]'),
      encode('Collection:a\0'),
      encode('Collection:none'),
      encode('Error:a'),
      encode('toString:a'),
    ];
    const { data, errors } = await graph.graphql('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    expect(errors).toBeUndefined();
    expect(data.nodes).toEqual(ids.map(() => null));
  });

  it('find all three types in the order of the ids', async () => {
    const entry = await graph.store(picture(0));
    await graph.add(collectionId, picture(0), { imageId: 'a' });
    const { data } = await graph.graphql(
      'query ($c: String!, $h: ContentHash!) { collection(collectionId: $c) { id image(imageId: "a") { id } } entry(contentHash: $h) { id } }',
      { c: collectionId, h: entry.contentHash },
    );
    const ids = [data.collection.image.id, data.entry.id, data.collection.id];
    const found = await graph.graphql('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids });
    expect(found.data.nodes).toEqual([
      { __typename: 'Image', id: ids[0] },
      { __typename: 'Entry', id: ids[1] },
      { __typename: 'Collection', id: ids[2] },
    ]);
  });
});

describe('a bad argument', () => {
  it.each([
    ['{ collections(first: 0) { nodes { id } } }', 'first'],
    ['{ collections(first: 101) { nodes { id } } }', 'first'],
    ['{ collections(after: "x") { nodes { id } } }', 'after'],
    ['{ collection(collectionId: "a\\u0000") { id } }', 'collectionId'],
    ['{ image(collectionId: "a", imageId: "\\u0000") { id } }', 'imageId'],
    ['{ collection(collectionId: "ID") { images(first: 101) { nodes { id } } } }', 'first'],
    ['{ collection(collectionId: "ID") { images(after: "WyJ4IiwieSJd") { nodes { id } } } }', 'after'],
    ['{ image(collectionId: "ID", imageId: "a") { similar(first: 0) { rank } } }', 'first'],
    ['{ entries(after: "WyIyMDI0LTAxLTAxVDAwOjAwOjAwLjAwMDAwMFoiLCJ4Il0") { nodes { id } } }', 'after'],
    ['{ entries { nodes { collectionImages(first: 0) { id } } } }', 'first'],
    [
      `{ entries { nodes { collectionImages(collectionIds: [${'"x",'.repeat(101)}]) { id } } } }`,
      'collectionIds',
    ],
  ])('is BAD_USER_INPUT and named: %s', async (query, argument) => {
    await graph.add(collectionId, picture(0), { imageId: 'a' });
    await graph.store(picture(0));
    const { errors } = await graph.graphql(query.replace('ID', collectionId));
    expect(errors).toHaveLength(1);
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors![0]!.message).toContain(argument);
  });
});
