import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createImgCacheClient, type ImgCacheClient } from '#src/remote/imgcache/client.js';
import { LightSignal } from '#src/request/light-signal.js';
import type { EntryQuery } from '#src/services/entry-query.js';
import type { StagedImage } from '#src/services/staged-image.js';
import {
  type Behaviour,
  bytes,
  closeAfter500,
  drip,
  empty,
  FaultyServer,
  gate,
  html,
  json,
  neverAnswer,
  resetBeforeHead,
  where,
} from '../../fakes/faulty-server.js';
import { hashOf, noEntry, rowOf } from '../../fakes/imgcache-row.js';
import { failureOf, rejectionOf } from '../../fakes/service-calls.js';
import { until } from '../../harness/patience.js';

function connect(server: FaultyServer): ImgCacheClient & AsyncDisposable {
  const client = createImgCacheClient({ baseUrl: server.url, timeoutMs: 10_000, dialect: 'IMAGES' });
  return { ...client, [Symbol.asyncDispose]: () => client.close() };
}

/** The row as the gateway has it. */
const entryOf = (index: number, changes: object = {}) => ({
  url: `https://a.example/${index}.jpg`,
  contentHash: hashOf(index),
  contentType: 'image/jpeg',
  fileSizeBytes: 36959,
  originalFilename: `${index}.jpg`,
  width: 800,
  height: 450,
  perceptualHash: '2f0f0f0707474298',
  clientName: 'wire',
  lookupTime: '2024-01-01T00:00:00.000000Z',
  createdAt: '2026-11-20T23:40:38.150351Z',
  ...changes,
});

/** Knows the entries 1 to 99 by their hashes. */
const metaOf: Behaviour = (exchange) => {
  const index = Number.parseInt(exchange.request.path.split('/').at(-1) ?? '', 16);
  return index >= 1 && index < 100 ? json(rowOf(index))(exchange) : noEntry(exchange);
};

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

describe('getMeta', () => {
  it('asks once for each hash, and answers in the order of the hashes', async () => {
    await using server = await FaultyServer.start(metaOf);
    await using client = connect(server);
    expect(await client.getMeta([2, 1, 200, 2].map(hashOf))).toEqual([
      entryOf(2),
      entryOf(1),
      null,
      entryOf(2),
    ]);
    expect([...server.paths].sort()).toEqual([1, 2, 200].map((index) => `/images/meta/${hashOf(index)}`));
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each(['', 'abc', hashOf(171).toUpperCase(), `${hashOf(1)}0`, `../${hashOf(1).slice(3)}`, 'meta'])(
    'knows without asking that there is nothing under %j',
    async (key) => {
      await using server = await FaultyServer.start(html(500));
      await using client = connect(server);
      expect(await client.getMeta([key])).toEqual([null]);
      expect(await client.getUrls([key])).toEqual([[]]);
      expect(await client.getBytes(key)).toBeNull();
      expect(await client.delete(key)).toBe(false);
      expect(server.requests).toEqual([]);
    },
  );

  it('makes twelve requests at a time and no more', async () => {
    const { held, open } = gate(metaOf);
    await using server = await FaultyServer.start(held);
    await using client = connect(server);
    const many = Array.from({ length: 50 }, (_, index) => hashOf(index + 1));
    const reads = [client.getMeta(many.slice(0, 30)), client.getMeta(many.slice(20))];
    await server.received(12);
    open();
    const [first, second] = await Promise.all(reads);
    expect(first).toEqual(many.slice(0, 30).map((_, index) => entryOf(index + 1)));
    expect(second).toEqual(many.slice(20).map((_, index) => entryOf(index + 21)));
    expect(server.maxConcurrent).toBe(12);
  });

  it('begins no further request when one has failed', async () => {
    await using server = await FaultyServer.start(html(403));
    await using client = connect(server);
    const many = Array.from({ length: 50 }, (_, index) => hashOf(index + 1));
    expect(await failureOf(client.getMeta(many))).toMatchObject({ code: 'REFUSED' });
    await sleep(20);
    expect(server.requests.length).toBeLessThanOrEqual(12);
  });
});

describe('getUrls', () => {
  it('knows the one URL of each entry, from the same request as what else is known of it', async () => {
    const { held, open } = gate(metaOf);
    await using server = await FaultyServer.start(held);
    await using client = connect(server);
    const reads = [client.getUrls([2, 200].map(hashOf)), client.getMeta([2, 200].map(hashOf))];
    await server.received(2);
    open();
    expect(await Promise.all(reads)).toEqual([
      [[entryOf(2).url], []],
      [entryOf(2), null],
    ]);
    expect(server.requests).toHaveLength(2);
  });
});

describe('the URLs of an entry', () => {
  const urls = [entryOf(1).url, 'https://b.example/', 'https://c.example/'];

  it('come with it where the service tells them', async () => {
    await using server = await FaultyServer.start(json(rowOf(1, { urls })));
    await using client = connect(server);
    expect(await client.getMeta([hashOf(1)])).toEqual([entryOf(1, { urls })]);
    expect(await client.getUrls([hashOf(1)])).toEqual([urls]);
    const entries = [entryOf(1, { urls }), entryOf(2), entryOf(3, { urls: null })];
    expect(await client.getFewUrls(entries, 3)).toEqual([urls, [entryOf(2).url], null]);
    expect(await client.getFewUrls(entries, 2)).toEqual([null, [entryOf(2).url], null]);
    expect(server.requests).toHaveLength(2);
  });

  it('are asked for where the service says that there are more than it tells', async () => {
    const more = json(rowOf(1, { more_urls: true }));
    await using server = await FaultyServer.start(
      where(/all_urls=true$/, json(rowOf(1, { urls })), where(/1$/, more, noEntry)),
    );
    await using client = connect(server);
    expect(await client.getMeta([hashOf(1)])).toEqual([entryOf(1, { urls: null })]);
    expect(await client.getUrls([hashOf(1), hashOf(2), hashOf(1)])).toEqual([urls, [], urls]);
    expect(server.paths.filter((path) => path.includes('?'))).toEqual([
      `/images/meta/${hashOf(1)}?all_urls=true`,
    ]);
  });

  it.each([
    { urls: [] },
    { urls: 'https://b.example/' },
    { urls: ['https://b.example/', 1] },
    { urls: null },
  ])('are no %j', async (told) => {
    await using server = await FaultyServer.start(json(rowOf(1, told)));
    await using client = connect(server);
    expect(await failureOf(client.getMeta([hashOf(1)]))).toMatchObject({ code: 'BAD_RESPONSE' });
  });

  it('are all looked into by a search', async () => {
    const rows = [
      rowOf(1, { urls }),
      rowOf(2, { urls: [rowOf(2).url, 'https://d.example/'] }),
      rowOf(3, { more_urls: true }),
      rowOf(4),
    ];
    await using server = await FaultyServer.start(json(rows));
    await using client = connect(server);
    const query = { order: 'OLDEST_FIRST', filter: { urlContains: 'C.example' } } as const;
    const found = (await collect(client.search(query))).map(({ contentHash }) => contentHash);
    expect(found.toSorted()).toEqual([hashOf(1), hashOf(3)]);
  });
});

describe('a 404', () => {
  const calls: Record<string, (client: ImgCacheClient) => Promise<unknown>> = {
    getMeta: (client) => client.getMeta([hashOf(1)]),
    getUrls: (client) => client.getUrls([hashOf(1)]),
    lookup: (client) => client.lookup(['https://a.example/']),
    getBytes: (client) => client.getBytes(hashOf(1)),
    delete: (client) => client.delete(hashOf(1)),
    health: (client) => client.health(),
    search: (client) => collect(client.search({ order: 'NEWEST_FIRST' })),
    similar: (client) => collect(client.similar({ perceptualHash: '0'.repeat(16), maxHammingDistance: 4 })),
  };
  const others: [string, Behaviour][] = [
    ['of the router', json({ detail: 'Not Found' }, 404)],
    ['of a Lookalike without the path', json({ error: 'There is nothing here.' }, 404)],
    ['with more than absence', json({ detail: 'Not found', more: 1 }, 404)],
    ['of another list', json([{ detail: 'Not found' }], 404)],
    ['of a web page', html(404)],
    ['without a body', empty(404)],
    [
      'of a megabyte',
      ({ response }) => void response.writeHead(404).end('{"detail":"Not found"}'.padEnd(2 ** 20)),
    ],
    ['that is cut off', ({ response }) => void response.writeHead(404).end('{"detail":"Not fo')],
  ];

  it.each(
    others.flatMap(([what, behaviour]) => Object.keys(calls).map((call) => [call, what, behaviour] as const)),
  )('to %s %s says that no imgcache answers there', async (call, _, behaviour) => {
    await using server = await FaultyServer.start(where(/^\/health$/, json({ status: 'ok' }), behaviour));
    await using client = connect(server);
    expect(await failureOf(calls[call]!(client))).toMatchObject({
      code: 'BAD_RESPONSE',
      message: 'imgcache does not answer at the address that is set for it.',
      retryable: false,
    });
    expect(client.status().breaker).toBe('CLOSED');
  });

  it('is absence in the words of imgcache, however these are spaced', async () => {
    await using server = await FaultyServer.start(({ response }) => {
      response.writeHead(404).end('{ "detail" : "Not found" }\n');
    });
    await using client = connect(server);
    expect(await client.getMeta([hashOf(1)])).toEqual([null]);
    expect(await client.getBytes(hashOf(1))).toBeNull();
    expect(await client.delete(hashOf(1))).toBe(false);
  });

  it('in the middle of whose body the connection breaks off is told as that', async () => {
    await using server = await FaultyServer.start(async ({ response, socket }) => {
      response.writeHead(404, { 'content-length': '100' }).write('{"detail":');
      await sleep(10);
      socket.resetAndDestroy();
    });
    await using client = connect(server);
    for (const call of ['getMeta', 'getBytes'])
      expect(await failureOf(calls[call]!(client))).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });
});

describe('reads that are made at the same time', () => {
  it('share one request when they read the same', async () => {
    const { held, open } = gate(metaOf);
    await using server = await FaultyServer.start(held);
    await using client = connect(server);
    const reads = [
      client.getMeta([hashOf(1)]),
      client.getMeta([hashOf(1), hashOf(2)]),
      client.getMeta([hashOf(1)]),
    ];
    await server.received(2);
    open();
    expect(await Promise.all(reads)).toEqual([[entryOf(1)], [entryOf(1), entryOf(2)], [entryOf(1)]]);
    expect(server.requests).toHaveLength(2);
    await client.getMeta([hashOf(1)]);
    expect(server.requests).toHaveLength(3);
  });

  it('end only when the last reader has gone', async () => {
    await using server = await FaultyServer.start(neverAnswer);
    await using client = connect(server);
    const [one, other] = [new LightSignal(), new LightSignal()];
    const reads = [client.getMeta([hashOf(1)], one), client.getMeta([hashOf(1)], other)];
    await server.received(1);
    one.abort('one has gone');
    expect(await rejectionOf(reads[0]!)).toBe('one has gone');
    await sleep(20);
    expect(server.running).toBe(1);
    other.abort('the other has gone');
    expect(await rejectionOf(reads[1]!)).toBe('the other has gone');
    await until(() => server.running === 0);
    expect(server.requests).toHaveLength(1);
  });

  it('go on for those who stay', async () => {
    const { held, open } = gate(metaOf);
    await using server = await FaultyServer.start(held);
    await using client = connect(server);
    const controller = new LightSignal();
    const gone = client.getMeta([hashOf(1)], controller);
    const stays = client.getMeta([hashOf(1)]);
    await server.received(1);
    controller.abort('gone');
    expect(await rejectionOf(gone)).toBe('gone');
    open();
    expect(await stays).toEqual([entryOf(1)]);
  });

  it('are not joined after a change', async () => {
    const before = gate(metaOf);
    await using server = await FaultyServer.start(before.held, empty(), noEntry);
    await using client = connect(server);
    const old = client.getMeta([hashOf(1)]);
    await server.received(1);
    await client.delete(hashOf(1));
    expect(await client.getMeta([hashOf(1)])).toEqual([null]);
    before.open();
    expect(await old).toEqual([entryOf(1)]);
    expect(server.requests).toHaveLength(3);
  });
});

describe('lookup', () => {
  it('asks for exactly the URL', async () => {
    const urls = ['https://a.example/x y.jpg?a=1&b=2#f', 'https://a.example/日+%41', 'data:,é', ''];
    await using server = await FaultyServer.start(json(rowOf(1)));
    await using client = connect(server);
    await client.lookup(urls);
    const asked = server.paths.map((path) => new URL(path, server.url));
    expect(asked.map(({ pathname }) => pathname)).toEqual(Array(4).fill('/images/lookup'));
    expect(asked.map(({ search }) => [...new URLSearchParams(search)])).toEqual(
      urls.map((url) => [['url', url]]),
    );
  });

  it('answers null for a URL that is not known, and asks once for each', async () => {
    await using server = await FaultyServer.start(json(rowOf(1)), noEntry);
    await using client = connect(server);
    expect(await client.lookup(['a', 'b', 'a'])).toEqual([entryOf(1), null, entryOf(1)]);
    expect(server.requests).toHaveLength(2);
  });
});

describe('search', () => {
  const rows = [
    rowOf(1, { url: 'https://x.example/100%_Done', created_at: '2024-01-02T00:00:00' }),
    rowOf(2, { url: 'https://x.example/100X_done', created_at: '2024-01-03T00:00:00' }),
    rowOf(3, {
      url: 'https://x.example/100%_dONE/É',
      created_at: '2024-01-01T00:00:00',
      client_name: 'other',
    }),
    rowOf(4, { url: 'https://x.example/a\\b', created_at: '2024-01-02T00:00:00', content_type: 'image/png' }),
  ];

  async function find(query: Partial<EntryQuery>): Promise<{ found: string[]; paths: string[] }> {
    await using server = await FaultyServer.start(json(rows));
    await using client = connect(server);
    const entries = await collect(client.search({ order: 'NEWEST_FIRST', ...query }));
    return { found: entries.map(({ contentHash }) => contentHash.slice(-1)), paths: server.paths };
  }

  it('asks for all rows when no substring is given', async () => {
    expect(await find({})).toEqual({ found: ['2', '1', '4', '3'], paths: ['/images/search?url_contains='] });
  });

  it('takes the substring literally, ASCII letters in either case', async () => {
    expect(await find({ filter: { urlContains: '100%_done' } })).toEqual({
      found: ['1', '3'],
      paths: ['/images/search?url_contains=100%25_done'],
    });
    expect((await find({ filter: { urlContains: 'DONE/é' } })).found).toEqual([]);
    expect((await find({ filter: { urlContains: 'DONE/É' } })).found).toEqual(['3']);
  });

  it('asks for the longest part without a backslash, which is an escape to some databases', async () => {
    expect(await find({ filter: { urlContains: 'A\\B' } })).toEqual({
      found: ['4'],
      paths: ['/images/search?url_contains=A&url_contains_literally=A%5CB'],
    });
  });

  it.each<[string, Partial<EntryQuery>, string[]]>([
    ['oldest first', { order: 'OLDEST_FIRST' }, ['3', '4', '1', '2']],
    ['by client', { filter: { clientName: 'other' } }, ['3']],
    ['by content type', { filter: { contentType: 'image/png' } }, ['4']],
    ['from a time on', { filter: { createdFrom: '2024-01-02T00:00:00.000000Z' } }, ['2', '1', '4']],
    ['before a time', { filter: { createdBefore: '2024-01-02T00:00:00.000000Z' } }, ['3']],
    [
      'behind a place',
      { after: { createdAt: '2024-01-02T00:00:00.000000Z', contentHash: hashOf(1) } },
      ['4', '3'],
    ],
    [
      'behind a place that is empty, oldest first',
      { order: 'OLDEST_FIRST', after: { createdAt: '2024-01-02T00:00:00.000000Z', contentHash: hashOf(3) } },
      ['1', '2'],
    ],
    ['as many as wanted', { limit: 2 }, ['2', '1']],
  ])('gives entries %s', async (_, query, expected) => {
    expect((await find(query)).found).toEqual(expected);
  });

  it('ends with the signal', async () => {
    await using server = await FaultyServer.start(drip);
    await using client = connect(server);
    const controller = new LightSignal();
    const search = collect(client.search({ order: 'NEWEST_FIRST' }, controller));
    await server.received(1);
    controller.abort('gone');
    expect(await rejectionOf(search)).toBe('gone');
    await until(() => server.running === 0);
  });
});

describe('similar', () => {
  it('gives the nearest first, each with its distance', async () => {
    await using server = await FaultyServer.start(
      json([
        rowOf(5, { perceptual_hash: '000000000000000f', hamming_distance: 4 }),
        rowOf(4, { perceptual_hash: '0000000000000001' }),
        rowOf(3, { perceptual_hash: '8000000000000000' }),
        rowOf(2, { perceptual_hash: null }),
        rowOf(1, { perceptual_hash: '0000000000000000' }),
        rowOf(6, { perceptual_hash: '000000000000001f' }),
      ]),
    );
    await using client = connect(server);
    const query = { perceptualHash: '0000000000000000', maxHammingDistance: 4 };
    const nearest = async (limit?: number) =>
      (await collect(client.similar(limit === undefined ? query : { ...query, limit }))).map(
        ({ entry, hammingDistance }) => [entry.contentHash.slice(-1), hammingDistance],
      );
    const all = [
      ['1', 0],
      ['3', 1],
      ['4', 1],
      ['5', 4],
    ];
    expect(await nearest()).toEqual(all);
    expect(await nearest(2)).toEqual(all.slice(0, 2));
    expect(server.paths[0]).toBe('/images/similar?perceptual_hash=0000000000000000&max_hamming_distance=4');
  });

  it.each([rowOf(2, { perceptual_hash: 'ffffffffffffffff', width: 'wide' }), null])(
    'refuses a list with %j, be it shown or not',
    async (wrong) => {
      await using server = await FaultyServer.start(json([rowOf(1), wrong]));
      await using client = connect(server);
      const query = { perceptualHash: rowOf(1).perceptual_hash!, maxHammingDistance: 4, limit: 1 };
      expect(await failureOf(collect(client.similar(query)))).toMatchObject({ code: 'BAD_RESPONSE' });
    },
  );

  it('asks once for those who want more and fewer at the same time, and gives each their own', async () => {
    await using server = await FaultyServer.start(json([rowOf(1), rowOf(2), rowOf(3)]));
    await using client = connect(server);
    const find = async (limit: number) => {
      const query = { perceptualHash: rowOf(1).perceptual_hash!, maxHammingDistance: 4, limit };
      return (await collect(client.similar(query))).map(({ entry }) => entry.contentHash);
    };
    const all = [hashOf(1), hashOf(2), hashOf(3)];
    expect(await Promise.all([find(1), find(2), find(3)])).toEqual([all.slice(0, 1), all.slice(0, 2), all]);
    expect(server.requests).toHaveLength(1);
  });

  it('sees each change of the service', async () => {
    const rows = [rowOf(1), rowOf(2)];
    await using server = await FaultyServer.start(json(rows), json(rows), json(rows.slice(1)), json([]));
    await using client = connect(server);
    const find = async () =>
      (
        await collect(client.similar({ perceptualHash: rowOf(1).perceptual_hash!, maxHammingDistance: 4 }))
      ).map(({ entry }) => entry.contentHash);
    const both = [hashOf(1), hashOf(2)];
    expect([await find(), await find(), await find(), await find()]).toEqual([both, both, [hashOf(2)], []]);
    expect(server.requests).toHaveLength(4);
  });

  it.each(['zz', '0x2f0f0f07074742', '2F0F0F0707474298', ''])(
    'sends no hash like %j',
    async (perceptualHash) => {
      await using server = await FaultyServer.start(json([]));
      await using client = connect(server);
      const search = collect(client.similar({ perceptualHash, maxHammingDistance: 4 }));
      expect(await failureOf(search)).toMatchObject({ code: 'REFUSED', retryable: false });
      expect(server.requests).toEqual([]);
    },
  );
});

describe('getBytes', () => {
  const content = randomBytes(300_000);

  it('streams the bytes, and null where there are none', async () => {
    await using server = await FaultyServer.start(bytes(content), noEntry);
    await using client = connect(server);
    const found = await client.getBytes(hashOf(1));
    expect(found).toMatchObject({ fileSizeBytes: 300_000, contentType: 'image/png' });
    expect((await buffer(found!.stream)).equals(content)).toBe(true);
    expect(await client.getBytes(hashOf(2))).toBeNull();
    expect(server.paths).toEqual([`/images/${hashOf(1)}`, `/images/${hashOf(2)}`]);
  });

  it.each([
    [0, 0],
    [1000, 1999],
    [65_530, 131_080],
    [299_999, 299_999],
    [299_000, 400_000],
    [300_000, 300_010],
  ])('gives the bytes %i to %i', async (start, end) => {
    await using server = await FaultyServer.start(bytes(content));
    await using client = connect(server);
    const { stream, fileSizeBytes } = (await client.getBytes(hashOf(1), { start, end }))!;
    expect((await buffer(stream)).equals(content.subarray(start, end + 1))).toBe(true);
    expect(fileSizeBytes).toBe(300_000);
    await until(() => server.running === 0);
  });

  it('frees its place when a range is left unread', async () => {
    await using server = await FaultyServer.start(drip);
    await using client = connect(server);
    const streams = await Promise.all(
      Array.from(
        { length: 12 },
        async () => (await client.getBytes(hashOf(1), { start: 5, end: 9 }))!.stream,
      ),
    );
    for (const stream of streams) stream.destroy();
    await until(() => server.running === 0);
    server.behave(metaOf);
    expect(await client.getMeta([hashOf(1)])).toEqual([entryOf(1)]);
  });
});

describe('store', () => {
  const content = Buffer.concat([Buffer.from('\r\n--\r\n'), randomBytes(200_000)]);
  const image: StagedImage = {
    contentHash: hashOf(7),
    size: content.length,
    blake3: async () => hashOf(70),
    facts: () => Promise.reject(new Error('Nobody asks for them.')),
    description: () => Promise.reject(new Error('Nobody asks for it.')),
    stream: () => Readable.from([content.subarray(0, 70_000), content.subarray(70_000)]),
    share: () => Promise.reject(new Error('Nobody shares it.')),
    moveTo: () => Promise.reject(new Error('Nobody keeps it.')),
    [Symbol.asyncDispose]: async () => {},
  };

  const origin = { url: 'https://a.example/"é"\r\n?a=1', clientName: 'gate way' };

  it('takes the name that a Lookalike before an imgcache of the newer dialect has for the bytes', async () => {
    await using server = await FaultyServer.start(json(rowOf(70), 201));
    await using client = connect(server);
    expect(await client.store(image, origin)).toEqual({ entry: entryOf(70), status: 'CREATED' });
  });

  it('sends the form as the original client does', async () => {
    await using server = await FaultyServer.start(json(rowOf(7), 201));
    await using client = connect(server);
    const lookupTime = '2024-01-01T10:00:00.500000Z';
    expect(await client.store(image, { ...origin, lookupTime, filename: 'a b.jpg' })).toEqual({
      entry: entryOf(7),
      status: 'CREATED',
    });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/images' });
    const boundary = /^multipart\/form-data; boundary=([0-9a-f]{32})$/.exec(
      request!.headers['content-type']!,
    )![1];
    const form = Buffer.concat([
      Buffer.from(
        [
          `--${boundary}`,
          'Content-Disposition: form-data; name="url"',
          '',
          origin.url,
          `--${boundary}`,
          'Content-Disposition: form-data; name="client_name"',
          '',
          'gate way',
          `--${boundary}`,
          'Content-Disposition: form-data; name="lookup_time"',
          '',
          '2024-01-01T10:00:00.500000',
          `--${boundary}`,
          'Content-Disposition: form-data; name="file"; filename="a b.jpg"',
          'Content-Type: application/octet-stream',
          '',
          '',
        ].join('\r\n'),
      ),
      content,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    expect(request!.body.equals(form)).toBe(true);
    expect(request!.headers['content-length']).toBe(String(form.length));
  });

  it('says a file name in the long form as well where the short one may be read otherwise', async () => {
    await using server = await FaultyServer.start(json(rowOf(7), 201));
    await using client = connect(server);
    await client.store(image, { ...origin, filename: 'a "é".jpg' });
    const form = server.requests[0]!.body.toString();
    expect(form).toContain('filename="a %22é%22.jpg"; filename*=UTF-8\'\'a%20%22%C3%A9%22.jpg\r\n');
  });

  it.each([
    ['CREATED', 201, {}],
    ['UNCHANGED', 200, {}],
    ['CREATED', 200, { status: 'CREATED' }],
    ['URL_ADDED', 200, { status: 'URL_ADDED' }],
    ['UNCHANGED', 200, { status: 'UNCHANGED' }],
    ['UNCHANGED', 200, { status: 'WHO KNOWS' }],
  ])('was %s by an answer of %i with %j', async (expected, status, told) => {
    await using server = await FaultyServer.start(json(rowOf(7, told), status));
    await using client = connect(server);
    expect((await client.store(image, origin)).status).toBe(expected);
  });

  it('leaves out a time and a name that are not given', async () => {
    await using server = await FaultyServer.start(json(rowOf(7), 200));
    await using client = connect(server);
    expect((await client.store(image, origin)).status).toBe('UNCHANGED');
    const form = server.requests[0]!.body.toString('latin1');
    expect(form).not.toContain('lookup_time');
    expect(form).toContain('name="file"; filename="image"');
  });

  it('is repeated with the whole body', async () => {
    await using server = await FaultyServer.start(closeAfter500, resetBeforeHead, json(rowOf(7), 200));
    await using client = connect(server);
    await client.store(image, origin);
    const [first, ...others] = server.requests.map(({ body }) => body);
    expect(others).toHaveLength(2);
    expect(others.every((body) => body.equals(first!))).toBe(true);
  });

  it('does not accept the hash of other bytes', async () => {
    await using server = await FaultyServer.start(json(rowOf(8), 201));
    await using client = connect(server);
    expect(await failureOf(client.store(image, origin))).toMatchObject({
      code: 'BAD_RESPONSE',
      retryable: false,
    });
  });
});

describe('delete', () => {
  it.each([
    ['deleted', [empty(204)], true],
    ['not there', [noEntry], false],
    ['deleted by a try whose answer was lost', [resetBeforeHead, noEntry], true],
  ])('tells what was %s', async (_, script, expected) => {
    await using server = await FaultyServer.start(...script);
    await using client = connect(server);
    expect(await client.delete(hashOf(1))).toBe(expected);
    expect(new Set(server.requests.map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set([`DELETE /images/${hashOf(1)}`]),
    );
  });
});

describe('an entry of the service', () => {
  it.each([
    ['2024-01-01T10:00:00', '2024-01-01T10:00:00.000000Z'],
    ['2024-01-01T10:00:00.5', '2024-01-01T10:00:00.500000Z'],
    ['2024-01-01T10:00:00Z', '2024-01-01T10:00:00.000000Z'],
    ['2024-01-01T10:00:00.123456+02:00', '2024-01-01T08:00:00.123456Z'],
    ['2024-01-01T10:00:00-09:30', '2024-01-01T19:30:00.000000Z'],
  ])('has its time %s in UTC', async (text, expected) => {
    await using server = await FaultyServer.start(json(rowOf(1, { lookup_time: text, created_at: text })));
    await using client = connect(server);
    expect(await client.getMeta([hashOf(1)])).toEqual([
      entryOf(1, { lookupTime: expected, createdAt: expected }),
    ]);
  });

  it('may lack what the bytes did not tell, and have keys that are not known', async () => {
    const unknown = { original_filename: null, width: null, height: null, perceptual_hash: null };
    await using server = await FaultyServer.start(json(rowOf(1, { ...unknown, hamming_distance: 3 })));
    await using client = connect(server);
    expect(await client.getMeta([hashOf(1)])).toEqual([
      entryOf(1, { originalFilename: null, width: null, height: null, perceptualHash: null }),
    ]);
  });

  it.each([
    null,
    [],
    'entry',
    rowOf(1, { url: undefined }),
    rowOf(1, { content_hash: 'ABC' }),
    rowOf(1, { file_size_bytes: '36959' }),
    rowOf(1, { file_size_bytes: -1 }),
    rowOf(1, { width: 1.5 }),
    rowOf(1, { width: 2 ** 31 }),
    rowOf(1, { height: -1 }),
    rowOf(1, { file_size_bytes: 2 ** 53 }),
    rowOf(1, { perceptual_hash: '0x2f' }),
    rowOf(1, { created_at: null }),
    rowOf(1, { created_at: '2024-13-01T00:00:00' }),
    rowOf(1, { lookup_time: 'yesterday' }),
  ])('is refused when it is %j', async (row) => {
    await using server = await FaultyServer.start(json(row), json([row]));
    await using client = connect(server);
    expect(await failureOf(client.getMeta([hashOf(1)]))).toMatchObject({ code: 'BAD_RESPONSE' });
    expect(await failureOf(collect(client.search({ order: 'NEWEST_FIRST' })))).toMatchObject({
      code: 'BAD_RESPONSE',
    });
  });
});

describe('health', () => {
  it('resolves when imgcache says that it is well', async () => {
    await using server = await FaultyServer.start(json({ status: 'ok' }), noEntry);
    await using client = connect(server);
    expect(await client.health()).toBeUndefined();
    expect(server.paths).toEqual(['/health', `/images/meta/${'0'.repeat(64)}`]);
  });

  it.each([
    ['another service answers', html(200), 'BAD_RESPONSE'],
    ['it says otherwise', json({ status: 'no' }), 'BAD_RESPONSE'],
    ['it is well, but knows no images', json({ status: 'ok' }), 'BAD_RESPONSE'],
    ['it fails', html(500), 'UNAVAILABLE'],
  ])('rejects when %s', async (_, behaviour, code) => {
    await using server = await FaultyServer.start(behaviour);
    await using client = connect(server);
    expect(await failureOf(client.health())).toMatchObject({ code });
  });
});
