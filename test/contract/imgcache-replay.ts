import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireEntry } from '#src/services/wire-entry.js';
import { multipartBody, multipartType } from '../fakes/multipart-body.js';
import { type RawResponse, rawRequest } from '../fakes/raw-request.js';
import { expectDescribed } from './imgcache-description.js';
import { REPLAYED_BYTES } from './imgcache-replay-bytes.js';
import { DIFFERENCES } from './imgcache-replay-differences.js';
import { NOT_REPLAYED, rebuildRequest } from './imgcache-replay-requests.js';
import { type Exchange, isEntry, masked, type RecordedEntry, TRANSCRIPT } from './imgcache-transcript.js';

/** What is compared of an answer. */
export interface Answer {
  status: number;
  contentType: string | undefined;
  allow: string | undefined;
  /** Only the path: the original makes an address from the Host header. */
  location: string | undefined;
  body: unknown;
}

export interface ReplaySubject {
  /** Where an imgcache that is empty is served, without a slash at the end. */
  url: string;
  close(): Promise<void>;
}

/** Sends what was recorded from the original server, in the same order, and compares the answers. */
export function replayImgCache(name: string, start: () => Promise<ReplaySubject>): void {
  describe(name, () => {
    let subject: ReplaySubject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.close());

    for (const exchange of TRANSCRIPT) {
      if (NOT_REPLAYED.some(({ ids }) => ids.test(exchange.id))) continue;
      const difference = DIFFERENCES.find(({ ids }) => ids.test(exchange.id));
      it(`${exchange.id} ${difference ? `differs: ${difference.reason}` : 'is as recorded'}`, async () => {
        const recorded = recordedAnswer(exchange);
        const wanted = { ...recorded, ...difference?.wanted(recorded, exchange) };
        expect(await replay(subject.url, exchange)).toEqual(wanted);
      });
    }

    it('stores the same bytes once when they come 32 times at once', async () => {
      const statuses = await Promise.all(Array.from({ length: 32 }, () => store(subject.url, 'identical')));
      expect(statuses.toSorted()).toEqual([...Array(31).fill(200), 201]);
    });

    it('stores 64 images at once', async () => {
      const statuses = await Promise.all(
        Array.from({ length: 64 }, (_, index) => store(subject.url, `different ${index}`)),
      );
      expect(statuses).toEqual(Array(64).fill(201));
    });

    it('searches 64 times at once', async () => {
      const target = '/images/similar?perceptual_hash=2f0f0f0707474298&max_hamming_distance=10';
      const responses = await Promise.all(Array.from({ length: 64 }, () => fetch(subject.url + target)));
      const bodies = await Promise.all(responses.map((response) => response.text()));
      expect(responses.map(({ status }) => status)).toEqual(Array(64).fill(200));
      expect(new Set(bodies).size).toBe(1);
    });
  });

  describe(`${name}: the lists of what is not as recorded`, () => {
    const ids = TRANSCRIPT.map(({ id }) => id);

    it.each([...NOT_REPLAYED, ...DIFFERENCES])('has a recorded exchange for: $reason', ({ ids: pattern }) => {
      expect(ids.filter((id) => pattern.test(id))).not.toEqual([]);
    });
  });
}

function recordedAnswer({ status, headers, body }: Exchange): Answer {
  return {
    status,
    contentType: headers['content-type'],
    allow: headers.allow,
    location: headers.location?.replace(/^http:\/\/[^/]*/, ''),
    body: isCut(body)
      ? 'cut'
      : masked(typeof body === 'string' ? body.replace(/ bytes.*>$/, ' bytes>') : body),
  };
}

async function replay(url: string, exchange: Exchange): Promise<Answer> {
  const { origin, pathname } = new URL(url);
  const stored = isEntry(exchange.body) ? REPLAYED_BYTES.get(exchange.body.content_hash) : undefined;
  const request = rebuildRequest(exchange, stored?.bytes);
  const target = translated(pathname + request.target, 'TO_OURS');
  const response = await rawRequest(origin, { ...request, target });
  expectDescribed({ ...request, target }, response);
  const { status, headers } = response;
  return {
    status,
    contentType: headers['content-type'],
    allow: headers.allow,
    location: headers.location?.slice(pathname.length),
    body: asRecorded(response, exchange),
  };
}

/** Our body, in the form that the recorder gave to such a one. */
function asRecorded({ headers, body }: RawResponse, { request, body: recorded }: Exchange): unknown {
  if (body.length === 0 && recorded === null) return null;
  if (isCut(recorded)) return 'cut';
  if (headers['content-type'] !== 'application/json') {
    const hash = /[0-9a-f]{64}/.exec(request)?.[0] ?? '';
    return body.equals(REPLAYED_BYTES.get(hash)?.bytes ?? body) ? `<${body.length} bytes>` : 'other bytes';
  }
  const json: unknown = JSON.parse(translated(body.toString(), 'TO_THEIRS'));
  if (isSummary(recorded, '__len') && Array.isArray(json))
    return { __len: json.length, first_urls: json.slice(0, 8).map(({ url }) => url) };
  if (isSummary(recorded, 'url_length') && isEntry(json)) {
    const lengths = { url_length: json.url.length, original_filename_length: json.original_filename?.length };
    return 'original_filename_length' in recorded ? lengths : { url_length: lengths.url_length };
  }
  return masked(withoutAdditions(json), recorded);
}

/** Entries as the original knows them: what it does not tell of them, the tests of the wire look at. */
function withoutAdditions(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withoutAdditions);
  if (!isEntry(body)) return body;
  const {
    urls: _urls,
    status: _status,
    ...entry
  } = body as RecordedEntry & Pick<WireEntry, 'urls' | 'status'>;
  return entry;
}

function isSummary(body: unknown, key: string): body is object {
  return typeof body === 'object' && body !== null && key in body;
}

/** The recorder cut one body in the middle. */
function isCut(body: unknown): boolean {
  return typeof body === 'string' && body.startsWith("{'url': ");
}

/** Stand-ins have other hashes than what they stand for. */
function translated(text: string, direction: 'TO_OURS' | 'TO_THEIRS'): string {
  const pairs = [...REPLAYED_BYTES].map(([theirs, { contentHash }]) => [theirs, contentHash] as const);
  const names = new Map(direction === 'TO_OURS' ? pairs : pairs.map(([theirs, ours]) => [ours, theirs]));
  return text.replace(/[0-9a-f]{64}/g, (hash) => names.get(hash) ?? hash);
}

async function store(url: string, content: string): Promise<number> {
  const body = multipartBody([
    { name: 'url', value: `https://conc.example/${content}` },
    { name: 'client_name', value: 'conc' },
    { name: 'file', value: content, filename: 'a' },
  ]);
  const headers = { 'Content-Type': multipartType() };
  const { pathname } = new URL(url);
  return (await rawRequest(url, { method: 'POST', target: `${pathname}/images`, headers, body })).status;
}
