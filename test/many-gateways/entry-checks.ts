import type { GatewayClient } from './gateway-client.js';

/** Something that a gateway must say after a change was acknowledged. */
export interface Check {
  name: string;
  holds(gateway: GatewayClient): Promise<boolean>;
}

/** An entry as its only writer left it. */
export interface KnownEntry {
  contentHash: string;
  perceptualHash: string;
  bytes: Buffer<ArrayBuffer>;
  /** In the order of their coming; all that it ever had when it is gone. */
  urls: readonly string[];
}

const RADII = [0, 4, 10, 64];

const SIMILAR = `query ($hash: PerceptualHash!, $distance: Int!) {
  similar(to: { perceptualHash: $hash }, collectionIds: [], maxHammingDistance: $distance) {
    entries { hammingDistance entry { contentHash urls } }
  }
}`;
const BY_URL = 'query ($url: String!) { entryByUrl(url: $url) { contentHash } }';
const BY_HASH = 'query ($hash: ContentHash!) { entry(contentHash: $hash) { contentHash urls } }';
const FILTERED = `query ($url: String!) {
  entries(filter: { urlContains: $url }) { nodes { contentHash } }
}`;
const NEWEST = '{ entries(first: 100) { nodes { contentHash } } }';

/** What every gateway must find of an entry. */
export function entryIsThere({ contentHash, perceptualHash, bytes, urls }: KnownEntry): Check[] {
  const last = urls.at(-1)!;
  const isIt = (found: { contentHash?: string; content_hash?: string } | null) =>
    (found?.contentHash ?? found?.content_hash) === contentHash;
  return [
    ...RADII.map((distance) => ({
      name: `similar within ${distance}`,
      async holds(gateway: GatewayClient) {
        const { similar } = await gateway.query(SIMILAR, { hash: perceptualHash, distance });
        const found = similar.entries.find(({ entry }: { entry: KnownEntry }) => isIt(entry));
        return found?.hammingDistance === 0 && sameUrls(found.entry.urls, urls);
      },
    })),
    ...RADII.map((distance) => ({
      name: `GET /images/similar within ${distance}`,
      holds: async (gateway: GatewayClient) =>
        (await wireSimilar(gateway, perceptualHash, distance)).some(isIt),
    })),
    {
      name: 'entryByUrl',
      holds: async (gateway) => isIt((await gateway.query(BY_URL, { url: last })).entryByUrl),
    },
    {
      name: 'GET /images/lookup',
      holds: async (gateway) => isIt((await gateway.imgcache('GET', '/images/lookup', { url: last })).json()),
    },
    {
      name: 'entry',
      holds: async (gateway) =>
        sameUrls((await gateway.query(BY_HASH, { hash: contentHash })).entry?.urls, urls),
    },
    {
      name: 'GET /images/meta',
      async holds(gateway) {
        const path = `/images/meta/${contentHash}`;
        return sameUrls((await gateway.imgcache('GET', path, { all_urls: 'true' })).json().urls, urls);
      },
    },
    {
      name: 'entries by a part of a URL',
      holds: async (gateway) =>
        (await gateway.query(FILTERED, { url: last.slice(3) })).entries.nodes.some(isIt),
    },
    {
      name: 'GET /images/search',
      async holds(gateway) {
        const found = await gateway.imgcache('GET', '/images/search', { url_contains: last });
        return found.json().some(isIt);
      },
    },
    {
      name: '/files',
      holds: async (gateway) => (await gateway.request('GET', `/files/${contentHash}`)).bytes.equals(bytes),
    },
    {
      name: 'GET /images',
      holds: async (gateway) => (await gateway.imgcache('GET', `/images/${contentHash}`)).bytes.equals(bytes),
    },
  ];
}

/** It has to be on the first page: so much is not stored at a time. */
export function entryIsNewest({ contentHash }: KnownEntry): Check {
  return {
    name: 'the first page of entries',
    holds: async (gateway) =>
      (await gateway.query(NEWEST, {})).entries.nodes.some(
        (node: KnownEntry) => node.contentHash === contentHash,
      ),
  };
}

/** What no gateway may find any more. */
export function entryIsGone({ contentHash, perceptualHash, urls }: KnownEntry): Check[] {
  const last = urls.at(-1)!;
  const isMissing = async (gateway: GatewayClient, path: string, query = {}) =>
    (await gateway.imgcache('GET', path, query)).status === 404;
  return [
    ...RADII.map((distance) => ({
      name: `not similar within ${distance}`,
      async holds(gateway: GatewayClient) {
        const { similar } = await gateway.query(SIMILAR, { hash: perceptualHash, distance });
        return similar.entries.every(({ entry }: { entry: KnownEntry }) => entry.contentHash !== contentHash);
      },
    })),
    {
      name: 'no GET /images/similar within 64',
      holds: async (gateway) =>
        (await wireSimilar(gateway, perceptualHash, 64)).every(
          ({ content_hash }) => content_hash !== contentHash,
        ),
    },
    ...urls.map((url) => ({
      name: 'no entryByUrl',
      holds: async (gateway: GatewayClient) => (await gateway.query(BY_URL, { url })).entryByUrl === null,
    })),
    {
      name: 'no GET /images/lookup',
      holds: (gateway) => isMissing(gateway, '/images/lookup', { url: last }),
    },
    {
      name: 'no entry',
      holds: async (gateway) => (await gateway.query(BY_HASH, { hash: contentHash })).entry === null,
    },
    { name: 'no GET /images/meta', holds: (gateway) => isMissing(gateway, `/images/meta/${contentHash}`) },
    {
      name: 'no entries by a part of a URL',
      holds: async (gateway) => (await gateway.query(FILTERED, { url: last })).entries.nodes.length === 0,
    },
    {
      name: 'no /files',
      holds: async (gateway) => (await gateway.request('GET', `/files/${contentHash}`)).status === 404,
    },
  ];
}

async function wireSimilar(
  gateway: GatewayClient,
  perceptualHash: string,
  distance: number,
): Promise<{ content_hash: string }[]> {
  const query = { perceptual_hash: perceptualHash, max_hamming_distance: String(distance), limit: '20' };
  return (await gateway.imgcache('GET', '/images/similar', query)).json();
}

function sameUrls(found: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return JSON.stringify(found) === JSON.stringify(wanted);
}
