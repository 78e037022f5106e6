import { blake3 } from 'hash-wasm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CacheServer } from '../fakes/cache-server.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';

const PICTURE = tinyPicture('0f1e2d3c4b5a6978');
const IMAGE = { base64: PICTURE.toString('base64') };
const ORIGIN = { url: 'https://a.example/p/q.png', clientName: 'test' };
const INGEST = `mutation ($input: IngestImageInput!) { ingestImage(input: $input) { __typename
  ... on IngestImageSuccess { entryStatus imageStatus entry { contentHash } image { imageId } } } }`;

let imgcache: CacheServer;
let gateway: TestGateway;
let collectionId: string;
let contentHash: string;

beforeAll(async () => {
  imgcache = await CacheServer.start();
  gateway = await startGateway({ imgcacheUrl: imgcache.url, imgcacheBucket: 'parts' });
  const { createCollection } = await ask(`mutation { createCollection(input: { name: "test" }) {
    ... on CreateCollectionSuccess { collection { collectionId } } } }`);
  collectionId = createCollection.collection.collectionId;
  contentHash = await blake3(PICTURE);
});
afterAll(async () => {
  await gateway.close();
  await imgcache[Symbol.asyncDispose]();
});
beforeEach(() => {
  imgcache.rows.length = 0;
});

async function ask(query: string, variables: object = {}) {
  const { data, errors } = await gateway.graphql(query, variables);
  expect(errors).toBeUndefined();
  return data;
}

const ingest = async () =>
  (await ask(INGEST, { input: { collectionId, image: IMAGE, ...ORIGIN } })).ingestImage;

describe('A gateway before an imgcache with /cache', () => {
  it('says which protocol it speaks', async () => {
    const { services } = await ask('{ services { name mode status dialect message } }');
    expect(services).toEqual([
      { name: 'VISUALSNOOP', mode: 'EMBEDDED', status: 'UP', dialect: null, message: null },
      { name: 'IMGCACHE', mode: 'REMOTE', status: 'UP', dialect: 'CACHE', message: null },
    ]);
  });

  it('joins entries and images by the hash of the service', async () => {
    expect(await ingest()).toEqual({
      __typename: 'IngestImageSuccess',
      entryStatus: 'CREATED',
      imageStatus: 'ADDED',
      entry: { contentHash },
      image: { imageId: contentHash },
    });
    expect(await ingest()).toMatchObject({ entryStatus: 'UNCHANGED', imageStatus: 'UNCHANGED' });
    expect(imgcache.rows).toMatchObject([{ bucket: 'parts', hash: contentHash }]);
    const { entry, image } = await ask(
      `query ($hash: ContentHash!, $collectionId: String!) {
        entry(contentHash: $hash) { url urls perceptualHash collectionImages { imageId collection { collectionId } } }
        image(collectionId: $collectionId, imageId: "${contentHash}") { entry { url contentHash } } }`,
      { hash: contentHash, collectionId },
    );
    expect(entry).toEqual({
      url: ORIGIN.url,
      urls: [ORIGIN.url],
      perceptualHash: '0f1e2d3c4b5a6978',
      collectionImages: [{ imageId: contentHash, collection: { collectionId } }],
    });
    expect(image.entry).toEqual({ url: ORIGIN.url, contentHash });
  });

  it('finds the entry and the image of a picture as one', async () => {
    await ingest();
    const query = `query ($to: SimilarToInput!) { similar(to: $to) {
      entries { likeness entry { contentHash } } matches { contentHash entry { url } images { image { imageId } } } } }`;
    const { similar } = await ask(query, { to: { image: IMAGE } });
    expect(similar.entries).toEqual([{ likeness: 'IDENTICAL', entry: { contentHash } }]);
    expect(similar.matches).toEqual([
      { contentHash, entry: { url: ORIGIN.url }, images: [{ image: { imageId: contentHash } }] },
    ]);
    const { similar: ofEntry } = await ask(query, { to: { contentHash } });
    expect([ofEntry.entries, ofEntry.matches]).toEqual([[], []]);
    const { similar: ofImage } = await ask(query, { to: { member: { collectionId, imageId: contentHash } } });
    expect([ofImage.entries, ofImage.matches]).toEqual([[], []]);
  });

  it('adds entries to a collection under their hash, without the bytes being sent by the client', async () => {
    const other = tinyPicture('00ff00ff00ff00ff');
    const store = `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }`;
    await ask(store, { input: { image: { base64: other.toString('base64') }, ...ORIGIN } });
    const hash = await blake3(other);
    const add = `mutation ($input: AddEntriesToCollectionInput!) { addEntriesToCollection(input: $input) {
      ... on AddEntriesToCollectionSuccess { results { __typename ... on AddImageSuccess { status image { imageId } } } } } }`;
    const input = { collectionId, contentHashes: [hash] };
    for (const status of ['ADDED', 'UNCHANGED']) {
      const { addEntriesToCollection } = await ask(add, { input });
      expect(addEntriesToCollection.results).toEqual([
        { __typename: 'AddImageSuccess', status, image: { imageId: hash } },
      ]);
    }
  });

  it('refuses what the service takes for no image', async () => {
    const store = `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename ... on InvalidImageError { message } } }`;
    imgcache.refuseNext("Rejected: content resolved to 'application/octet-stream', not an image.");
    const { storeEntry } = await ask(store, { input: { image: IMAGE, ...ORIGIN } });
    expect(storeEntry).toEqual({
      __typename: 'InvalidImageError',
      message: 'This imgcache does not take the image: it does not know images of this kind.',
    });
    imgcache.refuseNext('content_hash does not match uploaded content');
    const form = new FormData();
    form.set('url', ORIGIN.url);
    form.set('client_name', 'test');
    form.set('file', new Blob([new Uint8Array(PICTURE)]), 'x.png');
    const response = await fetch(`${gateway.url}/imgcache/images`, { method: 'POST', body: form });
    expect([response.status, await response.json()]).toEqual([
      422,
      { detail: 'imgcache does not take the bytes: they were changed on their way to it.' },
    ]);
  });

  it('asks once for a page, and for whole entries where fields ask that lists leave out', async () => {
    for (let index = 0; index < 30; index++) {
      const bytes = tinyPicture(index.toString(16).padStart(16, '0')).toString('base64');
      await ask('mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename } }', {
        input: { image: { base64: bytes }, url: `https://a.example/${index}.png`, clientName: 'test' },
      });
    }
    imgcache.requests.reset();
    const page = `query ($after: String) { entries(first: 20, after: $after) {
      nodes { id url contentHash contentType width createdAt fileUrl } pageInfo { hasNextPage endCursor } } }`;
    const { entries: first } = await ask(page);
    expect(imgcache.requests.requests).toHaveLength(1);
    expect(first.nodes).toHaveLength(20);
    const { entries: rest } = await ask(page, { after: first.pageInfo.endCursor });
    expect(imgcache.requests.requests).toHaveLength(2);
    expect([...first.nodes, ...rest.nodes].map(({ url }) => url)).toEqual(
      Array.from({ length: 30 }, (_, index) => `https://a.example/${29 - index}.png`),
    );
    imgcache.requests.reset();
    const { entries } = await ask(
      '{ entries(first: 5) { nodes { perceptualHash originalFilename urls urlCount similar(first: 1) { hammingDistance } } } }',
    );
    expect(entries.nodes[0]).toMatchObject({
      perceptualHash: '000000000000001d',
      originalFilename: '29.png',
      urls: ['https://a.example/29.png'],
      urlCount: 1,
    });
    const metas = imgcache.requests.requests.filter((request) => request.startsWith('GET /cache/meta/'));
    expect(metas).toHaveLength(5);
  });

  it('gives the bytes and thumbnails, and deletes', async () => {
    await ingest();
    const { entry } = await ask(
      `{ entry(contentHash: "${contentHash}") { fileUrl thumbnail(width: W160) { url } } }`,
    );
    const file = await fetch(entry.fileUrl);
    expect([file.status, Buffer.from(await file.arrayBuffer())]).toEqual([200, PICTURE]);
    expect((await fetch(entry.thumbnail.url)).headers.get('content-type')).toBe('image/webp');
    const remove = `mutation { deleteEntry(input: { contentHash: "${contentHash}" }) { __typename } }`;
    expect((await ask(remove)).deleteEntry.__typename).toBe('DeleteEntrySuccess');
    expect((await ask(remove)).deleteEntry.__typename).toBe('NotFoundError');
    expect(imgcache.rows).toEqual([]);
  });
});

describe('A gateway before a gateway before an imgcache with /cache', () => {
  it('stores, finds and gives bytes under the hash of that', async () => {
    const outer = await startGateway({ imgcacheUrl: `${gateway.url}/imgcache` });
    try {
      const store = `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename
        ... on StoreEntrySuccess { status entry { contentHash fileUrl } } } }`;
      const { data } = await outer.graphql(store, { input: { image: IMAGE, ...ORIGIN } });
      expect(data.storeEntry).toMatchObject({ status: 'CREATED', entry: { contentHash } });
      const file = await fetch(data.storeEntry.entry.fileUrl);
      expect([file.status, Buffer.from(await file.arrayBuffer())]).toEqual([200, PICTURE]);
      const found = await outer.graphql(
        '{ entries { nodes { contentHash perceptualHash } } services { dialect } }',
      );
      expect(found.data.entries.nodes).toEqual([{ contentHash, perceptualHash: '0f1e2d3c4b5a6978' }]);
      expect(found.data.services.map((each: { dialect: string | null }) => each.dialect)).toContain('IMAGES');
    } finally {
      await outer.close();
    }
  });
});

describe('A gateway whose imgcache has no buckets', () => {
  it('says so to whoever names one, and tells null of them', async () => {
    // The older protocol has none, whatever is behind it.
    const outer = await startGateway({ imgcacheUrl: `${gateway.url}/imgcache` });
    try {
      const { data } = await outer.graphql('{ buckets entries { nodes { bucket } } }');
      expect(data).toEqual({ buckets: null, entries: { nodes: [] } });
      const failed = await outer.graphql('{ entryByUrl(url: "x", bucket: "a") { url } }');
      expect(failed.errors).toMatchObject([
        { extensions: { code: 'SERVICE_UNSUPPORTED', service: 'IMGCACHE' } },
      ]);
      const { data: stored } = await outer.graphql(
        'mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename ... on ServiceError { code message } } }',
        { input: { image: IMAGE, ...ORIGIN, bucket: 'a' } },
      );
      expect(stored.storeEntry).toEqual({
        __typename: 'ServiceError',
        code: 'UNSUPPORTED',
        message: 'This imgcache has no buckets.',
      });
      expect((await fetch(`${outer.url}/buckets/a/files/${contentHash}`)).status).toBe(404);
    } finally {
      await outer.close();
    }
  });
});
