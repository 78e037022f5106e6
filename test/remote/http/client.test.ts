import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Fault, UnreadableBodyError } from '#src/calls/fault.js';
import type { CallReport, ServiceRequest } from '#src/remote/http/client.js';
import { LightSignal } from '#src/request/light-signal.js';
import {
  bytes,
  closeAfter500,
  drip,
  empty,
  FaultyServer,
  gate,
  html,
  json,
  neverAnswer,
  refusingUrl,
  resetAfterHead,
  resetBeforeHead,
  resetOnReuse,
  stall,
  thenClose,
} from '../../fakes/faulty-server.js';
import {
  body,
  connect,
  decodeAnswer,
  failureOf,
  GET,
  good,
  ONCE,
  rejectionOf,
} from '../../fakes/service-calls.js';
import { until } from '../../harness/patience.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A server that takes connections and never says a word, so that a TLS handshake with it does not end. */
async function silentServer(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer();
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port.');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a service that is not reached', () => {
  it('is unavailable, and even a call that is not repeatable may be made again', async () => {
    await using client = connect(await refusingUrl());
    expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'imgcache cannot be reached.',
      retryable: true,
    });
  });

  it('is unavailable when its name cannot be resolved', async () => {
    await using client = connect('http://imgcache.invalid');
    expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'imgcache cannot be reached.',
      retryable: true,
    });
  });

  it('times out while connecting, with nothing sent', async () => {
    await using server = await silentServer();
    await using client = connect(`https://127.0.0.1:${server.port}`, { timeoutMs: 100 });
    const request = { ...ONCE, body: body() };
    expect(await failureOf(client.json(request, decodeAnswer))).toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
    });
  });

  it('lets an abort through while connecting', async () => {
    await using server = await silentServer();
    await using client = connect(`https://127.0.0.1:${server.port}`);
    const reason = new Error('enough');
    const start = performance.now();
    expect(await rejectionOf(client.json(GET, decodeAnswer, abortedIn(20, reason)))).toBe(reason);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

function abortedIn(ms: number, reason: unknown): LightSignal {
  const controller = new LightSignal();
  setTimeout(() => controller.abort(reason), ms);
  return controller;
}

describe('a request', () => {
  it('goes below the path of the base URL, with its credentials as Basic authentication', async () => {
    await using server = await FaultyServer.start(good);
    await using client = connect(`http://us%40er:p%3Ass@127.0.0.1:${server.port}/deep/er/`);
    await client.json({ ...GET, path: '/thing?a=%20b', headers: { 'x-request-id': 'r1' } }, decodeAnswer);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'GET', path: '/deep/er/thing?a=%20b' });
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`,
      'x-request-id': 'r1',
      host: `127.0.0.1:${server.port}`,
    });
  });

  it('tells nothing of address or credentials when it fails', async () => {
    await using server = await FaultyServer.start(html(500));
    await using client = connect(`http://user:secret@127.0.0.1:${server.port}`);
    const error = await failureOf(client.json(ONCE, decodeAnswer));
    expect(`${error.message} ${error.stack}`).not.toMatch(/secret|user:|127\.0\.0\.1/);
  });

  it('is signed anew for each try, with the whole path', async () => {
    await using server = await FaultyServer.start(html(503), html(503), good);
    await using client = connect(`${server.url}/api`);
    const sign = vi.fn((_: { method: string; path: string }) => ({
      'x-signature': String(sign.mock.calls.length),
    }));
    await client.json({ ...GET, path: '/thing?a=1', sign }, decodeAnswer);
    expect(sign.mock.calls).toEqual(Array(3).fill([{ method: 'GET', path: '/api/thing?a=1' }]));
    expect(server.requests.map(({ headers }) => headers['x-signature'])).toEqual(['1', '2', '3']);
  });

  it('sends a streamed body with its length', async () => {
    await using server = await FaultyServer.start(good);
    await using client = connect(server.url);
    const content = randomBytes(3_000_000);
    const open = () => Readable.from([content.subarray(0, 70_000), content.subarray(70_000)]);
    await client.json({ ...ONCE, body: { contentLength: content.length, open } }, decodeAnswer);
    expect(server.requests[0]?.headers).toMatchObject({ 'content-length': '3000000' });
    expect(server.requests[0]?.headers['transfer-encoding']).toBeUndefined();
    expect(server.requests[0]?.body.equals(content)).toBe(true);
  });

  it('fails with what its body failed with, which is no fault of the service', async () => {
    await using server = await FaultyServer.start(good);
    await using client = connect(server.url);
    const cause = new Error('ENOENT');
    const open = () => new Readable({ read: () => {} }).destroy(cause);
    const error = await rejectionOf(client.json({ ...ONCE, body: { contentLength: 5, open } }, decodeAnswer));
    expect(error).toBeInstanceOf(UnreadableBodyError);
    expect(error).toMatchObject({ cause });
    expect(client.status().recentCalls).toEqual({ total: 0, failed: 0 });
  });

  it('is not sent when it cannot be signed, or is no request', async () => {
    await using server = await FaultyServer.start(good);
    await using client = connect(server.url);
    const mistake = new TypeError('There is no key.');
    const sign = () => {
      throw mistake;
    };
    expect(await rejectionOf(client.json({ ...GET, sign }, decodeAnswer))).toBe(mistake);
    const headers = { 'x-id': 'two\nlines' };
    expect(await rejectionOf(client.json({ ...GET, headers }, decodeAnswer))).toMatchObject({
      code: 'UND_ERR_INVALID_ARG',
    });
    expect(server.requests).toEqual([]);
  });

  it('leaves no body open when it is aborted', async () => {
    await using server = await FaultyServer.start(neverAnswer);
    await using client = connect(server.url);
    const stream = new Readable({ read: () => {} });
    const reason = new Error('enough');
    const request = { ...ONCE, body: { contentLength: 5, open: () => stream } };
    expect(await rejectionOf(client.json(request, decodeAnswer, abortedIn(30, reason)))).toBe(reason);
    await until(() => stream.destroyed);
  });
});

describe('a repeatable call', () => {
  it('is tried again until it succeeds', async () => {
    await using server = await FaultyServer.start(html(502), closeAfter500, good);
    await using client = connect(server.url);
    const answer = await client.json({ ...ONCE, repeatable: true, body: body() }, (value, { timesSent }) => [
      decodeAnswer(value),
      timesSent,
    ]);
    expect(answer).toEqual([42, 3]);
    expect(server.requests.map((request) => String(request.body))).toEqual(Array(3).fill('some bytes'));
  });

  it('is tried again when a kept connection turns out to be closed', async () => {
    await using server = await FaultyServer.start(resetOnReuse({ answer: 42 }));
    await using client = connect(server.url);
    await client.json(GET, decodeAnswer);
    expect(await client.json(GET, decodeAnswer)).toBe(42);
    expect(server.connections).toBe(2);
  });

  it.each([
    ['closed after a 500', closeAfter500, { code: 'UNAVAILABLE' }],
    ['closed while idle', thenClose(good), null],
  ])('does not meet a connection that the service has %s', async (_, behaviour, failure) => {
    await using server = await FaultyServer.start(behaviour, good);
    await using client = connect(server.url);
    const first = client.json(ONCE, decodeAnswer);
    if (failure) expect(await failureOf(first)).toMatchObject(failure);
    await first.catch(() => {});
    await sleep(30);
    expect(await client.json(ONCE, decodeAnswer)).toBe(42);
  });

  it('waits as long as the service asks for', async () => {
    await using server = await FaultyServer.start(html(503, { 'retry-after': '1' }), good);
    await using client = connect(server.url);
    const start = performance.now();
    await client.json(GET, decodeAnswer);
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
  });

  it('tells what it met when the wait would outlast the deadline', async () => {
    await using server = await FaultyServer.start(html(503, { 'retry-after': '1' }));
    await using client = connect(server.url, { timeoutMs: 900 });
    expect(await failureOf(client.json(GET, decodeAnswer))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(server.requests).toHaveLength(1);
  });

  it('has one deadline for all its tries', async () => {
    await using server = await FaultyServer.start(async (exchange) => {
      await sleep(200);
      await html(503)(exchange);
    });
    await using client = connect(server.url, { timeoutMs: 300 });
    await failureOf(client.json(GET, decodeAnswer));
    expect(server.requests.length).toBeLessThan(3);
  });

  it('can be aborted between two tries', async () => {
    await using server = await FaultyServer.start(html(503, { 'retry-after': '1' }));
    await using client = connect(server.url);
    const reason = new Error('enough');
    const controller = new LightSignal();
    const call = client.json(GET, decodeAnswer, controller);
    await server.received(1);
    await sleep(20);
    controller.abort(reason);
    expect(await rejectionOf(call)).toBe(reason);
  });
});

describe('the signal of the caller', () => {
  const reason = { any: 'thing' };

  it('ends a call before it is sent', async () => {
    await using server = await FaultyServer.start(good);
    await using client = connect(server.url);
    expect(
      await rejectionOf(client.json(GET, decodeAnswer, LightSignal.following([AbortSignal.abort(reason)]))),
    ).toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('ends a call at the moment that its turn comes, before it is tried', async () => {
    await using server = await FaultyServer.start(bytes(Buffer.alloc(10_000_000)), good);
    const reports: CallReport[] = [];
    const onCall = (report: CallReport) => reports.push(report);
    await using client = connect(server.url, { maxConcurrent: 1, onCall });
    const first = await client.bytes(GET);
    const controller = new LightSignal();
    const call = client.json(GET, decodeAnswer, controller);
    first!.stream.once('close', () => controller.abort(reason)).destroy();
    expect(await rejectionOf(call)).toBe(reason);
    expect(reports).toMatchObject([{ outcome: 'OK' }, { outcome: 'ABORTED', tries: 0 }]);
    expect(client.status()).toMatchObject({ running: 0, queued: 0 });
  });

  it.each([
    ['waiting for the head', neverAnswer],
    ['reading the body', drip],
  ])('ends a call while it is %s, with its own reason', async (_, behaviour) => {
    await using server = await FaultyServer.start(behaviour);
    await using client = connect(server.url);
    const controller = new LightSignal();
    const call = client.json(GET, decodeAnswer, controller);
    await server.received(1);
    await sleep(30);
    controller.abort(reason);
    expect(await rejectionOf(call)).toBe(reason);
    await until(() => server.running === 0);
    expect(client.status()).toMatchObject({ breaker: 'CLOSED', recentCalls: { total: 0, failed: 0 } });
  });
});

describe('concurrency', () => {
  it('stays within its bound, and calls are made in the order of their arrival', async () => {
    const { held, open } = gate(good);
    await using server = await FaultyServer.start(held);
    await using client = connect(server.url, { maxConcurrent: 3 });
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    const calls = paths.map((path) => client.json({ ...GET, path }, decodeAnswer));
    await server.received(3);
    open();
    await Promise.all(calls);
    expect(server.maxConcurrent).toBe(3);
    expect([...server.paths].sort()).toEqual([...paths].sort());
    for (const [index, path] of server.paths.entries()) {
      expect(Math.abs(index - Number(path.slice(1)))).toBeLessThan(3);
    }
  });

  it('refuses a call when too many are waiting, and a call that gives up leaves the queue', async () => {
    const { held, open } = gate(good);
    await using server = await FaultyServer.start(held);
    await using client = connect(server.url, { maxConcurrent: 1, maxQueued: 2 });
    const controller = new LightSignal();
    const call = (path: string, signal?: LightSignal) => client.json({ ...GET, path }, decodeAnswer, signal);
    const [first, second, third] = [call('/1'), call('/2', controller), call('/3')];
    expect(await failureOf(call('/4'))).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'imgcache has too many calls waiting.',
      retryable: true,
    });
    controller.abort('gone');
    expect(await rejectionOf(second)).toBe('gone');
    const fifth = call('/5');
    open();
    expect(await Promise.all([first, third, fifth])).toEqual([42, 42, 42]);
    expect(server.paths).toEqual(['/1', '/3', '/5']);
    expect(client.status().breaker).toBe('CLOSED');
  });

  it('counts waiting against the deadline, and not against the service', async () => {
    const { held, open } = gate(bytes(Buffer.from('slow')));
    await using server = await FaultyServer.start(bytes(Buffer.alloc(1_000_000)), held);
    await using client = connect(server.url, { maxConcurrent: 1, timeoutMs: 100 });
    const unread = await client.bytes(GET);
    expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject({
      code: 'TIMEOUT',
      message: 'imgcache had no time for a call within 0.1 s.',
      retryable: true,
    });
    unread?.stream.destroy();
    open();
    expect(server.requests).toHaveLength(1);
  });
});

describe('handed out bytes', () => {
  const content = randomBytes(2_000_000);

  it('arrive whole, with their length and type', async () => {
    await using server = await FaultyServer.start(bytes(content));
    await using client = connect(server.url);
    const answer = await client.bytes(GET);
    expect(answer).toMatchObject({ contentLength: 2_000_000, contentType: 'image/png' });
    expect((await buffer(answer!.stream)).equals(content)).toBe(true);
  });

  it('are null for an allowed status', async () => {
    await using server = await FaultyServer.start(html(404));
    await using client = connect(server.url);
    expect(await client.bytes({ ...GET, allow: [404] })).toBeNull();
  });

  it('hold their place until they are read or destroyed', async () => {
    await using server = await FaultyServer.start(bytes(content));
    await using client = connect(server.url, { maxConcurrent: 1 });
    for (const leave of ['destroy', 'read', 'destroy'] as const) {
      const answer = await client.bytes(GET);
      const next = client.bytes(GET);
      const earlier = await Promise.race([next, sleep(20, 'held')]);
      expect(earlier).toBe('held');
      if (leave === 'destroy') answer!.stream.destroy();
      else await buffer(answer!.stream);
      (await next)!.stream.destroy();
    }
    await until(() => client.status().recentCalls.total === 6);
    await until(() => server.running === 0);
    expect(client.status()).toMatchObject({ breaker: 'CLOSED', recentCalls: { total: 6, failed: 0 } });
  });

  it('may take longer than the deadline while they come', async () => {
    await using server = await FaultyServer.start(async ({ response }) => {
      response.writeHead(200, { 'content-length': '10' });
      for (let sent = 0; sent < 10; sent++) {
        response.write('x');
        await sleep(30);
      }
      response.end();
    });
    await using client = connect(server.url, { timeoutMs: 200 });
    expect(await text((await client.bytes(GET))!.stream)).toBe('x'.repeat(10));
  });

  it.each([
    ['reset', resetAfterHead, { code: 'UNAVAILABLE', message: 'imgcache broke off the connection.' }],
    ['stalled', stall, { code: 'TIMEOUT', message: 'imgcache stopped in the middle of its answer.' }],
  ])('fail when they are %s on the way', async (_, behaviour, failure) => {
    await using server = await FaultyServer.start(behaviour);
    await using client = connect(server.url, { timeoutMs: 100 });
    const { stream } = (await client.bytes(GET))!;
    expect(await failureOf(buffer(stream))).toMatchObject({ ...failure, retryable: true });
    expect(client.status().recentCalls).toEqual({ total: 1, failed: 1 });
  });

  it('give their place up when the caller has gone after all of them came', async () => {
    await using server = await FaultyServer.start(bytes(Buffer.from('few')), good);
    await using client = connect(server.url, { maxConcurrent: 1 });
    const controller = new LightSignal();
    const { stream } = (await client.bytes(GET, controller))!;
    await until(() => stream.readableLength === 3);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await client.json(GET, decodeAnswer)).toBe(42);
    expect(await rejectionOf(buffer(stream))).toBe(reason);
  });

  it('end with the signal of the caller, also when nobody reads', async () => {
    await using server = await FaultyServer.start(drip);
    await using client = connect(server.url, { maxConcurrent: 1 });
    const controller = new LightSignal();
    const { stream } = (await client.bytes(GET, controller))!;
    const reason = new Error('enough');
    controller.abort(reason);
    await until(() => server.running === 0);
    expect(await rejectionOf(buffer(stream))).toBe(reason);
    server.behave(good);
    expect(await client.json(GET, decodeAnswer)).toBe(42);
  });
});

describe('an answer with a status that is only allowed', () => {
  it('is the JSON that it has, if it has any', async () => {
    const notFound = { detail: 'Not found' };
    await using server = await FaultyServer.start(json(notFound, 404), html(404), empty(404));
    await using client = connect(server.url);
    const ask = () => client.json({ ...GET, allow: [404] }, (value, { status }) => [value, status]);
    expect(await ask()).toEqual([notFound, 404]);
    expect(await ask()).toEqual([undefined, 404]);
    expect(await ask()).toEqual([undefined, 404]);
  });

  it('is a failed call when the decoder finds that it is not of the service', async () => {
    await using server = await FaultyServer.start(html(404));
    const reports: CallReport[] = [];
    await using client = connect(server.url, { onCall: (report) => reports.push(report) });
    const ask = client.json({ ...GET, allow: [404] }, () => {
      throw new Fault('NOT_THE_SERVICE');
    });
    expect(await failureOf(ask)).toMatchObject({
      code: 'BAD_RESPONSE',
      message: 'imgcache does not answer at the address that is set for it.',
      retryable: false,
    });
    expect(reports).toMatchObject([{ outcome: 'BAD_RESPONSE', tries: 1 }]);
  });
});

describe('an answer that is not read', () => {
  it('leaves its connection for the next call', async () => {
    await using server = await FaultyServer.start(
      empty(),
      json({ detail: 'Not found' }, 404),
      json([1, 2]),
      good,
    );
    await using client = connect(server.url, { maxConcurrent: 1 });
    expect(await client.empty({ ...GET, method: 'DELETE' })).toEqual({ status: 204, timesSent: 1 });
    expect(await client.json({ ...GET, allow: [404] }, (value, { status }) => [value, status])).toEqual([
      { detail: 'Not found' },
      404,
    ]);
    expect(await client.empty(GET)).toEqual({ status: 200, timesSent: 1 });
    await client.json(GET, decodeAnswer);
    expect(server.connections).toBe(1);
  });
});

describe('a 404 of a service that is known by its words', () => {
  const isNotFound = (body: Buffer) => body.equals(Buffer.from('{"detail":"Not found"}'));
  const words = json({ detail: 'Not found' }, 404);
  const ABSENT = { ...GET, allow: [404] };

  it('leaves its connection for the next call', async () => {
    await using server = await FaultyServer.start(words, words, words, good);
    await using client = connect(server.url, { maxConcurrent: 1, isNotFound });
    expect(await client.json(ABSENT, (_, { status }) => status)).toBe(404);
    expect(await client.bytes(ABSENT)).toBeNull();
    expect(await client.empty(ABSENT)).toEqual({ status: 404, timesSent: 1 });
    await client.json(GET, decodeAnswer);
    expect(server.connections).toBe(1);
  });

  it('is refusal where it was not expected', async () => {
    await using server = await FaultyServer.start(words);
    await using client = connect(server.url, { isNotFound });
    expect(await failureOf(client.json(GET, decodeAnswer))).toMatchObject({ code: 'REFUSED' });
  });

  it('is that of another server in any other words', async () => {
    await using server = await FaultyServer.start(html(404));
    await using client = connect(server.url, { isNotFound });
    const calls = [
      () => client.json(ABSENT, decodeAnswer),
      () => client.bytes(ABSENT),
      () => client.empty(ABSENT),
      () => client.empty(GET),
    ];
    for (const call of calls)
      expect(await failureOf(call())).toMatchObject({
        code: 'BAD_RESPONSE',
        message: 'imgcache does not answer at the address that is set for it.',
        retryable: false,
      });
  });
});

describe('the circuit breaker', () => {
  const fail = { code: 'UNAVAILABLE', message: 'imgcache answered with a server error.' };
  const spared = {
    code: 'UNAVAILABLE',
    message: 'imgcache failed several times in a row and is left alone for a few seconds.',
    retryable: true,
  };

  /** Opens the breaker of a client by five failing calls. */
  async function broken() {
    const server = await FaultyServer.start(html(500));
    const client = connect(server.url);
    for (let call = 1; call <= 5; call++) {
      expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject(fail);
    }
    return { server, client };
  }

  const realNow = performance.now.bind(performance);
  let skippedMs = 0;

  /** Half-opens it, without the wait. */
  const elapse = () => {
    skippedMs += 5_000;
    vi.spyOn(performance, 'now').mockImplementation(() => realNow() + skippedMs);
  };

  it('opens after five failures in a row, and then spares the service', async () => {
    const { server, client } = await broken();
    await using _server = server;
    await using _client = client;
    expect(client.status()).toMatchObject({ breaker: 'OPEN', recentCalls: { total: 5, failed: 5 } });
    expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject(spared);
    expect(server.requests).toHaveLength(5);
  });

  it('stays closed when a call between succeeds, or is refused', async () => {
    await using server = await FaultyServer.start(
      ...Array(4).fill(html(500)),
      good,
      ...Array(4).fill(html(500)),
      html(404),
      ...Array(4).fill(html(500)),
    );
    await using client = connect(server.url);
    for (let call = 0; call < 14; call++) await client.json(ONCE, decodeAnswer).catch(() => {});
    expect(client.status()).toMatchObject({ breaker: 'CLOSED', recentCalls: { total: 14, failed: 12 } });
  });

  it('lets one probe through when it is half open, and closes when that succeeds', async () => {
    const { server, client } = await broken();
    await using _server = server;
    await using _client = client;
    const { held, open } = gate(good);
    server.behave(held);
    elapse();
    expect(client.status().breaker).toBe('HALF_OPEN');
    const probe = client.json(ONCE, decodeAnswer);
    expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject(spared);
    open();
    expect(await probe).toBe(42);
    expect(client.status().breaker).toBe('CLOSED');
    expect(server.requests).toHaveLength(6);
  });

  it('closes as soon as a probe for bytes gets the head of its answer', async () => {
    const { server, client } = await broken();
    await using _server = server;
    await using _client = client;
    server.behave(drip);
    elapse();
    const { stream } = (await client.bytes(GET))!;
    expect(client.status().breaker).toBe('CLOSED');
    stream.destroy();
  });

  it('does not hear of the bytes of an old probe while a new one decides', async () => {
    const { server, client } = await broken();
    await using _server = server;
    await using _client = client;
    let breakOff = () => {};
    server.behave(({ response }) => {
      response.writeHead(200, { 'content-length': '1000' }).write('some');
      breakOff = () => response.destroy();
    });
    elapse();
    const { stream } = (await client.bytes(GET))!;
    const { held, open } = gate(good);
    server.behave(...Array(5).fill(html(500)), held);
    for (let call = 1; call <= 5; call++) await failureOf(client.json(ONCE, decodeAnswer));
    elapse();
    const probe = client.json(ONCE, decodeAnswer);
    await server.received(12);
    breakOff();
    expect(await failureOf(buffer(stream))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(client.status().breaker).toBe('HALF_OPEN');
    expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject(spared);
    open();
    expect(await probe).toBe(42);
  });

  it('opens again when the probe fails', async () => {
    const { server, client } = await broken();
    await using _server = server;
    await using _client = client;
    elapse();
    expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject(fail);
    expect(client.status().breaker).toBe('OPEN');
    expect(await failureOf(client.json(ONCE, decodeAnswer))).toMatchObject(spared);
    server.behave(good);
    elapse();
    expect(await client.json(ONCE, decodeAnswer)).toBe(42);
  });

  it('waits for another probe when the caller gives one up', async () => {
    const { server, client } = await broken();
    await using _server = server;
    await using _client = client;
    server.behave(neverAnswer, good);
    elapse();
    const controller = new LightSignal();
    const probe = client.json(ONCE, decodeAnswer, controller);
    await server.received(6);
    controller.abort('gone');
    expect(await rejectionOf(probe)).toBe('gone');
    expect(client.status().breaker).toBe('HALF_OPEN');
    expect(await client.json(ONCE, decodeAnswer)).toBe(42);
  });
});

describe('the reports', () => {
  it('tell of each call how it ended, and after how many tries', async () => {
    const reports: CallReport[] = [];
    await using server = await FaultyServer.start(good, html(503), good, html(404), resetBeforeHead);
    await using client = connect(server.url, { onCall: (report) => reports.push(report) });
    const calls: ServiceRequest[] = [GET, GET, GET, ONCE];
    for (const request of calls) await client.json(request, decodeAnswer).catch(() => {});
    await client.json(GET, decodeAnswer, LightSignal.following([AbortSignal.abort()])).catch(() => {});
    expect(reports.map(({ outcome, tries }) => [outcome, tries])).toEqual([
      ['OK', 1],
      ['OK', 2],
      ['REFUSED', 1],
      ['UNAVAILABLE', 1],
      ['ABORTED', 0],
    ]);
    for (const { durationMs } of reports) expect(durationMs).toBeGreaterThanOrEqual(0);
  });
});

describe('closing', () => {
  it('ends running, waiting and handed out calls', async () => {
    await using server = await FaultyServer.start(drip, neverAnswer);
    const client = connect(server.url, { maxConcurrent: 2 });
    const { stream } = (await client.bytes(GET))!;
    const calls = [buffer(stream), client.json(GET, decodeAnswer), client.json(GET, decodeAnswer)];
    await server.received(2);
    await Promise.all([
      client.close(),
      ...calls.map(async (call) =>
        expect(await failureOf(call)).toMatchObject({
          code: 'UNAVAILABLE',
          message: 'imgcache is no longer asked: the gateway is stopping.',
        }),
      ),
    ]);
    expect(await failureOf(client.json(GET, decodeAnswer))).toMatchObject({ code: 'UNAVAILABLE' });
    await until(() => server.running === 0);
  });
});
