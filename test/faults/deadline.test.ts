import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ServiceName } from '#src/services/errors.js';
import { after, type Behaviour, drip, json, neverAnswer, where } from '../fakes/faulty-server.js';
import {
  CONTENT_HASH,
  type FaultyGateway,
  type HonestServices,
  IMAGE,
  PICTURE_BYTES,
  startFaultyGateway,
  startHonestServices,
} from '../harness/faulty-gateway.js';
import type { GraphQLAnswer } from '../harness/gateway.js';

/** What everybody is promised, whatever a service does. */
const MAX_ANSWER_MS = 12_000;
/** Just within the deadline of one call, which is 10 s. */
const JUST_IN_TIME_MS = 9_500;

let services: HonestServices;
beforeAll(async () => {
  services = await startHonestServices();
});
afterAll(() => services[Symbol.asyncDispose]());

const wireEntries = Array.from({ length: 50 }, (_, i) => ({
  url: `https://x.example/${i}`,
  content_hash: i.toString(16).padStart(64, '0'),
  content_type: 'image/jpeg',
  file_size_bytes: 1000,
  original_filename: null,
  width: 10,
  height: 10,
  perceptual_hash: i.toString(16).padStart(16, '0'),
  client_name: 'test',
  lookup_time: '2026-01-01T00:00:00',
  created_at: '2026-01-01T00:00:00',
}));

const ORIGIN = { url: 'https://x.example/', clientName: 'test' };
const STORE = 'storeEntry(input: $input) { __typename ... on ServiceError { code retryable } }';
const NODES = wireEntries.concat(wireEntries).map((_, i) => {
  const key = (i + 1000).toString(16).padStart(64, '0');
  return Buffer.from(`Entry:${key}`).toString('base64url');
});

interface Case {
  name: string;
  remote: ServiceName;
  behaviour(honest: Behaviour): Behaviour;
  query: string;
  variables?: (gateway: FaultyGateway) => object;
  /** What comes all the same, and how the rest failed. */
  check(answer: GraphQLAnswer): void;
}

const hasTimedOut = ({ errors }: GraphQLAnswer, service: ServiceName) => {
  expect(errors?.length).toBeGreaterThan(0);
  for (const { extensions } of errors!)
    expect(extensions).toEqual({ code: 'SERVICE_TIMEOUT', service, retryable: true });
};

/** Pages of one image, each with the address of a next one. */
const endlessPages: Behaviour = (exchange) => {
  const number = Number(/start=(\d+)/.exec(exchange.request.path)?.[1] ?? 0);
  const page = {
    status: 200,
    message: 'OK',
    collection_id: services.collection.collection.collectionId,
    images: [{ id: String(number), image_time: '2026-01-01T00:00:00+00:00' }],
    next_image_id: String(number + 1),
  };
  return after(3_000, json(page))(exchange);
};

/** A row that does not tell its URLs, and then nothing. */
const manyUrls = where(
  /all_urls/,
  neverAnswer,
  after(JUST_IN_TIME_MS, json({ ...wireEntries[0], content_hash: CONTENT_HASH, more_urls: true })),
);

const CASES: Case[] = [
  {
    name: 'a page at the last moment, and nothing for what is nested in it',
    remote: 'IMGCACHE',
    behaviour: () => where(/search/, after(JUST_IN_TIME_MS, json(wireEntries)), neverAnswer),
    query: '{ entries(first: 50) { nodes { url similar { hammingDistance } } } }',
    check: (answer) => {
      expect(answer.data.entries.nodes).toHaveLength(50);
      hasTimedOut(answer, 'IMGCACHE');
    },
  },
  {
    name: 'nested reads that queue, level upon level',
    remote: 'IMGCACHE',
    behaviour: () => after(3_000, json(wireEntries)),
    query:
      '{ entries(first: 50) { nodes { url similar(maxHammingDistance: 64) { entry { similar(maxHammingDistance: 63) { hammingDistance } } } } } }',
    check: (answer) => {
      expect(answer.data.entries.nodes).toHaveLength(50);
      hasTimedOut(answer, 'IMGCACHE');
    },
  },
  {
    name: 'a hundred nodes, each of them at the last moment',
    remote: 'IMGCACHE',
    behaviour: () => after(JUST_IN_TIME_MS, json(wireEntries[0])),
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } collections { nodes { collectionId } } }',
    variables: () => ({ ids: NODES }),
    check: (answer) => {
      expect(answer.data.collections.nodes.length).toBeGreaterThan(0);
      expect(answer.data.nodes).toEqual(Array(100).fill(null));
      hasTimedOut(answer, 'IMGCACHE');
    },
  },
  {
    name: 'the bytes of a picture to search with, drop by drop',
    remote: 'IMGCACHE',
    behaviour: (honest) => where(/images\/[0-9a-f]{64}$/, drip, honest),
    query: `{ similar(to: { contentHash: "${CONTENT_HASH}" }) { entries { hammingDistance } searches { service outcome } } }`,
    check: ({ data, errors }) => {
      expect(errors).toBeUndefined();
      expect(data.similar.searches).toContainEqual({ service: 'IMGCACHE', outcome: 'SEARCHED' });
    },
  },
  {
    name: 'changes in one document, each of them at the last moment',
    remote: 'IMGCACHE',
    behaviour: (honest) => after(JUST_IN_TIME_MS, honest),
    query: `mutation ($input: StoreEntryInput!) { first: ${STORE} second: ${STORE} third: ${STORE} }`,
    variables: () => ({ input: { image: IMAGE, ...ORIGIN } }),
    check: ({ data }) => {
      const overdue = { __typename: 'ServiceError', code: 'TIMEOUT', retryable: true };
      expect(data).toEqual({ first: { __typename: 'StoreEntrySuccess' }, second: overdue, third: overdue });
    },
  },
  {
    name: 'a search that never ends',
    remote: 'VISUALSNOOP',
    behaviour: () => neverAnswer,
    query:
      'query ($to: SimilarToInput!) { similar(to: $to) { entries { hammingDistance } images { rank } } }',
    variables: () => ({ to: { image: IMAGE } }),
    check: (answer) => {
      expect(answer.data.similar).toEqual({ entries: [{ hammingDistance: 0 }], images: null });
      hasTimedOut(answer, 'VISUALSNOOP');
    },
  },
  {
    name: 'an image that is never taken, twice',
    remote: 'VISUALSNOOP',
    behaviour: () => neverAnswer,
    query: `mutation ($input: IngestImageInput!, $add: AddImageInput!) {
      ingestImage(input: $input) { ... on IngestImagePartial { entry { contentHash } imageError { ... on ServiceError { code retryable } } } }
      addImage(input: $add) { ... on ServiceError { code retryable } }
    }`,
    variables: ({ collectionId }) => ({
      input: { collectionId, image: IMAGE, ...ORIGIN },
      add: { collectionId, image: IMAGE },
    }),
    check: ({ data }) => {
      expect(data.ingestImage).toEqual({
        entry: { contentHash: CONTENT_HASH },
        // Its id tells whether it was added.
        imageError: { code: 'TIMEOUT', retryable: true },
      });
      // It was sent, and nobody knows what became of it.
      expect(data.addImage).toEqual({ code: 'TIMEOUT', retryable: false });
    },
  },
  {
    name: 'pages of images that lead from one to the next',
    remote: 'VISUALSNOOP',
    behaviour: () => endlessPages,
    query:
      'query ($c: String!) { collection(collectionId: $c) { name images(first: 100) { nodes { imageId } } } }',
    variables: ({ collectionId }) => ({ c: collectionId }),
    check: (answer) => {
      expect(answer.data.collection).toEqual({ name: 'test', images: null });
      hasTimedOut(answer, 'VISUALSNOOP');
    },
  },
];

async function withGateway<T>(remote: ServiceName, use: (gateway: FaultyGateway) => Promise<T>): Promise<T> {
  const gateway = await startFaultyGateway(remote, services);
  try {
    return await use(gateway);
  } finally {
    await gateway.close();
  }
}

async function timed<T>(work: Promise<T>): Promise<{ answer: T; ms: number }> {
  const start = performance.now();
  const answer = await work;
  return { answer, ms: performance.now() - start };
}

vi.setConfig({ maxConcurrency: 12 });

describe.concurrent('The whole answer comes within 12 s when a service gives', () => {
  it.for(CASES)('$name', ({ remote, behaviour, query, variables, check }) =>
    withGateway(remote, async (gateway) => {
      gateway.service.behave(behaviour(gateway.honest));
      const { answer, ms } = await timed(gateway.graphql(query, variables?.(gateway) ?? {}));
      check(answer);
      expect(ms).toBeLessThan(MAX_ANSWER_MS);
      expect(gateway.reported).toEqual([]);
    }),
  );

  it('a file whose facts come at the last moment, and whose bytes do not', () =>
    withGateway('IMGCACHE', async ({ url, service, honest }) => {
      service.behave(where(/meta/, after(JUST_IN_TIME_MS, honest), neverAnswer));
      const { answer, ms } = await timed(fetch(`${url}/files/${CONTENT_HASH}`));
      expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('etag')]).toEqual([
        504,
        null,
        null,
      ]);
      expect(ms).toBeLessThan(MAX_ANSWER_MS);
    }));

  it('pages to a client of the old protocol that lead from one to the next', () =>
    withGateway('VISUALSNOOP', async (gateway) => {
      gateway.service.behave(endlessPages);
      const { answer, ms } = await timed(gateway.signed('GET', '/images?count=100'));
      expect(answer.status).toBe(504);
      expect(ms).toBeLessThan(MAX_ANSWER_MS);
    }));

  it('a row to a client of the old protocol at the last moment, and never its URLs', () =>
    withGateway('IMGCACHE', async ({ url, service }) => {
      service.behave(manyUrls);
      const path = `/imgcache/images/meta/${CONTENT_HASH}?all_urls=true`;
      const { answer, ms } = await timed(fetch(url + path));
      expect(answer.status).toBe(504);
      expect(ms).toBeLessThan(MAX_ANSWER_MS);
    }));
});

describe('The time of a request', () => {
  it('begins when its body is in', async () => {
    const gateway = await startFaultyGateway('IMGCACHE', services, 300);
    try {
      const { body, status } = await sendSlowly(gateway.url, 2_000);
      expect([status, JSON.parse(body).data]).toEqual([
        200,
        { storeEntry: { __typename: 'StoreEntrySuccess' } },
      ]);
    } finally {
      await gateway.close();
    }
  });
});

/** A multipart request whose last byte comes late. */
function sendSlowly(url: string, ms: number): Promise<{ status: number; body: string }> {
  const operations = JSON.stringify({
    query: `mutation ($input: StoreEntryInput!) { ${STORE} }`,
    variables: { input: { image: { upload: null }, ...ORIGIN } },
  });
  const part = (name: string, value: string) =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b', 'apollo-require-preflight': '1' },
    });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      resolve({ status: response.statusCode!, body: await text(response) });
    });
    sent.write(part('operations', operations) + part('map', '{"0":["variables.input.image.upload"]}'));
    sent.write('--b\r\ncontent-disposition: form-data; name="0"; filename="a.jpg"\r\n\r\n');
    sent.write(PICTURE_BYTES);
    setTimeout(() => sent.end('\r\n--b--\r\n'), ms);
  });
}

describe.each([
  ['IMGCACHE', '{ entries { nodes { url } } }', '{ collections { nodes { name } } }'],
  [
    'VISUALSNOOP',
    'query ($c: String!) { collection(collectionId: $c) { images { nodes { imageId } } } }',
    '{ entries { nodes { url } } }',
  ],
] as const)('While requests wait for %s', (remote, waiting, living) => {
  it('those for the other service are not slowed', async () => {
    const gateway = await startFaultyGateway(remote, services);
    const ask = async (query: string, count: number) => {
      const times: number[] = [];
      for (let i = 0; i < count; i++) {
        const { answer, ms } = await timed(gateway.graphql(query));
        expect(answer.errors).toBeUndefined();
        times.push(ms);
      }
      return times.sort((a, b) => a - b);
    };
    try {
      const before = await ask(living, 50);
      gateway.service.behave(neverAnswer);
      const leaving = new AbortController();
      const held = Array.from({ length: 50 }, () => {
        const body = JSON.stringify({ query: waiting, variables: { c: gateway.collectionId } });
        const headers = { 'content-type': 'application/json' };
        const { signal } = leaving;
        return fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body, signal }).catch(() => null);
      });
      await sleep(100);
      const meanwhile = await ask(living, 50);
      process.stdout.write(
        `\nWhile 50 requests wait for ${remote}, the median of others is ${meanwhile[25]!.toFixed(1)} ms, before ${before[25]!.toFixed(1)} ms.\n`,
      );
      expect(meanwhile[25]).toBeLessThan(before[25]! * 3 + 20);
      leaving.abort();
      await Promise.all(held);
    } finally {
      await gateway.close();
    }
  });
});
