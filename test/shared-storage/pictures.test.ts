import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '#src/config.js';
import { describeParts } from '../e2e/parts.js';
import { golden, picture, post, startGateway, type TestGateway } from '../harness/gateway.js';
import { SharedServers, sharedStorageMissing } from '../harness/shared-servers.js';
import { SWIFT_KEYS } from '../harness/swift.js';

const ADMIN = 'admin-key-of-the-test';
const PHOTO = 'photos/35-chelsea.png';
const TURNED = 'odd/exif-orientation-6.jpg';
const CREATE = `mutation { createCollection(input: { name: "test" }) {
  ... on CreateCollectionSuccess { collection { collectionId } } } }`;
const ADD = `mutation ($input: AddImageInput!) { addImage(input: $input) { __typename } }`;
const IMAGES = `query ($collectionId: String!) { collection(collectionId: $collectionId) { images { nodes {
  imageId fileUrl contentHash contentType fileSizeBytes width height thumbnail(width: W160) { url width height } } } } }`;

describe.skipIf(sharedStorageMissing)(
  `Pictures on PostgreSQL and S3 ${sharedStorageMissing ? `(${sharedStorageMissing})` : ''}`,
  () => {
    let servers: Awaited<ReturnType<typeof SharedServers.startOwn>>;
    let one: TestGateway;
    let other: TestGateway;
    let collectionId: string;

    const asked = async (query: string, variables: object = {}) => {
      const headers = { 'content-type': 'application/json', 'x-api-key': ADMIN };
      const { data, errors } = await post(one.url, JSON.stringify({ query, variables }), headers);
      expect(errors).toBeUndefined();
      return data;
    };
    const images = async () => (await asked(IMAGES, { collectionId })).collection.images.nodes;
    const elsewhere = (address: string) => address.replace(one.url, other.url);

    beforeAll(async () => {
      for (const [name, value] of Object.entries(SWIFT_KEYS)) vi.stubEnv(name, value);
      servers = await SharedServers.startOwn();
      const { databaseUrl, blobsUrl } = await servers.create();
      const { apiKeys } = loadConfig({ LOOKALIKE_API_KEYS: `admin:${ADMIN}` });
      one = await startGateway({ databaseUrl, blobsUrl, apiKeys });
      other = await startGateway({ databaseUrl, blobsUrl, apiKeys });
      collectionId = (await asked(CREATE)).createCollection.collection.collectionId;
      for (const name of [PHOTO, TURNED]) {
        const input = {
          collectionId,
          imageId: name.replace('/', '-'),
          image: { base64: picture(name).toString('base64') },
        };
        expect((await asked(ADD, { input })).addImage.__typename).toBe('AddImageSuccess');
      }
    });

    afterAll(async () => {
      await one?.close();
      await other?.close();
      await servers?.[Symbol.asyncDispose]();
      vi.unstubAllEnvs();
    });

    it('are known by their bytes where imgcache has no entry', async () => {
      for (const node of await images()) {
        const name = [PHOTO, TURNED].find((each) => each.replace('/', '-') === node.imageId)!;
        const { blake2b256, width, height, content_type: contentType } = golden(name);
        expect(node).toMatchObject({ contentHash: blake2b256, contentType, width, height });
        expect(node.fileSizeBytes).toBe(picture(name).length);
      }
    });

    it('have addresses that every gateway takes, and thumbnails of the size that is told', async () => {
      for (const { fileUrl, thumbnail, contentHash } of await images()) {
        const bytes = Buffer.from(await (await fetch(elsewhere(fileUrl))).arrayBuffer());
        expect([PHOTO, TURNED].some((name) => bytes.equals(picture(name)))).toBe(true);
        const small = await fetch(elsewhere(thumbnail.url));
        const size = await sharp(Buffer.from(await small.arrayBuffer())).metadata();
        expect([contentHash, size.width, size.height]).toEqual([
          contentHash,
          thumbnail.width,
          thumbnail.height,
        ]);
        const range = await fetch(fileUrl, { headers: { range: 'bytes=5-9' } });
        expect(Buffer.from(await range.arrayBuffer())).toEqual(bytes.subarray(5, 10));
      }
    });

    describeParts('PostgreSQL and S3', async () => startGateway(await servers.create()));

    it('that are kept are served while the object store is down, and no others', async () => {
      const [{ thumbnail, fileUrl }] = await images();
      expect((await fetch(thumbnail.url)).status).toBe(200);
      await servers.swift.stopProxy();
      expect((await fetch(thumbnail.url)).status).toBe(200);
      const headers = { 'x-api-key': ADMIN };
      const larger = thumbnail.url.replace(/\/160\.webp.*/, '/640.jpg');
      const refused = await fetch(larger, { headers });
      expect([refused.status, refused.headers.get('cache-control')]).toEqual([503, null]);
      expect((await fetch(fileUrl)).status).toBe(503);
      expect([...one.reported, ...other.reported]).toEqual([]);
    });
  },
);
