import { expect } from 'vitest';
import { distanceBetween } from '../fakes/memory-imgcache.js';
import type { Answer } from './imgcache-replay.js';
import { type Exchange, entryOf, type RecordedEntry } from './imgcache-transcript.js';

/** Where another answer than the recorded one is wanted. */
export interface Difference {
  ids: RegExp;
  reason: string;
  /** What is other than in the recorded answer. */
  wanted: (recorded: Answer, exchange: Exchange) => Partial<Answer>;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    ids: /^lookup\.(secondurl|empty)$/,
    reason: 'every URL of the same bytes is kept, not only the first',
    wanted: (_, { id }) => ({
      status: 200,
      body: entryOf(id === 'lookup.empty' ? 'store.emptyfilename' : 'store.new'),
    }),
  },
  {
    ids: /^lookup_time\.('2024-01-01T12:00:00\+02:00'|metaagain)$/,
    reason: 'the offset of a time is applied, not dropped',
    wanted: withLookupTime('2024-01-01T10:00:00'),
  },
  {
    ids: /^lookup_time\.'2024-01-01T12:00:00\.5-08:00'$/,
    reason: 'the offset of a time is applied, not dropped',
    wanted: withLookupTime('2024-01-01T20:00:00.500000'),
  },
  {
    ids: /^lookup_time\..*(T24:00:00|yesterday|1704067200|1704067200\.5|GMT|' 2024-01-01T00:00:00|2024-13-01T00:00:00)'$/,
    reason: 'a time that is none is refused by name, not with 500',
    wanted: refused(
      'datetime_parsing',
      ['body', 'lookup_time'],
      'Input should be a valid ISO 8601 date and time',
    ),
  },
  {
    ids: /^url\.nul$/,
    reason: 'a text with NUL is refused, because PostgreSQL cannot store it',
    wanted: refused('value_error', ['body', 'url'], 'Value error, A text cannot hold the character NUL', {
      ctx: { error: {} },
    }),
  },
  {
    ids: /^longurl\.store\.(70000|1000000)$/,
    reason: 'a URL that could never be looked up, because it is longer than any query, is refused',
    wanted: refused('string_too_long', ['body', 'url'], 'String should have at most 65536 characters', {
      ctx: { max_length: 65536 },
    }),
  },
  {
    ids: /^search\.'u\.example'$/i,
    reason: 'the URL with NUL was refused',
    wanted: ({ body }) => ({ body: { ...(body as object), __len: 19 } }),
  },
  {
    ids: /^search\.''$/,
    reason: 'the URLs with NUL and the two that are too long were refused',
    wanted: ({ body }) => ({ body: { ...(body as object), __len: 44 } }),
  },
  {
    ids: /^search\.'%'$/,
    reason: '% is itself',
    wanted: () => ({
      body: {
        __len: 3,
        first_urls: [
          'https://u.example/a%20b.jpg',
          'https://u.example/%E6%97%A5.jpg',
          'https://u.example/100%_done.jpg',
        ],
      },
    }),
  },
  {
    ids: /^search\.'_'$/,
    reason: '_ is itself',
    wanted: () => ({ body: { __len: 1, first_urls: ['https://u.example/100%_done.jpg'] } }),
  },
  {
    ids: /^search\.'(%%|a%b|u_example)'$/,
    reason: '% and _ are themselves, and no URL has this',
    wanted: () => ({ body: { __len: 0, first_urls: [] } }),
  },
  {
    ids: /^search\.'100%(_done)?'$/,
    reason: '% and _ are themselves',
    wanted: () => ({ body: [entryOf('url.14')] }),
  },
  {
    ids: /^similar\.perceptual_hash=(zz|2f0f0f0707474298%00)?$/,
    reason: 'a hash that is none is refused by name, not with 500',
    wanted: refusedHash(),
  },
  {
    ids: /^similar\.perceptual_hash=-/,
    reason:
      'a negative hash is refused: the original counts the bits of an absolute value, which is no distance',
    wanted: refusedHash(),
  },
  {
    ids: /^similar\.perceptual_hash=(?!ffff|2f0f0f07074742980|2f0f0f0707474298&max_hamming_distance=-1)/,
    reason: 'the nearest come first, and each with its distance',
    wanted: ({ body }, { request }) => ({ body: nearestFirst(body, hashOf(request)) }),
  },
  {
    ids: /^content\.mpo\.jpg$/,
    reason: 'the multi-picture JPEG of phones is a JPEG',
    wanted: ({ body }) => ({ body: { ...(body as RecordedEntry), content_type: 'image/jpeg' } }),
  },
  {
    ids: /^content\.mpo\.jpg\.bytes$/,
    reason: 'the multi-picture JPEG of phones is a JPEG',
    wanted: () => ({ contentType: 'image/jpeg' }),
  },
  {
    ids: /^doc\/(docs|redoc)$/,
    reason: 'the description has no pages',
    wanted: (_, { id }) =>
      id === 'doc/docs'
        ? { status: 307, contentType: undefined, location: '/openapi.json', body: '<0 bytes>' }
        : { status: 404, contentType: 'application/json', body: { detail: 'Not Found' } },
  },
  {
    ids: /^doc\/(openapi\.json|metrics)$/,
    reason: 'they describe and count what is served here',
    wanted: () => ({ body: expect.anything() }),
  },
];

function withLookupTime(lookup_time: string): Difference['wanted'] {
  return ({ body }) => ({ body: { ...(body as RecordedEntry), lookup_time } });
}

function refused(type: string, loc: string[], msg: string, more: object = {}): Difference['wanted'] {
  return () => ({
    status: 422,
    contentType: 'application/json',
    body: { detail: [{ type, loc, msg, input: expect.any(String), ...more }] },
  });
}

function refusedHash(): Difference['wanted'] {
  const msg = 'Value error, Expected a hash in hexadecimal digits';
  return refused('value_error', ['query', 'perceptual_hash'], msg, { ctx: { error: {} } });
}

/** All but two of the recorded queries are forms of one hash. */
function hashOf(request: string): string {
  if (request.includes('%EF%BC%91')) return '0000000000000001';
  return request.includes('=f0f0f0707474298') ? '0f0f0f0707474298' : '2f0f0f0707474298';
}

/** Rows, or the URLs of them, in the order of ours: equal distances by content hash. */
function nearestFirst(body: unknown, hash: string): unknown {
  const distanceOf = (row: RecordedEntry) => distanceBetween(row.perceptual_hash ?? '', hash);
  const sorted = (rows: RecordedEntry[]) => rows.toSorted((a, b) => distanceOf(a) - distanceOf(b));
  if (Array.isArray(body)) return sorted(body).map((row) => ({ ...row, hamming_distance: distanceOf(row) }));
  const { __len, first_urls } = body as { __len: number; first_urls: string[] };
  const rows = first_urls.map((url) => entryOf((entry) => entry.url === url));
  return { __len, first_urls: sorted(rows).map(({ url }) => url) };
}
