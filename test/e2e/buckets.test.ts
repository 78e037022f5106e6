import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { CacheServer } from '../fakes/cache-server.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';

const PICTURE = tinyPicture('0f1e2d3c4b5a6978');
const IMAGE = { base64: PICTURE.toString('base64') };
const ORIGIN = { url: 'https://a.example/p/q.png', clientName: 'test' };

interface Subject {
  gateway: TestGateway;
  empty(): Promise<void>;
  close(): Promise<void>;
}

type Options = Parameters<typeof startGateway>[0];

const SUBJECTS = [
  {
    name: 'a remote imgcache with /cache',
    defaultBucket: 'parts',
    async start(options?: Options): Promise<Subject> {
      const imgcache = await CacheServer.start();
      const gateway = await startGateway({
        imgcacheUrl: imgcache.url,
        imgcacheBucket: 'parts',
        ...options,
      });
      return {
        gateway,
        empty: async () => void imgcache.rows.splice(0),
        async close() {
          await gateway.close();
          await imgcache[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: 'the embedded imgcache',
    defaultBucket: '',
    async start(options?: Options): Promise<Subject> {
      const gateway = await startGateway(options);
      return { gateway, empty: () => deleteAll(gateway), close: gateway.close };
    },
  },
];

async function asked(gateway: TestGateway, query: string, variables: object = {}) {
  const { data, errors } = await gateway.graphql(query, variables);
  expect(errors).toBeUndefined();
  return data;
}

/** What is in all buckets. */
async function rowsOf(gateway: TestGateway): Promise<{ bucket: string; contentHash: string }[]> {
  const { buckets } = await asked(gateway, '{ buckets }');
  const rows = [];
  for (const bucket of buckets) {
    const query =
      'query ($bucket: String!) { entries(filter: { bucket: $bucket }) { nodes { bucket contentHash } } }';
    rows.push(...(await asked(gateway, query, { bucket })).entries.nodes);
  }
  return rows;
}

async function deleteAll(gateway: TestGateway): Promise<void> {
  for (const input of await rowsOf(gateway))
    await asked(
      gateway,
      'mutation ($input: DeleteEntryInput!) { deleteEntry(input: $input) { __typename } }',
      { input },
    );
}

describe.each(SUBJECTS)('Buckets in the graph, of $name', ({ start, defaultBucket }) => {
  let subject: Subject;
  let collectionId: string;
  beforeAll(async () => {
    subject = await start();
    const { createCollection } = await ask(`mutation { createCollection(input: { name: "test" }) {
      ... on CreateCollectionSuccess { collection { collectionId } } } }`);
    collectionId = createCollection.collection.collectionId;
  });
  afterAll(() => subject.close());
  beforeEach(() => subject.empty());

  const ask = (query: string, variables: object = {}) => asked(subject.gateway, query, variables);
  const rows = () => rowsOf(subject.gateway);

  const STORE = `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename
    ... on StoreEntrySuccess { status entry { id contentHash bucket url fileUrl thumbnail(width: W160) { url } } } } }`;
  const store = async (bucket: string | null, url: string) =>
    (await ask(STORE, { input: { image: IMAGE, url, clientName: 'test', bucket } })).storeEntry;

  it('hold an entry each of the same bytes', async () => {
    const own = (await store(null, 'https://a.example/own')).entry;
    const other = (await store('other & more', 'https://a.example/other')).entry;
    expect([own.bucket, other.bucket]).toEqual([defaultBucket, 'other & more']);
    expect(own.contentHash).toBe(other.contentHash);
    expect(own.id).not.toBe(other.id);
    const { buckets, a, b, c, d, nodes, entries, byHash, byUrl } = await ask(
      `query ($ids: [ID!]!, $hash: ContentHash!, $bucket: String!) {
        buckets
        a: entry(contentHash: $hash) { url }
        b: entry(contentHash: $hash, bucket: $bucket) { url id urls perceptualHash similar { entry { url } } }
        c: entryByUrl(url: "https://a.example/other") { url }
        d: entryByUrl(url: "https://a.example/other", bucket: $bucket) { url bucket }
        nodes(ids: $ids) { ... on Entry { url bucket } }
        entries(filter: { bucket: $bucket }) { totalCount nodes { id url perceptualHash urlCount } }
        byHash: entriesByContentHash(contentHashes: [$hash], bucket: $bucket) { id }
        byUrl: entriesByUrl(urls: ["https://a.example/own"], bucket: $bucket) { id } }`,
      { ids: [own.id, other.id], hash: own.contentHash, bucket: 'other & more' },
    );
    expect(buckets).toEqual([defaultBucket, 'other & more'].toSorted());
    expect([a.url, b.url, c, d.url]).toEqual([own.url, other.url, null, other.url]);
    expect(b).toMatchObject({
      id: other.id,
      urls: [other.url],
      perceptualHash: '0f1e2d3c4b5a6978',
      similar: [],
    });
    expect(nodes).toEqual([
      { url: own.url, bucket: defaultBucket },
      { url: other.url, bucket: 'other & more' },
    ]);
    const listed = { id: other.id, url: other.url, perceptualHash: '0f1e2d3c4b5a6978', urlCount: 1 };
    expect(entries).toEqual({ totalCount: 1, nodes: [listed] });
    expect([byHash, byUrl]).toEqual([[{ id: other.id }], [null]]);
  });

  it('give the bytes and thumbnails of entries that are in no other one', async () => {
    const { entry } = await store('other & more', 'https://a.example/other');
    const { contentHash } = entry;
    expect(new URL(entry.fileUrl).pathname).toBe(`/buckets/other%20%26%20more/files/${contentHash}`);
    const file = await fetch(entry.fileUrl);
    expect([file.status, Buffer.from(await file.arrayBuffer())]).toEqual([200, PICTURE]);
    expect((await fetch(entry.thumbnail.url)).headers.get('content-type')).toBe('image/webp');
    expect((await fetch(`${subject.gateway.url}/files/${contentHash}`)).status).toBe(404);
    expect((await fetch(`${subject.gateway.url}/buckets/third/files/${contentHash}`)).status).toBe(404);
  });

  it('are deleted from, and added to collections from, one by one', async () => {
    const own = (await store(null, 'https://a.example/own')).entry;
    const other = (await store('other', 'https://a.example/other')).entry;
    const { contentHash } = other;
    const add = `mutation ($input: AddEntriesToCollectionInput!) { addEntriesToCollection(input: $input) {
      ... on AddEntriesToCollectionSuccess { results { __typename } } } }`;
    const { addEntriesToCollection } = await ask(add, {
      input: { collectionId, contentHashes: [contentHash, '0'.repeat(64)], bucket: 'other' },
    });
    expect(addEntriesToCollection.results).toMatchObject([
      { __typename: 'AddImageSuccess' },
      { __typename: 'NotFoundError' },
    ]);
    const remove = `mutation ($input: DeleteEntryInput!) { deleteEntry(input: $input) {
      ... on DeleteEntrySuccess { deletedId } } }`;
    const deleted = (await ask(remove, { input: { contentHash, bucket: 'other' } })).deleteEntry;
    expect(deleted.deletedId).toBe(other.id);
    const many = `mutation ($input: DeleteEntriesInput!) { deleteEntries(input: $input) {
      ... on DeleteEntriesSuccess { results { ... on DeleteEntrySuccess { deletedId } } } } }`;
    const all = (await ask(many, { input: { contentHashes: [contentHash], bucket: defaultBucket } }))
      .deleteEntries;
    expect(all.results).toEqual([{ deletedId: own.id }]);
    expect(await rows()).toEqual([]);
  });

  it('have names that lead nowhere else', async () => {
    const { errors } = await subject.gateway.graphql('{ entryByUrl(url: "x", bucket: "../..") { url } }');
    expect(errors).toMatchObject([
      { message: 'bucket must not have slashes.', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect(await store('..', 'https://a.example/x')).toMatchObject({ __typename: 'InvalidInputError' });
    expect(await rows()).toEqual([]);
  });

  it('are named in the older protocol too', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ url: ORIGIN.url, client_name: 'test', bucket: 'other' }))
      form.set(name, value);
    form.set('file', new Blob([new Uint8Array(PICTURE)]), 'x.png');
    const stored = await fetch(`${subject.gateway.url}/imgcache/images`, { method: 'POST', body: form });
    const contentHash = (await stored.json()).content_hash;
    expect(stored.status).toBe(201);
    expect(await rows()).toEqual([{ bucket: 'other', contentHash }]);
    const read = (path: string) => fetch(`${subject.gateway.url}/imgcache/images${path}`);
    for (const path of [
      `/meta/${contentHash}`,
      `/${contentHash}`,
      `/lookup?url=${encodeURIComponent(ORIGIN.url)}`,
    ]) {
      const separator = path.includes('?') ? '&' : '?';
      expect([path, (await read(path)).status]).toEqual([path, 404]);
      expect([path, (await read(`${path}${separator}bucket=other`)).status]).toEqual([path, 200]);
    }
    expect(await (await read('/search?url_contains=&bucket=other')).json()).toHaveLength(1);
    expect((await read(`/meta/${contentHash}?bucket=a/b`)).status).toBe(422);
    const remove = `${subject.gateway.url}/imgcache/images/${contentHash}`;
    expect((await fetch(remove, { method: 'DELETE' })).status).toBe(404);
    expect((await fetch(`${remove}?bucket=other`, { method: 'DELETE' })).status).toBe(204);
  });
});

describe.each(SUBJECTS)('A key limited to buckets, of $name', ({ start, defaultBucket }) => {
  it('is good for these, through every door', async () => {
    const key = 'key-of-the-bucket-parts';
    const admin = 'key-of-the-administrator';
    const apiKeys = loadConfig({
      LOOKALIKE_API_KEYS: `write@bucket=other:${key},admin:${admin}`,
    }).apiKeys;
    const { gateway: guarded, close } = await start({ apiKeys: apiKeys! });
    try {
      const asking = (text: string, input: object = {}, who = key) =>
        fetch(`${guarded.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${who}` },
          body: JSON.stringify({ query: text, variables: { input } }),
        }).then((response) => response.json());
      const storing = `mutation ($input: StoreEntryInput!) { storeEntry(input: $input) { __typename
        ... on ServiceError { code message } ... on StoreEntrySuccess { entry { fileUrl contentHash } } } }`;
      const into = (bucket: string | null, who?: string) =>
        asking(storing, { image: IMAGE, ...ORIGIN, bucket }, who);
      const stored = (await into('other')).data.storeEntry;
      expect(stored.__typename).toBe('StoreEntrySuccess');
      expect((await fetch(stored.entry.fileUrl)).status).toBe(200);
      const { contentHash } = stored.entry;
      const message = 'The key is not good for this bucket of imgcache.';
      for (const bucket of [defaultBucket, 'third', null])
        expect((await into(bucket)).data.storeEntry).toEqual({
          __typename: 'ServiceError',
          code: 'REFUSED',
          message,
        });
      expect((await into(null, admin)).data.storeEntry.__typename).toBe('StoreEntrySuccess');
      const { data, errors } = await asking(
        '{ viewer { buckets } buckets a: entries { totalCount } b: entries(filter: { bucket: "other" }) { totalCount } }',
      );
      expect(data).toEqual({
        viewer: { buckets: ['other'] },
        buckets: ['other'],
        a: null,
        b: { totalCount: 1 },
      });
      expect(errors).toMatchObject([{ path: ['a'], message, extensions: { code: 'SERVICE_REFUSED' } }]);
      const reading = async (path: string) =>
        (await fetch(guarded.url + path, { headers: { 'x-api-key': key } })).status;
      expect(await reading(`/files/${contentHash}`)).toBe(403);
      expect(await reading(`/buckets/third/files/${contentHash}`)).toBe(403);
      expect(await reading(`/buckets/other/files/${contentHash}`)).toBe(200);
      expect(await reading(`/imgcache/images/meta/${contentHash}`)).toBe(403);
      expect(await reading(`/imgcache/images/meta/${contentHash}?bucket=third`)).toBe(403);
      expect(await reading(`/imgcache/images/meta/${contentHash}?bucket=other`)).toBe(200);
    } finally {
      await close();
    }
  });
});
