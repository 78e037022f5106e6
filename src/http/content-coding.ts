import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';

/** What responses can be coded with, in the order of preference where a client has none. */
const CODINGS = ['br', 'gzip', 'identity'] as const;

export type ContentCoding = (typeof CODINGS)[number];

/** The types of the package lack the option. */
interface EncodingNegotiator {
  encodings(available: string[], options: { preferred: string[] }): string[];
}

/** Of a body that is worth compressing: a smaller one takes one packet in any case. */
const MIN_BYTES = 1024;

const KEPT_CHARACTERS = 50_000;
/** Codings by `Accept-Encoding` header: clients always send the same. */
const kept = new LRUCache<string, readonly ContentCoding[]>({
  max: 500,
  maxSize: KEPT_CHARACTERS,
  maxEntrySize: 2000,
  sizeCalculation: (_, header) => header.length + 1, // A size must not be 0.
});

/**
 * The codings that a client takes, the best first, by `Accept-Encoding` as RFC 9110 has it. Empty when it takes none of ours,
 * not even an uncompressed response.
 */
export function acceptedCodings({ headers }: IncomingMessage): readonly ContentCoding[] {
  const header = headers['accept-encoding'];
  if (header === undefined) return ['identity'];
  const text = String(header);
  const known = kept.get(text);
  if (known) return known;
  const negotiator: EncodingNegotiator = new Negotiator({ headers: { 'accept-encoding': text } });
  // Of the codings that it is given it gives some.
  const codings = negotiator.encodings([...CODINGS], { preferred: [...CODINGS] }) as ContentCoding[];
  kept.set(text, codings);
  return codings;
}

/** The coding of a response with a body of so many bytes. */
export function codingFor(req: IncomingMessage, size: number): ContentCoding {
  const accepted = acceptedCodings(req);
  if (size < MIN_BYTES && accepted.includes('identity')) return 'identity';
  return accepted[0] ?? 'identity';
}

const gzipInThread = promisify(gzip);
const brotliInThread = promisify(brotliCompress);

/** Compresses a body; in a thread where it takes longer than going there and back. */
export async function encode(body: Buffer, coding: ContentCoding): Promise<Buffer> {
  if (coding === 'identity') return body;
  const isAtOnce = body.length <= MAX_AT_ONCE_BYTES;
  if (coding === 'gzip') return isAtOnce ? gzipSync(body, GZIP) : gzipInThread(body, GZIP);
  const options = { params: brotliParams(body.length) };
  return isAtOnce ? brotliCompressSync(body, options) : brotliInThread(body, options);
}

/**
 * Brotli takes a quarter of a millisecond for as many bytes, and gzip half of one: less than what it took to make them. In a
 * thread, whose memory is new each time, brotli takes seven times that, and gzip for a page of 46 kB twice as long.
 */
const MAX_AT_ONCE_BYTES = 128 * 1024;

// For pages of entries of 46 kB, at 16 at a time. Memory costs as much as work: it is new for each body.

/** At level 6 with the usual memory, a page takes twice the time, and 4 % less space. */
const GZIP = { level: 1, windowBits: 13, memLevel: 5 };
/** At 3, a page takes two to three times the time, and 8 % less space; gzip takes a third more time, and 20 % more space. */
const BROTLI_QUALITY = 1;

/** The window is no larger than the body: the usual one takes half as much time again. */
function brotliParams(size: number): Record<number, number> {
  return {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: Math.min(Math.max(Math.ceil(Math.log2(size)), 10), 22),
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
  };
}
