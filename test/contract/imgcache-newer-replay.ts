import { readFileSync } from 'node:fs';
import { blake3 } from 'hash-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { multipartBody, multipartType } from '../fakes/multipart-body.js';
import { type RawResponse, rawRequest } from '../fakes/raw-request.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { expectDescribed } from './imgcache-description.js';
import type { ReplaySubject } from './imgcache-replay.js';

/**
 * An exchange with the newer server. `{a}` stands for the BLAKE3 of the bytes of that name, `{size a}` for how many they are,
 * `{bytes a}` for themselves, `{time}` for any time, and `{cursor}` for one that is sent with the next request.
 */
interface Exchange {
  id: string;
  method: string;
  target: string;
  form?: [name: string, value: string][];
  headers?: Record<string, string>;
  status: number;
  /** The headers that are compared. */
  answer?: Record<string, string>;
  body: unknown;
}

const EXCHANGES = JSON.parse(
  readFileSync(new URL('../fixtures/transcripts/imgcache-newer.json', import.meta.url), 'utf8'),
) as readonly Exchange[];

const BYTES: Readonly<Record<string, Buffer>> = {
  a: tinyPicture('00000000000000ff'),
  b: tinyPicture('000000000000000f'),
  c: tinyPicture('ffffffff00000000'),
  text: Buffer.from('no image'),
  empty: Buffer.alloc(0),
};
const HASHES = new Map(
  await Promise.all(Object.entries(BYTES).map(async ([name, bytes]) => [name, await blake3(bytes)] as const)),
);

/** Where another answer than that of the original is wanted. */
interface Difference {
  ids: RegExp;
  reason: string;
  wanted: (exchange: Exchange) => Partial<Pick<Exchange, 'answer' | 'body'>>;
}

const LATE_URL = 'https://shop.example/door-a.png?v=2';
/** Changes the entries with a hash and a bucket in an answer. */
function changed(hash: string, bucket: string, changes: object) {
  const change = (body: unknown): unknown => {
    if (Array.isArray(body)) return body.map(change);
    const isIt = typeof body === 'object' && body !== null && 'aliases' in body;
    const entry = body as { hash?: string; bucket?: string };
    return isIt && entry.hash === hash && entry.bucket === bucket ? { ...entry, ...changes } : body;
  };
  return ({ body }: Exchange) => ({ body: change(body) });
}

export const DIFFERENCES: readonly Difference[] = [
  {
    ids: /^(store\.again\.otherurl|meta|lookup\.bucket|search\.all|similar)$/,
    reason: 'every URL of the same bytes is kept',
    wanted: changed('{a}', 'default', { aliases: ['https://shop.example/door-a.png', LATE_URL] }),
  },
  {
    ids: /^(store\.meta|meta\.parts|lookup|lookup\.fresh|lookup\.version|search)$/,
    reason: 'what the client said of an entry comes back',
    wanted: changed('{b}', 'parts', { meta: { make: 'x', years: [1999, 2000] } }),
  },
  {
    ids: /^(search\.all|similar\.all)$/,
    reason: 'both',
    wanted: (exchange) => {
      const urls = changed('{a}', 'default', { aliases: ['https://shop.example/door-a.png', LATE_URL] });
      const meta = changed('{b}', 'parts', { meta: { make: 'x', years: [1999, 2000] } });
      return meta({ ...exchange, ...urls(exchange) });
    },
  },
  {
    ids: /^serve\.known$/,
    reason: 'who has the bytes is told which they are',
    wanted: () => ({ answer: { etag: '"{a}"' } }),
  },
];

/**
 * Sends what the newer server was measured by, in the same order, and compares the answers.
 * @param differences where others are wanted; @default where ours is right and the original is not
 */
export function replayNewerImgCache(
  name: string,
  start: () => Promise<ReplaySubject>,
  differences: readonly Difference[] = DIFFERENCES,
): void {
  describe(name, () => {
    let subject: ReplaySubject;
    let cursor = '';
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.close());

    for (const exchange of EXCHANGES) {
      const found = differences.filter(({ ids }) => ids.test(exchange.id)).at(-1);
      it(`${exchange.id} ${found ? `differs: ${found.reason}` : 'is as measured'}`, async () => {
        const { status, answer = {}, body } = { ...exchange, ...found?.wanted(exchange) };
        const { target, ...sent } = requestOf(exchange, cursor);
        const { origin, pathname } = new URL(subject.url);
        const path = pathname === '/' ? '' : pathname;
        const response = await rawRequest(origin, { ...sent, target: path + target });
        if (path !== '') expectDescribed({ method: sent.method, target: path + target }, response);
        const headers = Object.keys(answer).map((key) => [key, headerOf(response, key)]);
        expect({
          status: response.status,
          answer: Object.fromEntries(headers),
          body: bodyOf(response),
        }).toEqual({
          status,
          answer,
          body,
        });
        cursor = nextCursorOf(response) ?? cursor;
      });
    }
  });
}

function requestOf({ method, target, form, headers = {} }: Exchange, cursor: string) {
  const sent = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, filled(value)]));
  const base = {
    method,
    target: filled(target).replace('{cursor}', encodeURIComponent(cursor)),
    headers: sent,
  };
  if (!form) return base;
  const parts = form.map(([name, value]) => {
    const [, bytes] = /^\{bytes (\w+)\}$/.exec(value) ?? [];
    return bytes === undefined
      ? { name, value: filled(value) }
      : { name, value: BYTES[bytes]!, filename: 'image' };
  });
  return { ...base, headers: { ...sent, 'content-type': multipartType() }, body: multipartBody(parts) };
}

function filled(text: string): string {
  return text.replace(/\{(\w+)\}/g, (written, name) => HASHES.get(name) ?? written);
}

function nextCursorOf({ headers, body }: RawResponse): string | null {
  if (headers['content-type'] !== 'application/json' || body.length === 0) return null;
  return (JSON.parse(body.toString()) as { next_cursor?: string | null } | null)?.next_cursor ?? null;
}

/** Our body, with the names of what is not the same in each replay. */
function bodyOf({ headers, body }: RawResponse): unknown {
  if (body.length === 0) return null;
  if (headers['content-type'] !== 'application/json') {
    const [name] = Object.entries(BYTES).find(([, bytes]) => bytes.equals(body)) ?? ['other bytes'];
    return `{bytes ${name}}`;
  }
  return JSON.parse(body.toString(), (key, value) => {
    if (ADDITIONS.has(key) && value !== 'ok') return undefined;
    if (key === 'next_cursor' && typeof value === 'string') return '{cursor}';
    if (key === 'size_bytes') return sizeOf(value);
    return typeof value === 'string' ? named(value) : value;
  });
}

/** What the original does not tell; other tests look at it. */
const ADDITIONS: ReadonlySet<string> = new Set(['status', 'more_urls', 'lookup_time', 'hamming_distance']);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/;

function named(text: string): string {
  if (TIME.test(text)) return '{time}';
  return text.replace(/[0-9a-f]{64}/g, (hash) => {
    const [name] = [...HASHES].find(([, known]) => known === hash) ?? [];
    return name === undefined ? hash : `{${name}}`;
  });
}

function headerOf({ headers }: RawResponse, key: string): string {
  const value = String(headers[key]);
  return key === 'content-length' ? sizeOf(Number(value)) : named(value);
}

function sizeOf(size: number): string {
  const [name] = Object.entries(BYTES).find(([, bytes]) => bytes.length === size) ?? [];
  return name === undefined ? String(size) : `{size ${name}}`;
}
