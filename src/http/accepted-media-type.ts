import { LRUCache } from 'lru-cache';

/** The media types of GraphQL's responses, in the order of preference where a client has none. */
export const GRAPH_MEDIA_TYPES = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'multipart/mixed',
] as const;

export type GraphMediaType = (typeof GRAPH_MEDIA_TYPES)[number];

const KEPT_CHARACTERS = 50_000;
/** Media types by `Accept` header: clients always send the same, and reading it takes longer than reading a small query. */
const kept = new LRUCache<string, { type: GraphMediaType | null }>({
  max: 500,
  maxSize: KEPT_CHARACTERS,
  sizeCalculation: (_, accept) => accept.length + 1, // A size must not be 0.
});

/** The media type of GraphQL that a client prefers; null when it takes none of them. */
export function acceptedGraphMediaType(accept = '*/*'): GraphMediaType | null {
  const known = kept.get(accept);
  if (known) return known.type;
  const type = acceptedMediaType(accept, GRAPH_MEDIA_TYPES);
  kept.set(accept, { type });
  return type;
}

/** Streams bring one result, as JSON does, so that a client gets one only where it likes nothing else as much. */
const STREAMS: ReadonlySet<string> = new Set(['text/event-stream', 'multipart/mixed']);

/** No browser sends a longer header; reading one would take long. */
const MAX_LENGTH = 2000;

interface MediaRange {
  /** In lower case, such as `text/html` or `text/*`. */
  type: string;
  quality: number;
  /** Its place in the header. */
  index: number;
}

/**
 * The media type that a client prefers, by `Accept` as RFC 9110 has it. Of those that it likes as much as each other, it is
 * the one that it names first, and no stream.
 * @returns null when it takes none of those that are offered
 */
export function acceptedMediaType<T extends string>(
  accept: string | undefined,
  offered: readonly [T, ...T[]],
): T | null {
  if (!accept || accept === '*/*' || accept.length > MAX_LENGTH) return offered[0];
  const ranges = readRanges(accept);
  const [best] = offered
    .flatMap((type) => {
      const range = rangeOf(type, ranges);
      if (!range || range.quality === 0) return [];
      return { type, quality: range.quality, rank: range.index + (STREAMS.has(type) ? ranges.length : 0) };
    })
    .sort((a, b) => b.quality - a.quality || a.rank - b.rank);
  return best?.type ?? null;
}

/** The most specific range with a type; of several such, the one of the greatest quality. */
function rangeOf(type: string, ranges: readonly MediaRange[]): MediaRange | null {
  for (const wanted of [type, type.replace(/\/.*/, '/*'), '*/*']) {
    let found: MediaRange | null = null;
    for (const range of ranges)
      if (range.type === wanted && range.quality > (found?.quality ?? -1)) found = range;
    if (found) return found;
  }
  return null;
}

function readRanges(accept: string): MediaRange[] {
  const text = accept.includes('"') ? accept.replace(/"(?:[^"\\]|\\.)*"/g, withoutSeparators) : accept;
  return text.toLowerCase().split(',').flatMap(readRange);
}

/** A quoted text without the characters that separate parameters and ranges. */
function withoutSeparators(quoted: string): string {
  return quoted.replace(/[",;\\\s]/g, '');
}

/** A media range. Of its parameters only quality and charset count: all that is offered is UTF-8, and has no others. */
function readRange(text: string, index: number): MediaRange | [] {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  let quality = 1;
  for (const parameter of parameters) {
    const [name, value = ''] = parameter.split(/\s*=\s*/);
    if (name === 'charset' && value !== 'utf-8') return [];
    if (name === 'q') quality = /^(?:0(?:\.\d*)?|1(?:\.0*)?|\.\d+)$/.test(value) ? Number(value) : 1;
  }
  return { type, quality, index };
}
