import { text } from 'node:stream/consumers';
import { describe, it } from 'vitest';
import type { ServiceClient, ServiceRequest } from '#src/remote/http/client.js';
import type { ServiceErrorCode } from '#src/services/errors.js';
import {
  type Behaviour,
  closeAfter500,
  cutOff,
  cutOffChunked,
  drip,
  empty,
  endless,
  FaultyServer,
  html,
  json,
  neverAnswer,
  noise,
  redirect,
  resetAfterHead,
  resetBeforeHead,
  stall,
  truncatedJson,
} from '../fakes/faulty-server.js';
import { body, connect, decodeAnswer, failureOf, GET, good, ONCE } from '../fakes/service-calls.js';
import { until } from '../harness/patience.js';

type Call = (client: ServiceClient, request: ServiceRequest) => Promise<unknown>;

const KINDS = {
  json: (client, request) => client.json(request, decodeAnswer),
  bytes: async (client, request) => text((await client.bytes(request))!.stream),
  empty: (client, request) => client.empty(request),
} satisfies Record<string, Call>;

const REQUESTS = {
  repeatable: GET,
  'repeatable with a body': { ...ONCE, repeatable: true, body: body() },
  once: ONCE,
  'once with a body': { ...ONCE, body: body() },
} satisfies Record<string, ServiceRequest>;

interface Row {
  fault: string;
  behaviour: Behaviour;
  code: ServiceErrorCode;
  message: string;
  /** Whether a repeatable call, and one that is not, may be made again. */
  retryable: readonly [repeatable: boolean, once: boolean];
  /** How many requests a repeatable call makes. */
  tries: number;
  /** In which kinds of calls the fault shows; the others do not read so far. */
  kinds: readonly (keyof typeof KINDS)[];
}

const ALL: Row['kinds'] = ['json', 'bytes', 'empty'];
const unavailable = { code: 'UNAVAILABLE', retryable: [true, false], tries: 3, kinds: ALL } as const;
const timeout = { code: 'TIMEOUT', retryable: [true, false], tries: 1 } as const;
const badResponse = { code: 'BAD_RESPONSE', retryable: [false, false], tries: 1 } as const;

// biome-ignore format: a table
const MATRIX: Row[] = [
  { fault: 'reset before the head', behaviour: resetBeforeHead, message: 'imgcache broke off the connection.', ...unavailable, kinds: ALL },
  { fault: 'reset after the head', behaviour: resetAfterHead, message: 'imgcache broke off the connection.', ...unavailable, kinds: ['json'] },
  { fault: 'body cut off', behaviour: cutOff, message: 'imgcache broke off the connection.', ...unavailable, kinds: ['json'] },
  { fault: 'chunked body cut off', behaviour: cutOffChunked, message: 'imgcache broke off the connection.', ...unavailable, kinds: ['json'] },
  { fault: '500 and the connection closed', behaviour: closeAfter500, message: 'imgcache answered with a server error.', ...unavailable, kinds: ALL },
  { fault: '502 with HTML', behaviour: html(502), message: 'imgcache answered with a server error.', ...unavailable, kinds: ALL },
  { fault: '429', behaviour: html(429), message: 'imgcache is too busy to answer.', ...unavailable, retryable: [true, true], kinds: ALL },
  { fault: '408', behaviour: html(408), message: 'imgcache is too busy to answer.', ...unavailable, retryable: [true, true], kinds: ALL },
  { fault: 'no answer', behaviour: neverAnswer, message: 'imgcache did not answer within 0.4 s.', ...timeout, kinds: ALL },
  { fault: 'dripping answer', behaviour: drip, message: 'imgcache did not answer within 0.4 s.', ...timeout, kinds: ['json'] },
  { fault: 'answer that stalls', behaviour: stall, message: 'imgcache did not answer within 0.4 s.', ...timeout, kinds: ['json'] },
  { fault: '200 with HTML', behaviour: html(200), message: 'imgcache gave an answer that cannot be understood.', ...badResponse, kinds: ['json', 'bytes'] },
  { fault: 'broken JSON', behaviour: truncatedJson, message: 'imgcache gave an answer that cannot be understood.', ...badResponse, kinds: ['json'] },
  { fault: 'wrong types', behaviour: json({ answer: '42' }), message: 'imgcache gave an answer that cannot be understood.', ...badResponse, kinds: ['json'] },
  { fault: 'no content', behaviour: empty(204), message: 'imgcache gave an answer that cannot be understood.', ...badResponse, kinds: ['json', 'bytes'] },
  { fault: 'not HTTP', behaviour: noise, message: 'imgcache gave an answer that cannot be understood.', ...badResponse, kinds: ALL },
  { fault: 'endless head', behaviour: json({ answer: 1 }, 200, { 'x-long': 'x'.repeat(20_000) }), message: 'imgcache gave an answer that cannot be understood.', ...badResponse, kinds: ALL },
  { fault: '100 MB', behaviour: endless(100), message: 'imgcache gave an answer of more than 32 MiB.', ...badResponse, kinds: ['json'] },
  { fault: 'redirect', behaviour: redirect, message: 'imgcache answered with a redirect.', ...badResponse, kinds: ALL },
  { fault: '404', behaviour: html(404), message: 'imgcache refused the request with status 404.', ...badResponse, code: 'REFUSED', kinds: ALL },
  { fault: '422', behaviour: html(422), message: 'imgcache refused the request with status 422.', ...badResponse, code: 'REFUSED', kinds: ALL },
];

const CASES = MATRIX.flatMap((row) =>
  row.kinds.flatMap((kind) =>
    Object.entries(REQUESTS).map(([call, request]) => ({ ...row, kind, call, request })),
  ),
);

describe.concurrent('a fault of the service', () => {
  it.for(CASES)('$fault, $kind, $call: $code', async (row, { expect }) => {
    await using server = await FaultyServer.start(row.behaviour);
    await using client = connect(server.url, row.code === 'TIMEOUT' ? { timeoutMs: 400 } : {});
    const error = await failureOf(KINDS[row.kind](client, row.request));
    expect(error).toMatchObject({
      service: 'IMGCACHE',
      code: row.code,
      message: row.message,
      retryable: row.retryable[row.request.repeatable ? 0 : 1],
    });
    expect(error.cause).toBeInstanceOf(Error);
    const tries = row.request.repeatable ? row.tries : 1;
    expect(server.paths).toEqual(Array(tries).fill('/thing'));
    if ('body' in row.request)
      expect(server.requests.map(({ body }) => String(body))).toEqual(Array(tries).fill('some bytes'));

    server.behave(good);
    expect(await client.json(GET, decodeAnswer)).toBe(42);
    await until(() => server.running === 0);
  });
});
