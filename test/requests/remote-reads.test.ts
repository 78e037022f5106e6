import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '#src/services/entry.js';
import { type RemoteGateway, startRemoteGateway } from '../harness/remote-gateway.js';

/** Far from each other, so that nothing is similar that was not made so. */
const HASHES = Array.from({ length: 20 }, (_, i) =>
  createHash('sha256').update(String(i)).digest('hex').slice(0, 16),
);

let gateway: RemoteGateway;
let entries: Entry[];
let collectionIds: string[];

beforeEach(async () => {
  gateway = await startRemoteGateway();
  collectionIds = gateway.collectionIds;
  entries = [];
  for (const hash of HASHES) entries.push(await gateway.store(hash));
  // From here on it knows which collections its keys are of.
  await ask('{ collections { nodes { collectionId } } }');
  gateway.reset();
});

afterEach(() => gateway.close());

async function ask(query: string, variables?: object) {
  const { data, errors } = await gateway.graphql(query, variables);
  expect(errors).toBeUndefined();
  return data;
}

/** Each of these requests, and no other, was made once. */
const once = (...requests: string[]) => Object.fromEntries(requests.map((request) => [request, 1]));

const SEARCH = 'GET /images/search?url_contains=';
const meta = ({ contentHash }: Entry) => `GET /images/meta/${contentHash}`;
const lookup = ({ url }: Entry) => `GET /images/lookup?${new URLSearchParams({ url })}`;
const similar = ({ perceptualHash }: Entry, distance = 4) =>
  `GET /images/similar?perceptual_hash=${perceptualHash}&max_hamming_distance=${distance}`;
const imageOf = (imageId: string) => `GET /image/${imageId}`;

describe('The collections', () => {
  it('are asked for once by each key, by the first who needs them, and never again', async () => {
    const fresh = await startRemoteGateway();
    const query = '{ a: collections { nodes { name } } b: collections(first: 1) { nodes { collectionId } } }';
    await fresh.graphql(query);
    await fresh.graphql(query);
    expect(fresh.visualsnoop.counts).toEqual({ 'GET /collection?session=init': 2 });
    expect(fresh.imgcache.counts).toEqual({});
    await fresh.close();
  });
});

describe('A page of entries', () => {
  it('is one request, whatever is selected of it', async () => {
    const { entries: page } = await ask(`{
      entries { nodes { id contentHash url urls fileUrl createdAt } edges { cursor } pageInfo { hasNextPage } }
    }`);
    expect(page.nodes.map(({ urls }: { urls: string[] }) => urls)).toEqual(
      entries.map(({ url }) => [url]).toReversed(),
    );
    expect(gateway.imgcache.counts).toEqual(once(SEARCH));
    expect(gateway.visualsnoop.counts).toEqual({});
  });

  it('is one request for all its aliases', async () => {
    await ask('{ a: entries { nodes { id } } b: entries(first: 3) { nodes { url } } }');
    expect(gateway.imgcache.counts).toEqual(once(SEARCH));
  });

  it('asks for the look-alikes of each entry once, and for no entry that came with them', async () => {
    await ask(
      `{ entries { nodes { similar { hammingDistance entry { id urls collectionImages { entry { url } } } } } } }`,
    );
    expect(gateway.imgcache.counts).toEqual(once(SEARCH, ...entries.map((entry) => similar(entry))));
  });

  it('asks each collection once for each entry', async () => {
    const [first] = collectionIds;
    await gateway.add(first!, HASHES[0]!);
    const { entries: page } = await ask(`{
      entries { nodes {
        collectionImages { imageTime collection { name } entry { contentHash similar { hammingDistance } } }
      } }
    }`);
    expect(page.nodes.at(-1).collectionImages).toHaveLength(1);
    expect(gateway.visualsnoop.counts).toEqual(
      Object.fromEntries(entries.map(({ contentHash }) => [imageOf(contentHash), collectionIds.length])),
    );
    expect(gateway.imgcache.counts).toEqual(once(SEARCH, similar(entries[0]!)));
  });
});

describe('One entry', () => {
  it('is asked for once under all its aliases, as a node and by its key', async () => {
    const [entry] = entries;
    const { a } = await ask('query ($h: ContentHash!) { a: entry(contentHash: $h) { id } }', {
      h: entry!.contentHash,
    });
    gateway.reset();
    await ask(
      `query ($h: ContentHash!, $id: ID!) {
        a: entry(contentHash: $h) { url }
        b: entry(contentHash: $h) { width }
        c: entriesByContentHash(contentHashes: [$h, $h]) { height }
        d: node(id: $id) { id }
        e: nodes(ids: [$id]) { id }
        f: similar(to: { contentHash: $h }, collectionIds: []) { perceptualHash }
      }`,
      { h: entry!.contentHash, id: a.id },
    );
    expect(gateway.imgcache.counts).toEqual(once(meta(entry!), similar(entry!)));
  });

  it('is asked for once by a URL, and not again by the content hash that it has', async () => {
    const [entry] = entries;
    await gateway.add(collectionIds[0]!, HASHES[0]!);
    await ask(
      `query ($url: String!) {
        a: entryByUrl(url: $url) { id collectionImages { entry { contentHash } } }
        b: entriesByUrl(urls: [$url, $url]) { id }
      }`,
      { url: entry!.url },
    );
    expect(gateway.imgcache.counts).toEqual(once(lookup(entry!)));
  });

  it('is asked for once where twenty aliases are of ten different ones', async () => {
    const hashes = entries.slice(0, 10).map(({ contentHash }) => contentHash);
    const aliases = [...hashes, ...hashes].map((hash, i) => `e${i}: entry(contentHash: "${hash}") { url }`);
    await ask(`{ ${aliases.join(' ')} }`);
    expect(gateway.imgcache.counts).toEqual(once(...entries.slice(0, 10).map(meta)));
  });

  it('that is absent is asked for once', async () => {
    const h = 'f'.repeat(64);
    await ask(
      `query ($h: ContentHash!) { a: entry(contentHash: $h) { id } b: entry(contentHash: $h) { id } }`,
      { h },
    );
    expect(gateway.imgcache.counts).toEqual(once(`GET /images/meta/${h}`));
  });
});

describe('Images of collections', () => {
  it('come with their times, and their entries are asked for once each', async () => {
    const ids = [];
    for (const hash of HASHES.slice(0, 5)) ids.push(await gateway.add(collectionIds[0]!, hash));
    for (const id of ['x', 'y']) await gateway.add(collectionIds[1]!, HASHES[6]!, '', id);
    const { collections } = await ask(`{
      collections { nodes { name
        images { nodes { imageId imageTime collection { name } entry { url } again: entry { width } } }
      } }
    }`);
    expect(
      collections.nodes.map((each: { images: { nodes: object[] } }) => each.images.nodes.length),
    ).toEqual([5, 2]);
    expect(gateway.visualsnoop.counts).toEqual({ 'GET /images?count=21': 2 });
    expect(gateway.imgcache.counts).toEqual(once(...entries.slice(0, 5).map(meta)));
  });

  it('are listed once, from whichever side the collection is reached', async () => {
    for (const hash of HASHES.slice(0, 5)) await gateway.add(collectionIds[0]!, hash);
    const { collection } = await ask(
      `query ($id: String!) {
        collection(collectionId: $id) {
          images { nodes { collection { images { nodes { imageTime collection { images { nodes { imageId } } } } } } } }
        }
      }`,
      { id: collectionIds[0] },
    );
    expect(collection.images.nodes).toHaveLength(5);
    expect(gateway.visualsnoop.counts).toEqual(once('GET /images?count=21'));
  });

  it('that look alike are asked for once, and their times only when selected', async () => {
    const [collectionId] = collectionIds;
    for (const id of ['a', 'b', 'c']) await gateway.add(collectionId!, HASHES[0]!, id, id);
    const query = (selected: string) =>
      ask(
        `query ($c: String!) {
          image(collectionId: $c, imageId: "a") { similar { rank image { imageId ${selected} } } }
          again: image(collectionId: $c, imageId: "a") { imageTime similar { rank } }
        }`,
        { c: collectionId },
      );
    const { image } = await query('collection { name }');
    expect(image.similar).toHaveLength(2);
    expect(gateway.visualsnoop.counts).toEqual(once(imageOf('a'), 'GET /search/a'));
    gateway.reset();
    await query('imageTime again: imageTime');
    expect(gateway.visualsnoop.counts).toEqual(
      once(imageOf('a'), 'GET /search/a', imageOf('b'), imageOf('c')),
    );
  });

  it('are asked for once as copies of an entry, as nodes and by their keys', async () => {
    const [collectionId] = collectionIds;
    const imageId = await gateway.add(collectionId!, HASHES[0]!);
    await ask(
      `query ($c: String!, $h: ContentHash!, $i: String!) {
        entry(contentHash: $h) { collectionImages(collectionIds: [$c]) { id collection { image(imageId: $i) { imageTime } } } }
        image(collectionId: $c, imageId: $i) { imageTime }
        collection(collectionId: $c) { image(imageId: $i) { imageTime } }
      }`,
      { c: collectionId, h: imageId, i: imageId },
    );
    expect(gateway.visualsnoop.counts).toEqual(once(imageOf(imageId)));
    expect(gateway.imgcache.counts).toEqual(once(meta(entries[0]!)));
  });
});

describe('Look-alikes in both services', () => {
  const BOTH = `query ($h: ContentHash!) {
    similar(to: { contentHash: $h }) {
      perceptualHash
      entries { entry { url } hammingDistance }
      images { image { imageId entry { url } collection { name } } rank }
      matches { score contentHash entry { url } images { image { imageId } } }
      searches { service outcome }
    }
  }`;

  it('are asked for by id in each collection that has the picture, and the bytes by nobody', async () => {
    for (const id of collectionIds) await gateway.add(id, HASHES[0]!);
    const { contentHash } = entries[0]!;
    await ask(BOTH, { h: contentHash });
    expect(gateway.imgcache.counts).toEqual(once(meta(entries[0]!), similar(entries[0]!)));
    expect(gateway.visualsnoop.counts).toEqual({
      [imageOf(contentHash)]: 2,
      [`GET /search/${contentHash}`]: 2,
    });
  });

  it('are asked for by the bytes elsewhere, which are fetched once', async () => {
    await gateway.add(collectionIds[1]!, HASHES[0]!, 'other bytes', 'other');
    const { contentHash } = entries[0]!;
    await ask(BOTH, { h: contentHash });
    expect(gateway.imgcache.counts).toEqual(
      once(meta(entries[0]!), similar(entries[0]!), `GET /images/${contentHash}`),
    );
    expect(gateway.visualsnoop.counts).toEqual({ [imageOf(contentHash)]: 2, 'POST /search': 2 });
  });
});
