import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../harness/patience.js';
import { type RemoteGateway, startRemoteGateway } from '../harness/remote-gateway.js';

const MAX_IMGCACHE = 12;
const MAX_VISUALSNOOP = 32;

let gateway: RemoteGateway;
let collectionId: string;

beforeEach(async () => {
  gateway = await startRemoteGateway({ collections: 1 });
  collectionId = gateway.collectionIds[0]!;
  await gateway.graphql('{ collections { nodes { collectionId } } }');
  gateway.reset();
});

afterEach(() => gateway.close());

const contentHash = (n: number) => n.toString(16).padStart(64, '0');
const keys = (from: number, count: number) => Array.from({ length: count }, (_, i) => contentHash(from + i));

const ENTRIES =
  'query ($hashes: [ContentHash!]!) { entriesByContentHash(contentHashes: $hashes) { contentHash } }';
const IMAGES = `query ($c: String!) { collection(collectionId: $c) {
  ${keys(0, 100)
    .map((id, i) => `i${i}: image(imageId: "${id}") { imageId }`)
    .join(' ')}
} }`;

describe('Requests at the same time', () => {
  it('that ask the same share one request to the service', async () => {
    const entry = await gateway.store('0123456789abcdef');
    gateway.imgcache.delayMs = 100;
    gateway.visualsnoop.delayMs = 100;
    const query = `query ($h: ContentHash!) {
      entry(contentHash: $h) { url similar { hammingDistance } collectionImages { imageId } }
      entries { nodes { contentHash } }
    }`;
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => gateway.graphql(query, { h: entry.contentHash })),
    );
    for (const { data } of answers) expect(data.entry.url).toBe(entry.url);
    expect(gateway.imgcache.counts).toEqual({
      [`GET /images/meta/${entry.contentHash}`]: 1,
      'GET /images/search?url_contains=': 1,
      [`GET /images/similar?perceptual_hash=${entry.perceptualHash}&max_hamming_distance=4`]: 1,
    });
    expect(gateway.visualsnoop.counts).toEqual({ [`GET /image/${entry.contentHash}`]: 1 });
  });

  it('that come one after the other each ask anew', async () => {
    await gateway.graphql(ENTRIES, { hashes: keys(0, 1) });
    await gateway.graphql(ENTRIES, { hashes: keys(0, 1) });
    expect(gateway.imgcache.counts).toEqual({ [`GET /images/meta/${contentHash(0)}`]: 2 });
  });

  it('never have more than 12 requests under way at imgcache', async () => {
    gateway.imgcache.delayMs = 10;
    const answers = await Promise.all(
      [0, 100].map((from) => gateway.graphql(ENTRIES, { hashes: keys(from, 100) })),
    );
    expect(answers.map(({ errors }) => errors)).toEqual([undefined, undefined]);
    expect(gateway.imgcache.requests).toHaveLength(200);
    expect(gateway.imgcache.maxConcurrent).toBe(MAX_IMGCACHE);
  });

  it('never have more than 32 requests under way at VisualSnoop', async () => {
    gateway.visualsnoop.delayMs = 10;
    const other = IMAGES.replaceAll('"00', '"ff');
    const answers = await Promise.all(
      [IMAGES, other].map((query) => gateway.graphql(query, { c: collectionId })),
    );
    expect(answers.map(({ errors }) => errors)).toEqual([undefined, undefined]);
    expect(gateway.visualsnoop.requests).toHaveLength(200);
    expect(gateway.visualsnoop.maxConcurrent).toBe(MAX_VISUALSNOOP);
  });
});

describe('A client that goes away', () => {
  /** Sends a query and does not wait for its answer. */
  function send(query: string, variables: object) {
    const sent = request(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    sent.on('error', () => {});
    sent.end(JSON.stringify({ query, variables }));
    return sent;
  }

  it('leaves nothing running, and no further request begins', async () => {
    gateway.imgcache.delayMs = 300;
    const gone = send(ENTRIES, { hashes: keys(0, 100) });
    await until(() => gateway.imgcache.requests.length === MAX_IMGCACHE);
    gone.destroy();
    await sleep(1000);
    expect(gateway.imgcache.requests).toHaveLength(MAX_IMGCACHE);
    expect(gateway.imgcache.running).toBe(0);
  });

  it('ends the work of nested fields', async () => {
    for (let i = 0; i < 40; i++) await gateway.store(i.toString(16).padStart(16, '0'));
    gateway.imgcache.delayMs = 300;
    gateway.visualsnoop.delayMs = 300;
    const gone = send(
      '{ entries(first: 40) { nodes { similar { hammingDistance } collectionImages { id } } } }',
      {},
    );
    await until(() => gateway.visualsnoop.requests.length === MAX_VISUALSNOOP);
    gone.destroy();
    const begun = gateway.imgcache.requests.length;
    await sleep(1000);
    expect(gateway.imgcache.requests).toHaveLength(begun);
    expect(gateway.visualsnoop.requests).toHaveLength(MAX_VISUALSNOOP);
    expect(gateway.imgcache.running + gateway.visualsnoop.running).toBe(0);
  });

  it('does not end what another one waits for', async () => {
    const entry = await gateway.store('0123456789abcdef');
    gateway.imgcache.delayMs = 300;
    const gone = send(ENTRIES, { hashes: [entry.contentHash] });
    await until(() => gateway.imgcache.requests.length === 1);
    const staying = gateway.graphql(ENTRIES, { hashes: [entry.contentHash] });
    await sleep(100);
    gone.destroy();
    expect((await staying).data.entriesByContentHash).toEqual([{ contentHash: entry.contentHash }]);
    expect(gateway.imgcache.requests).toHaveLength(1);
  });
});
