import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { golden, picture, post, startGateway, type TestGateway } from '../harness/gateway.js';

const READ = 'read-key-of-the-test';
const TURNED = 'odd/exif-orientation-6.jpg';
const PHOTO = 'photos/35-chelsea.png';
const INGEST = `mutation ($input: IngestImageInput!) { ingestImage(input: $input) { __typename } }`;
const ADD = `mutation ($input: AddImageInput!) { addImage(input: $input) { __typename } }`;
const CREATE = `mutation { createCollection(input: { name: "test" }) {
  ... on CreateCollectionSuccess { publicKey secretKey collection { collectionId } } } }`;
const IMAGES = `query ($collectionId: String!) { collection(collectionId: $collectionId) { images { nodes {
  imageId fileUrl contentHash contentType fileSizeBytes width height thumbnail { url width height } } } } }`;

let services: TestGateway;
let gateway: TestGateway;
let collectionId: string;
let remote: object;

beforeAll(async () => {
  services = await startGateway();
  const { createCollection } = (await services.graphql(CREATE)).data;
  collectionId = createCollection.collection.collectionId;
  for (const name of [TURNED, PHOTO]) {
    const input = {
      collectionId,
      image: { base64: picture(name).toString('base64') },
      url: `https://x.example/${name}`,
      clientName: 'test',
    };
    expect((await services.graphql(INGEST, { input })).data.ingestImage.__typename).toBe(
      'IngestImageSuccess',
    );
  }
  const input = { collectionId, imageId: 'no-entry', image: { base64: picture(PHOTO).toString('base64') } };
  await services.graphql(ADD, { input });
  const { publicKey, secretKey } = createCollection;
  remote = {
    imgcacheUrl: `${services.url}/imgcache`,
    visualsnoopUrl: `${services.url}/visualsnoop/api/v1`,
    visualsnoopKeys: [{ publicKey, secretKey }],
  };
  gateway = await startGateway(remote);
});
afterAll(async () => {
  await gateway.close();
  await services.close();
});

describe('Pictures of remote services', () => {
  it('have thumbnails of exactly the size that is told', async () => {
    for (const name of [TURNED, PHOTO]) {
      const query = `{ entry(contentHash: "${golden(name).blake2b256}") {
        width height thumbnail(width: W160) { url width height } } }`;
      const { data, errors } = await gateway.graphql(query);
      expect(errors).toBeUndefined();
      const { width, height, thumbnail } = data.entry;
      expect(thumbnail.width > thumbnail.height).toBe(name === TURNED ? height > width : width > height);
      const response = await fetch(thumbnail.url);
      const found = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
      expect([name, found.width, found.height]).toEqual([name, thumbnail.width, thumbnail.height]);
    }
  });

  it('are known of an image by the entry that its id names, and not otherwise', async () => {
    const { nodes } = (await gateway.graphql(IMAGES, { collectionId })).data.collection.images;
    const byId = new Map<string, object>(nodes.map((node: { imageId: string }) => [node.imageId, node]));
    const { blake2b256: hash, width, height } = golden(PHOTO);
    expect(byId.get(hash)).toMatchObject({
      fileUrl: `${gateway.url}/files/${hash}`,
      contentHash: hash,
      contentType: 'image/png',
      fileSizeBytes: picture(PHOTO).length,
      width,
      height,
      thumbnail: { url: `${gateway.url}/thumbnails/${hash}/320.webp` },
    });
    expect(byId.get('no-entry')).toEqual({
      imageId: 'no-entry',
      fileUrl: null,
      contentHash: null,
      contentType: null,
      fileSizeBytes: null,
      width: null,
      height: null,
      thumbnail: null,
    });
    const path = `/collections/${collectionId}/images/no-entry/${hash}`;
    for (const address of [path, `${path}/160.webp`])
      expect([address, (await fetch(`${gateway.url}${address}`)).status]).toEqual([address, 404]);
  });

  it('are signed with the same key by every gateway of these services, whatever its folder', async () => {
    const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: `read:${READ}` });
    const [one, other] = [
      await startGateway({ ...remote, apiKeys }),
      await startGateway({ ...remote, apiKeys }),
    ];
    const query = `{ entry(contentHash: "${golden(PHOTO).blake2b256}") { thumbnail { url } } }`;
    const headers = { 'content-type': 'application/json', 'x-api-key': READ };
    const { url } = (await post(one.url, JSON.stringify({ query }), headers)).data.entry.thumbnail;
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(one.url, other.url))).status).toBe(200);
    await one.close();
    await other.close();
  });

  it('of more bytes than may be uploaded have none', async () => {
    const small = await startGateway({ ...remote, maxUploadBytes: 1000 });
    const { blake2b256: hash } = golden(PHOTO);
    expect((await fetch(`${small.url}/thumbnails/${hash}/160.webp`)).status).toBe(404);
    expect((await fetch(`${small.url}/files/${hash}`)).status).toBe(200);
    await small.close();
  });

  it('fail with the service, and tell so', async () => {
    const path = `/thumbnails/${golden(PHOTO).blake2b256}/1280.webp`;
    await services.stop();
    const response = await fetch(`${gateway.url}${path}`);
    expect([response.status, response.headers.get('cache-control')]).toEqual([503, null]);
    services = await startGateway({ dataDir: services.dataDir });
    expect(gateway.reported).toEqual([]);
  });
});
