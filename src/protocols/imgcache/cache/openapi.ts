import { DEFAULT_MAX_HAMMING_DISTANCE } from '../../../services/entry-query.js';
import {
  ABSENT,
  BYTES,
  bucket,
  FAILURES,
  form,
  hashIn,
  json,
  page,
  problem,
  query,
  ref,
  text,
} from '../openapi-parts.js';
import { BROWSE_LIMITS, BROWSE_ORDERS, DEFAULT_BROWSE_LIMIT } from './query.js';

const hash = hashIn(
  'hash',
  'BLAKE3 of the bytes, in 64 lower-case hex digits, or the content hash of the older protocol.',
);
const REFUSED = json('Something is wrong with the request.', {
  anyOf: [ref('HTTPValidationError'), ref('Problem')],
});

function call(operationId: string, summary: string, parameters: object[], responses: object, more = {}) {
  return {
    operationId,
    summary,
    parameters,
    ...more,
    responses: { ...responses, 422: REFUSED, ...FAILURES },
  };
}

/** A call about one image, in a bucket: in the one without a name where none is named. */
const named = (operationId: string, summary: string, responses: object, parameters: object[] = []) =>
  call(operationId, summary, [hash, ...parameters, bucket], responses);
const all = { ...bucket, description: `${bucket.description} All buckets where none is named.` };

const FOUND = { 200: json('The image.', ref('CacheEntry')), 404: ABSENT };
const VERSIONED = {
  304: { description: 'The client has it.' },
  412: problem('The client wants another version.'),
};
const RANGES = { 206: BYTES, 416: problem('There is no such range.') };
const time = { type: 'string', format: 'date-time' };
const [least, most] = BROWSE_LIMITS;

const url = (operationId: string, summary: string, parameters: object[], responses: object) =>
  call(
    operationId,
    summary,
    [query('url', 'The URL, letter by letter.', text, true), ...parameters, all],
    responses,
  );

const CACHE = {
  '/cache': {
    post: call(
      'store_cache_image',
      'Stores an image, or notes when it was stored again, and one more URL of it. Safe to repeat.',
      [bucket],
      {
        200: json('The bytes were there.', ref('StoredCacheEntry')),
        201: json('The bytes are new.', ref('StoredCacheEntry')),
        400: problem('The form cannot be read.'),
        413: problem('The file is too large.'),
        507: problem('The disk is full.'),
      },
      form('CacheForm'),
    ),
  },
  '/cache/meta/{hash}': {
    get: named('get_cache_meta', 'What is known of an image.', FOUND, [
      query('all_urls', 'Tell every URL, however many.', { type: 'boolean', default: false }),
    ]),
  },
  '/cache/lookup': {
    get: url(
      'lookup_cache',
      'The newest image that was stored under exactly this URL.',
      [
        query('max_age', 'How many seconds ago it may have been stored last.', { type: 'integer' }),
        query('version', 'The hash of an image, in place of the URL; not together with max_age.', text),
      ],
      FOUND,
    ),
  },
  '/cache/resolve': {
    get: url('resolve_url', 'The hash of the newest image that was stored under exactly this URL.', [], {
      200: json('The hash.', ref('ResolvedUrl')),
      404: ABSENT,
    }),
  },
  '/cache/serve/{hash}': {
    get: named('serve_image', 'The bytes, for browsers and caches: they never change.', {
      200: BYTES,
      ...RANGES,
      ...VERSIONED,
      404: ABSENT,
    }),
    head: named('head_image', 'What would be served.', {
      200: { description: 'The image is there.' },
      ...VERSIONED,
      404: ABSENT,
    }),
  },
  '/cache/{hash}': {
    get: named('get_cache_image', 'The bytes.', { 200: BYTES, ...RANGES, ...VERSIONED, 404: ABSENT }),
    delete: named('delete_cache_image', 'Deletes the image from the bucket, with all its URLs.', {
      204: { description: 'It is gone.' },
      404: ABSENT,
    }),
  },
};

const LISTS = {
  '/cache/search': {
    get: call(
      'search_cache',
      'The images with a text in one of their URLs, oldest first.',
      [
        query(
          'url_contains',
          'A plain text, ASCII letters in either case: % and _ are themselves.',
          text,
          true,
        ),
        query(
          'url_contains_literally',
          'Counts in place of url_contains, which the original reads alone.',
          text,
        ),
        query(
          'url_host',
          'The host of one of their URLs, without port; the original does not read it.',
          text,
        ),
        ...page,
        all,
      ],
      { 200: json('The images.', { type: 'array', items: ref('CacheEntry') }) },
    ),
  },
  '/cache/similar': {
    get: call(
      'similar_cache',
      'The images that look like one with this hash, nearest first.',
      [
        query('perceptual_hash', 'A dHash in hex digits.', text, true),
        query('max_hamming_distance', 'In how many bits the hashes may differ.', {
          type: 'integer',
          default: DEFAULT_MAX_HAMMING_DISTANCE,
        }),
        ...page,
        all,
      ],
      { 200: json('The images.', { type: 'array', items: ref('SimilarCacheEntry') }) },
    ),
  },
};

const BROWSE = {
  '/browse': {
    get: call(
      'browse',
      'A part of the images, by the time when they were stored.',
      [
        query('prefix', 'Exactly this one.', text),
        query('client_name', 'Who stored them first.', text),
        query('date_from', 'When they were stored: then, or later.', time),
        query('date_to', 'Then, or earlier.', time),
        query('q', 'A plain text in one of their URLs, ASCII letters in either case.', text),
        query('q_literally', 'Counts in place of q, which the original reads alone.', text),
        query(
          'url_host',
          'The host of one of their URLs, without port; the original does not read it.',
          text,
        ),
        query('cursor', 'What the part before gave as next_cursor.', text),
        query('limit', 'How many at most.', {
          type: 'integer',
          minimum: least,
          maximum: most,
          default: DEFAULT_BROWSE_LIMIT,
        }),
        query('order', 'The newest first, or the oldest.', {
          enum: BROWSE_ORDERS,
          default: BROWSE_ORDERS[0],
        }),
        all,
      ],
      { 200: json('The part.', ref('BrowsePage')) },
    ),
  },
  '/browse/buckets': {
    get: call('list_buckets', 'The names of the buckets that something is in.', [], {
      200: json('The names.', ref('Buckets')),
    }),
  },
  '/browse/prefixes': {
    get: call('list_prefixes', 'The prefixes of the images of a bucket.', [{ ...bucket, required: true }], {
      200: json('The prefixes.', ref('Prefixes')),
    }),
  },
};

/** The paths of the newer protocol. */
export const CACHE_PATHS = { ...CACHE, ...LISTS, ...BROWSE } as const;
