import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { golden, picture, post, startGateway, type TestGateway } from '../harness/gateway.js';
import { LogLines } from '../harness/log-lines.js';

const READ = 'read-key-of-the-test';
const ADMIN = 'admin-key-of-the-test';
const LIMITED = 'limited-key-of-the-test';
const PRIVATE = 'photos/35-chelsea.png';
const PUBLIC = 'photos/03-fig.jpg';
const AWKWARD_ID = 'a/b%2F ü?#日';

const ADD = `mutation ($input: AddImageInput!) {
  addImage(input: $input) { __typename ... on AddImageSuccess { image { imageId } } } }`;
const CREATE = `mutation { createCollection(input: { name: "test" }) {
  ... on CreateCollectionSuccess { collection { collectionId } } } }`;
const IMAGE = `query ($collectionId: String!, $imageId: String!) { image(collectionId: $collectionId, imageId: $imageId) {
  fileUrl contentHash contentType fileSizeBytes width height thumbnail { url width height } } }`;
const ENTRY = `{ entry(contentHash: "${golden(PUBLIC).blake2b256}") { fileUrl thumbnail { url } } }`;

const lines = new LogLines('info');
let gateway: TestGateway;
let mine: string;
let others: string;

const settings = () => ({
  apiKeys: loadConfig({
    LOOKALIKE_API_KEYS: `read:${READ},admin:${ADMIN},read@${mine ?? 'none'}:${LIMITED}`,
  }).apiKeys!,
});

const asked = (key: string, query: string, variables: object = {}) =>
  post(gateway.url, JSON.stringify({ query, variables }), {
    'content-type': 'application/json',
    'x-api-key': key,
  });
const bytesOf = async (address: string, headers: Record<string, string> = {}) => {
  const response = await fetch(address, { headers });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
};
const withoutQuery = (address: string) => address.replace(/\?.*/, '');

beforeAll(async () => {
  const open = await startGateway();
  gateway = open;
  [mine, others] = [
    (await open.graphql(CREATE)).data.createCollection.collection.collectionId,
    (await open.graphql(CREATE)).data.createCollection.collection.collectionId,
  ];
  for (const collectionId of [mine, others]) {
    const input = { collectionId, imageId: AWKWARD_ID, image: { upload: null } };
    const added = await open.upload(ADD, { input }, { 'input.image.upload': picture(PRIVATE) });
    expect(added.data.addImage.__typename).toBe('AddImageSuccess');
  }
  const form = new FormData();
  form.set('url', 'https://x.example/');
  form.set('client_name', 'test');
  form.set('file', new Blob([picture(PUBLIC)]), 'x');
  expect((await fetch(`${open.url}/imgcache/images`, { method: 'POST', body: form })).status).toBe(201);
  await open.stop();
  gateway = await startGateway({ ...settings(), dataDir: open.dataDir }, { log: lines.log });
});
afterAll(() => gateway.close());

const image = async (key: string, collectionId = mine) =>
  (await asked(key, IMAGE, { collectionId, imageId: AWKWARD_ID })).data.image;

describe('The address of a picture, with keys set', () => {
  it('is good without a key, for itself alone', async () => {
    const { data } = await asked(READ, ENTRY);
    const { fileUrl, thumbnail } = data.entry;
    const file = await bytesOf(fileUrl);
    expect([file.status, file.bytes.equals(picture(PUBLIC))]).toEqual([200, true]);
    expect(file.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(file.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect((await bytesOf(thumbnail.url)).status).toBe(200);
    expect((await bytesOf(withoutQuery(fileUrl))).status).toBe(401);
    const moved = `${withoutQuery(fileUrl)}${new URL(thumbnail.url).search}`;
    const refused = await bytesOf(moved);
    expect([refused.status, JSON.parse(refused.bytes.toString()).error]).toEqual([
      403,
      'The signature is not that of this address.',
    ]);
    expect((await bytesOf(fileUrl.replace('/files/', '/graphql/'))).status).toBe(401);
    const elsewhere = await fetch(`${gateway.url}/metrics${new URL(fileUrl).search}`);
    expect(elsewhere.status).toBe(401);
  });

  it('is the same in every response of a day', async () => {
    const [first, second] = [await asked(READ, ENTRY), await asked(ADMIN, ENTRY)];
    // Were it midnight in between, a third response has that of the second.
    if (first.data.entry.fileUrl !== second.data.entry.fileUrl)
      expect((await asked(READ, ENTRY)).data).toEqual(second.data);
    else expect(first.data).toEqual(second.data);
  });

  it('serves ranges and 304 as any other does', async () => {
    const { fileUrl } = await image(READ);
    const range = await bytesOf(fileUrl, { range: 'bytes=10-19' });
    expect([range.status, range.bytes]).toEqual([206, picture(PRIVATE).subarray(10, 20)]);
    const etag = range.headers.get('etag')!;
    expect((await bytesOf(fileUrl, { 'if-none-match': etag })).status).toBe(304);
  });

  it('of an image names collection and image, with the facts of its bytes', async () => {
    const found = await image(LIMITED);
    const { blake2b256, width, height } = golden(PRIVATE);
    expect(found).toMatchObject({
      contentHash: blake2b256,
      contentType: 'image/png',
      fileSizeBytes: picture(PRIVATE).length,
      width,
      height,
    });
    const path = `/collections/${mine}/images/${encodeURIComponent(AWKWARD_ID)}/${blake2b256}`;
    expect(new URL(found.fileUrl).pathname).toBe(path);
    expect((await bytesOf(found.fileUrl)).bytes.equals(picture(PRIVATE))).toBe(true);
    const thumbnail = await bytesOf(found.thumbnail.url);
    const size = await sharp(thumbnail.bytes).metadata();
    expect([size.width, size.height]).toEqual([found.thumbnail.width, found.thumbnail.height]);
  });

  it('holds also when a proxy encodes it in another way', async () => {
    const { fileUrl } = await image(READ);
    const lower = fileUrl.replace(/%[\dA-F]{2}/g, (code: string) => code.toLowerCase());
    expect(lower).not.toBe(fileUrl);
    expect((await bytesOf(lower)).status).toBe(200);
  });

  it('never opens a picture that is only in a collection by its content hash', async () => {
    const { blake2b256: hash } = golden(PRIVATE);
    for (const key of [READ, ADMIN, LIMITED])
      for (const path of [`/files/${hash}`, `/thumbnails/${hash}/160.webp`])
        expect([path, (await bytesOf(`${gateway.url}${path}`, { 'x-api-key': key })).status]).toEqual([
          path,
          404,
        ]);
  });

  it('is, with a key, for those who see the collection', async () => {
    const rows = [
      [READ, mine, 200],
      [ADMIN, others, 200],
      [LIMITED, mine, 200],
      [LIMITED, others, 404],
      ['wrong-key-of-the-test', mine, 401],
    ] as const;
    for (const [key, collectionId, status] of rows) {
      const { fileUrl, thumbnail } = await image(ADMIN, collectionId);
      for (const address of [fileUrl, thumbnail.url])
        expect([key, address, (await bytesOf(withoutQuery(address), { 'x-api-key': key })).status]).toEqual([
          key,
          address,
          status,
        ]);
    }
    expect(await image(LIMITED, others)).toBeNull();
  });

  it('is a 404 once the image has other bytes', async () => {
    const input = (collectionId: string) => ({
      collectionId,
      imageId: 'changes',
      image: { upload: null },
      updateExisting: true,
    });
    const upload = async (name: string) => {
      const form = new FormData();
      form.set('operations', JSON.stringify({ query: ADD, variables: { input: input(mine) } }));
      form.set('map', '{"0":["variables.input.image.upload"]}');
      form.set('0', new Blob([picture(name)]));
      const headers = { 'x-api-key': ADMIN, 'apollo-require-preflight': '1' };
      await fetch(`${gateway.url}/graphql`, { method: 'POST', body: form, headers });
    };
    await upload('photos/03-fig.jpg');
    const variables = { collectionId: mine, imageId: 'changes' };
    const before = (await asked(READ, IMAGE, variables)).data.image;
    expect((await bytesOf(before.fileUrl)).status).toBe(200);
    await upload('photos/05-wine.jpg');
    expect((await bytesOf(before.fileUrl)).status).toBe(404);
    expect((await bytesOf(before.thumbnail.url)).status).toBe(404);
    const after = (await asked(READ, IMAGE, variables)).data.image;
    expect((await bytesOf(after.fileUrl)).bytes.equals(picture('photos/05-wine.jpg'))).toBe(true);
  });

  it('leaves no signature in the log', async () => {
    const { fileUrl } = await image(READ);
    const signature = new URL(fileUrl).searchParams.get('sig')!;
    lines.clear();
    await bytesOf(fileUrl);
    await bytesOf(fileUrl.replace(signature, 'forged'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { text } = lines;
    expect(text).toContain('/collections/');
    expect(text).not.toContain(signature);
    expect(text).not.toContain('sig=');
  });

  it('holds over a restart, and is void when the keys or the data folder are others', async () => {
    const { fileUrl } = await image(READ);
    const { pathname, search } = new URL(fileUrl);
    const { dataDir } = gateway;
    const statusWith = async (changed: object) => {
      await gateway.stop();
      gateway = await startGateway({ ...settings(), dataDir, ...changed });
      return (await bytesOf(`${gateway.url}${pathname}${search}`)).status;
    };
    expect(await statusWith({})).toBe(200);
    expect(await statusWith({ apiKeys: settings().apiKeys.slice(0, 2) })).toBe(403);
    // Of one that is open, no address needs to be signed.
    expect(await statusWith({ apiKeys: undefined })).toBe(200);
    const { data } = await gateway.graphql(ENTRY);
    expect(data.entry.fileUrl).toBe(`${gateway.url}/files/${golden(PUBLIC).blake2b256}`);
    expect(await statusWith({})).toBe(200);
    const elsewhere = await startGateway(settings());
    expect((await bytesOf(`${elsewhere.url}${pathname}${search}`)).status).toBe(403);
    await elsewhere.close();
  });

  it('is an expired one after its time', async () => {
    const { dataDir } = gateway;
    await gateway.stop();
    gateway = await startGateway({ ...settings(), dataDir, linkTtl: 1 });
    const { fileUrl } = await image(READ);
    let status = 200;
    let body = '';
    while (status === 200) {
      const response = await fetch(fileUrl);
      status = response.status;
      body = await response.text();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect([status, JSON.parse(body).error]).toEqual([
      403,
      'This address has expired: ask for the picture again, and use the new one.',
    ]);
  });

  it('has the base of PUBLIC_URL, and is good without its path, which a proxy takes away', async () => {
    const { dataDir } = gateway;
    await gateway.stop();
    gateway = await startGateway({ ...settings(), dataDir, publicUrl: 'https://pictures.example/base' });
    const { fileUrl } = await image(READ);
    expect(fileUrl).toMatch(/^https:\/\/pictures\.example\/base\/collections\//);
    expect((await bytesOf(fileUrl.replace('https://pictures.example/base', gateway.url))).status).toBe(200);
  });

  it('tells of bytes that are gone as of a failure of ours', async () => {
    const { blake2b256: hash } = golden(PUBLIC);
    rmSync(join(gateway.dataDir, 'blobs', hash.slice(0, 2), hash.slice(2, 4), hash));
    const headers = { 'x-api-key': READ };
    expect((await bytesOf(`${gateway.url}/thumbnails/${hash}/640.webp`, headers)).status).toBe(500);
    expect(String(gateway.reported.at(-1))).toContain('lost');
  });
});
