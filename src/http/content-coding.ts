import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
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

const gzipped = promisify(gzip);
const brotli = promisify(brotliCompress);

/** Compresses a body in a thread, at the level where more time brings little for JSON. */
export async function encode(body: Buffer, coding: ContentCoding): Promise<Buffer> {
  if (coding === 'gzip') return gzipped(body, { level: GZIP_LEVEL });
  if (coding === 'br') return brotli(body, { params: brotliParams(body.length) });
  return body;
}

const GZIP_LEVEL = 6;
const BROTLI_QUALITY = 4;

function brotliParams(size: number): Record<number, number> {
  return {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
  };
}
