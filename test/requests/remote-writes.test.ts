import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { type RemoteGateway, startRemoteGateway } from '../harness/remote-gateway.js';

const HASH = '0123456789abcdef';

let gateway: RemoteGateway;
let collectionId: string;

beforeEach(async () => {
  gateway = await startRemoteGateway({ collections: 1 });
  collectionId = gateway.collectionIds[0]!;
  await ask('{ collections { nodes { collectionId } } }');
  gateway.reset();
});

afterEach(() => gateway.close());

async function ask(query: string, variables?: object) {
  const { data, errors } = await gateway.graphql(query, variables);
  expect(errors).toBeUndefined();
  return data;
}

const image = { base64: tinyPicture(HASH).toString('base64') };
const origin = { url: 'https://x.example/', clientName: 'test' };

const INGEST = `mutation ($input: IngestImageInput!) {
  ingestImage(input: $input) {
    ... on IngestImageSuccess {
      entry { contentHash url }
      image { imageId imageTime collection { name } entry { url } }
    }
  }
}`;

describe('Ingesting', () => {
  it('is one request to each service, whatever is selected of the answer', async () => {
    const { ingestImage } = await ask(INGEST, { input: { collectionId, image, ...origin } });
    const { contentHash } = ingestImage.entry;
    expect(ingestImage.image.entry.url).toBe(origin.url);
    expect(gateway.imgcache.counts).toEqual({ 'POST /images': 1 });
    expect(gateway.visualsnoop.counts).toEqual({ [`POST /image/${contentHash}`]: 1 });
  });

  it('of what is there already asks once whether it is', async () => {
    await gateway.store(HASH);
    const imageId = await gateway.add(collectionId, HASH);
    await ask(INGEST, { input: { collectionId, image, ...origin } });
    expect(gateway.imgcache.counts).toEqual({ 'POST /images': 1 });
    expect(gateway.visualsnoop.counts).toEqual({
      [`POST /image/${imageId}`]: 1,
      [`GET /image/${imageId}`]: 1,
    });
  });
});

describe('A write', () => {
  it('makes the same request read anew what it changed', async () => {
    const { contentHash } = await gateway.store(HASH);
    const { before, after } = await ask(
      `mutation ($h: ContentHash!) {
        before: deleteEntry(input: { contentHash: $h }) { __typename }
        after: deleteEntry(input: { contentHash: $h }) { __typename }
      }`,
      { h: contentHash },
    );
    expect([before.__typename, after.__typename]).toEqual(['DeleteEntrySuccess', 'NotFoundError']);
    expect(gateway.imgcache.counts).toEqual({ [`DELETE /images/${contentHash}`]: 2 });
  });

  it('of one service leaves what was read from the other', async () => {
    const { contentHash } = await gateway.store(HASH);
    await gateway.add(collectionId, HASH, '', 'a');
    const { first, second } = await ask(
      `mutation ($c: String!, $i: String!, $image: ImageInput!) {
        first: addImage(input: { collectionId: $c, image: $image, imageId: $i }) {
          ... on AddImageSuccess { image { entry { url } collection { images { nodes { imageId } } } } }
        }
        second: deleteImage(input: { collectionId: $c, imageId: "a" }) { __typename }
        third: addImage(input: { collectionId: $c, image: $image, imageId: $i, updateExisting: true }) {
          ... on AddImageSuccess { image { entry { url } collection { images { nodes { imageId } } } } }
        }
      }`,
      { c: collectionId, i: contentHash, image },
    );
    expect(first.image.collection.images.nodes).toHaveLength(2);
    expect(second.__typename).toBe('DeleteImageSuccess');
    expect(gateway.imgcache.counts).toEqual({ [`GET /images/meta/${contentHash}`]: 1 });
    expect(gateway.visualsnoop.counts).toEqual({
      [`POST /image/${contentHash}`]: 1,
      'GET /images?count=21': 2,
      'DELETE /image/a': 1,
      [`PUT /image/${contentHash}`]: 1,
    });
  });
});
