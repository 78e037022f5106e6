import { once } from 'node:events';
import { Agent, get, request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Entry, EntryMatch } from '#src/services/entry.js';
import { ServiceError, type ServiceErrorCode } from '#src/services/errors.js';
import { MemoryImgCache } from '../../fakes/memory-imgcache.js';
import { MemoryStaging, stageBytes } from '../../fakes/memory-staging.js';
import { rawRequest } from '../../fakes/raw-request.js';
import { tinyPicture, tinyPictureFacts } from '../../fakes/tiny-picture.js';
import { startWireServer, type WireServer } from '../../fakes/wire-server.js';

const HASH = 'ab'.repeat(32);

let imgcache: MemoryImgCache;
let server: WireServer;

beforeEach(async () => {
  imgcache = new MemoryImgCache();
  server = await startWireServer({ imgcache, staging: new MemoryStaging() });
});
afterEach(() => server.close());

async function store(content: string | Buffer, url = 'https://x.example/a'): Promise<Entry> {
  const image = await stageBytes(Buffer.from(content), (_, bytes) => tinyPictureFacts(bytes));
  return (await imgcache.store(image, { url, clientName: 'c' })).entry;
}

const json = async (path: string): Promise<unknown> => (await fetch(server.url + path)).json();
const urlsOf = async (path: string) => ((await json(path)) as { url: string }[]).map(({ url }) => url);

describe('lists', () => {
  beforeEach(async () => {
    for (let index = 0; index < 250; index++) await store(`${index}`, `https://x.example/${index}`);
  });
  const all = Array.from({ length: 250 }, (_, index) => `https://x.example/${index}`);

  it('gives every entry, however many', async () => {
    expect(await urlsOf('/images/search?url_contains=')).toEqual(all);
  });

  it.each([
    ['limit=3', all.slice(0, 3)],
    ['limit=150&offset=90', all.slice(90, 240)],
    ['offset=248', all.slice(248)],
    ['offset=250', []],
    ['offset=1000&limit=10', []],
    ['limit=0', []],
    [`limit=${'9'.repeat(30)}`, all],
    ['limit=7&limit=2', all.slice(0, 2)],
  ])('gives the part that %s asks for', async (query, expected) => {
    expect(await urlsOf(`/images/search?url_contains=&${query}`)).toEqual(expected);
  });

  it.each([
    ['limit=-1', 'limit', 'greater_than_equal'],
    ['offset=-5', 'offset', 'greater_than_equal'],
    ['limit=ten', 'limit', 'int_parsing'],
    ['offset=', 'offset', 'int_parsing'],
  ])('refuses %s', async (query, name, type) => {
    const response = await fetch(`${server.url}/images/search?url_contains=&${query}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ detail: [{ type, loc: ['query', name] }] });
  });

  it('names everything that is wrong with a query', async () => {
    const path = '/images/similar?max_hamming_distance=far&limit=-1';
    expect(await json(path)).toMatchObject({
      detail: [
        { type: 'missing', loc: ['query', 'perceptual_hash'], input: null },
        { type: 'int_parsing', loc: ['query', 'max_hamming_distance'], input: 'far' },
        { type: 'greater_than_equal', loc: ['query', 'limit'], input: '-1' },
      ],
    });
  });
});

describe('similar', () => {
  beforeEach(async () => {
    for (const hash of ['00000000000000ff', '0000000000000001', '0000000000000000'])
      await store(tinyPicture(hash), `https://x.example/${hash}`);
  });

  it('gives the nearest first, each with its distance as the last key', async () => {
    const rows = (await json('/images/similar?perceptual_hash=0&max_hamming_distance=8')) as object[];
    expect(rows.map((row) => Object.entries(row).at(-1))).toEqual([
      ['hamming_distance', 0],
      ['hamming_distance', 1],
      ['hamming_distance', 8],
    ]);
  });

  it('takes 4 for the distance that is not given', async () => {
    expect(await urlsOf('/images/similar?perceptual_hash=0')).toHaveLength(2);
  });

  it('takes a part of it', async () => {
    const path = '/images/similar?perceptual_hash=0&max_hamming_distance=64&offset=1&limit=1';
    expect(await urlsOf(path)).toEqual(['https://x.example/0000000000000001']);
  });

  it('counts the bits above the 64 of a longer hash, as the original does', async () => {
    const path = '/images/similar?perceptual_hash=30000000000000001&max_hamming_distance=';
    expect(await json(`${path}1`)).toEqual([]);
    expect(await json(`${path}2`)).toMatchObject([{ hamming_distance: 2 }]);
    expect(await json(`${path}66`)).toHaveLength(3);
  });
});

describe('a query', () => {
  it('is decoded as a form', async () => {
    await store('a', 'https://x.example/a b+c\ufffd');
    expect(await json('/images/lookup?url=https://x.example/a+b%2Bc%ff')).toMatchObject({
      url: 'https://x.example/a b+c\ufffd',
    });
  });

  it.each(['__proto__=x', 'constructor=x', 'url[]=x', '=x', '&&&', '%', 'URL=x'])(
    'without the parameter, but %s, lacks it',
    async (query) => {
      const response = await fetch(`${server.url}/images/lookup?${query}`);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ detail: [{ type: 'missing', loc: ['query', 'url'] }] });
    },
  );

  it('with NUL is refused by name', async () => {
    for (const [path, name] of [
      ['/images/lookup?url=a%00', 'url'],
      ['/images/search?url_contains=%00', 'url_contains'],
    ])
      expect(await json(path!)).toMatchObject({ detail: [{ type: 'value_error', loc: ['query', name] }] });
  });

  it('of a hundred thousand parameters is answered', async () => {
    const response = await fetch(`${server.url}/images/lookup?${'a&'.repeat(100_000)}url=x`);
    expect(response.status).toBe(404);
  });
});

describe('a path', () => {
  const send = (method: string, target: string, headers = {}) =>
    rawRequest(server.url, { method, target: `/imgcache${target}`, headers });

  it('with a slash at the end leads nowhere when clients would refuse so long a head', async () => {
    expect((await send('GET', `/images/meta/?x=${'x'.repeat(8000)}`)).status).toBe(307);
    expect((await send('GET', `/images/meta/?x=${'x'.repeat(25_000)}`)).status).toBe(404);
  });

  it('with a slash at the end leads to the one without, on this server and whatever Host says', async () => {
    const { status, headers, body } = await send('GET', '/images/?a=b&c=%0d%0a', { Host: 'evil.example' });
    expect(status).toBe(307);
    expect(headers.location).toBe('/imgcache/images?a=b&c=%0d%0a');
    expect(body).toHaveLength(0);
    expect((await send('POST', '/images/')).headers.location).toBe('/imgcache/images');
    expect((await send('GET', '/health///')).headers.location).toBe('/imgcache/health');
    expect((await send('GET', '/images/%0d%0aX:y%3Fz/')).headers.location).toBe(
      '/imgcache/images/%0D%0AX%3Ay%3Fz',
    );
  });

  it.each(['/nosuch/', '/', '', '//', '//images/', '/images/a/b/', '/health%2Fx/'])(
    '%j leads nowhere',
    async (path) => {
      const { status, body } = await send('GET', path);
      expect(status).toBe(404);
      expect(body.toString()).toBe('{"detail":"Not Found"}');
    },
  );

  it('is asked of the service only when it holds a hash', async () => {
    const calls = [
      vi.spyOn(imgcache, 'getMeta'),
      vi.spyOn(imgcache, 'getBytes'),
      vi.spyOn(imgcache, 'delete'),
    ];
    for (const hash of ['..', '%00', HASH.toUpperCase(), `${HASH}0`, '%F0%9F%98%80'])
      for (const [method, target] of [
        ['GET', `/images/${hash}`],
        ['GET', `/images/meta/${hash}`],
        ['DELETE', `/images/${hash}`],
      ] as const) {
        const { status, body } = await send(method, target);
        expect(status).toBe(404);
        expect(body.toString()).toBe('{"detail":"Not found"}');
      }
    for (const call of calls) expect(call).not.toHaveBeenCalled();
  });
});

describe('the bytes of an image', () => {
  it('cannot run as a page', async () => {
    const { contentHash } = await store('<svg onload="alert(1)"/>');
    const { headers } = await fetch(`${server.url}/images/${contentHash}`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    );
  });

  it('come whole and with their length, whatever range is asked for', async () => {
    const { contentHash } = await store('0123456789');
    const response = await fetch(`${server.url}/images/${contentHash}`, { headers: { Range: 'bytes=0-1' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('10');
    expect(await response.text()).toBe('0123456789');
  });

  it('are not read on when the client has gone', async () => {
    const stream = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    vi.spyOn(imgcache, 'getBytes').mockResolvedValue({
      stream,
      fileSizeBytes: 1e12,
      contentType: 'image/png',
    });
    const outgoing = get(`${server.url}/images/${HASH}`);
    const [response] = await once(outgoing, 'response');
    response.once('data', () => outgoing.destroy());
    response.on('error', () => {});
    await new Promise((resolve) => stream.once('error', () => {}).once('close', resolve));
    expect(server.errors).toEqual([]);
  });

  it('end with the connection when they cannot be read to the end', async () => {
    const stream = Readable.from(
      (async function* () {
        yield Buffer.alloc(100_000);
        throw new Error('the disk is gone');
      })(),
    );
    vi.spyOn(imgcache, 'getBytes').mockResolvedValue({
      stream,
      fileSizeBytes: 200_000,
      contentType: 'image/png',
    });
    const response = await fetch(`${server.url}/images/${HASH}`);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(server.errors).toMatchObject([{ message: 'the disk is gone' }]);
  });

  it('are closed when their type makes no header', async () => {
    const stream = Readable.from(['x']);
    const contentType = 'image/png\r\nX-Injected: 1';
    vi.spyOn(imgcache, 'getBytes').mockResolvedValue({ stream, fileSizeBytes: 1, contentType });
    const response = await fetch(`${server.url}/images/${HASH}`);
    expect(response.status).toBe(500);
    expect(response.headers.get('x-injected')).toBeNull();
    expect(stream.destroyed).toBe(true);
  });
});

describe('failure', () => {
  const failure = (code: ServiceErrorCode) =>
    new ServiceError('imgcache does not answer.', {
      service: 'IMGCACHE',
      code,
      retryable: true,
      cause: new Error('10.0.0.1 refused'),
    });

  it.each([
    ['UNAVAILABLE', 503],
    ['TIMEOUT', 504],
    ['BAD_RESPONSE', 502],
    ['REFUSED', 502],
    ['UNSUPPORTED', 501],
  ] as const)('%s of the service is answered with %i and its message', async (code, status) => {
    const fail = async () => Promise.reject(failure(code));
    for (const operation of ['getMeta', 'lookup', 'getBytes', 'health'] as const)
      vi.spyOn(imgcache, operation).mockImplementation(fail);
    const failing = async function* (): AsyncGenerator<never> {
      yield await Promise.reject(failure(code));
    };
    vi.spyOn(imgcache, 'search').mockImplementation(failing);
    vi.spyOn(imgcache, 'similar').mockImplementation(failing);
    for (const path of [
      `/images/meta/${HASH}`,
      `/images/${HASH}`,
      '/images/lookup?url=x',
      '/images/search?url_contains=x',
      '/images/similar?perceptual_hash=0',
      '/health',
    ]) {
      const response = await fetch(server.url + path);
      expect(response.status, path).toBe(status);
      expect(await response.text()).toBe('{"detail":"imgcache does not answer."}');
    }
    expect(server.errors).toEqual([]);
  });

  it('that nobody expected is answered with 500, kept from the client and reported', async () => {
    vi.spyOn(imgcache, 'getMeta').mockRejectedValue(new TypeError('secret'));
    const response = await fetch(`${server.url}/images/meta/${HASH}`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"detail":"Internal Server Error"}');
    expect(server.errors).toMatchObject([{ message: 'secret' }]);
  });

  it('in the middle of a list ends the connection, so that it is not taken for the whole', async () => {
    const entry = await store('a');
    vi.spyOn(imgcache, 'search').mockImplementation(async function* () {
      yield [entry];
      await wait(20);
      throw failure('TIMEOUT');
    });
    const response = await fetch(`${server.url}/images/search?url_contains=`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it('leaves the connection usable', async () => {
    vi.spyOn(imgcache, 'getMeta').mockRejectedValue(new TypeError('secret'));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number>();
    for (const path of ['/images/similar?perceptual_hash=zz', '/health', `/images/meta/${HASH}`, '/health']) {
      const [response] = await once(get(server.url + path, { agent }), 'response');
      ports.add(response.socket.localPort);
      await response.resume().toArray();
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });
});

describe('a list whose client', () => {
  /** Goes on for ever, and says how far it came and how it ended. */
  function endless(entry: Entry) {
    const state = { batches: 0, ended: false, aborted: false };
    const produce = async function* (signal?: AbortSignal) {
      signal?.addEventListener('abort', () => {
        state.aborted = true;
      });
      try {
        for (; ; state.batches++) yield Array<EntryMatch>(100).fill({ entry, hammingDistance: 0 });
      } finally {
        state.ended = true;
      }
    };
    vi.spyOn(imgcache, 'similar').mockImplementation((_, signal) => produce(signal));
    return state;
  }

  it('reads slowly is not run ahead of, and ends when the client goes', async () => {
    const state = endless(await store('a'));
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /imgcache/images/similar?perceptual_hash=0 HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'readable');
    let before: number;
    do {
      before = state.batches;
      await wait(150);
    } while (state.batches > before);
    expect(state.ended).toBe(false);
    socket.destroy();
    await expect.poll(() => state).toMatchObject({ ended: true, aborted: true });
    expect(server.errors).toEqual([]);
  });

  it('goes before the first batch is there stops the work', async () => {
    let aborted = false;
    const asked = new Promise<void>((resolve) => {
      vi.spyOn(imgcache, 'lookup').mockImplementation(async (_, signal) => {
        resolve();
        await once(signal!, 'abort');
        aborted = true;
        throw signal!.reason;
      });
    });
    const outgoing = get(`${server.url}/images/lookup?url=x`);
    outgoing.on('error', () => {});
    await asked;
    outgoing.destroy();
    await expect.poll(() => aborted).toBe(true);
    await wait(20);
    expect(server.errors).toEqual([]);
  });
});

it('finishes a deletion whose client has gone', async () => {
  const { contentHash } = await store('a');
  const original = imgcache.delete.bind(imgcache);
  const asked = new Promise<void>((resolve) => {
    vi.spyOn(imgcache, 'delete').mockImplementation(async (...args) => {
      resolve();
      await wait(50);
      return original(...args);
    });
  });
  const outgoing = request(`${server.url}/images/${contentHash}`, { method: 'DELETE' });
  outgoing.on('error', () => {}).end();
  await asked;
  outgoing.destroy();
  await expect.poll(() => imgcache.getMeta([contentHash])).toEqual([null]);
});
