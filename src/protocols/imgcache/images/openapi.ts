import { DEFAULT_MAX_HAMMING_DISTANCE } from '../../../services/entry-query.js';
import {
  ABSENT,
  BYTES,
  bucket,
  FAILURES,
  form,
  hashIn,
  INVALID,
  json,
  page,
  problem,
  query,
  ref,
  text,
} from '../openapi-parts.js';

const hash = hashIn('content_hash', 'BLAKE2b-256 of the bytes, in 64 lower-case hex digits.');

/** A call about images. */
function images(operationId: string, summary: string, parameters: object[], responses: object, more = {}) {
  return {
    operationId,
    summary,
    parameters: [...parameters, bucket],
    ...more,
    responses: { ...responses, 422: INVALID, ...FAILURES },
  };
}

const ofHash = {
  get: images('get_image', 'The bytes.', [hash], {
    200: BYTES,
    404: ABSENT,
  }),
  delete: images('delete_image', 'Deletes the image with all its URLs.', [hash], {
    204: { description: 'It is gone.' },
    404: ABSENT,
  }),
};

const store = images(
  'store_image',
  'Stores the bytes, or notes one more URL of bytes that are there. Safe to repeat.',
  [],
  {
    200: json('The bytes were there.', ref('StoredImage')),
    201: json('The bytes are new.', ref('StoredImage')),
    400: problem('The form cannot be read.'),
    413: problem('The file is too large.'),
    507: problem('The disk is full.'),
  },
  form('StoreForm'),
);

const lists = {
  '/images/search': images(
    'search',
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
      query('url_host', 'The host of one of their URLs, without port; the original does not read it.', text),
      ...page,
    ],
    { 200: json('The images.', { type: 'array', items: ref('ImageEntryMeta') }) },
  ),
  '/images/similar': images(
    'similar',
    'The images that look like one with this hash, nearest first.',
    [
      query('perceptual_hash', 'A dHash in hex digits.', text, true),
      query('max_hamming_distance', 'In how many bits the hashes may differ.', {
        type: 'integer',
        default: DEFAULT_MAX_HAMMING_DISTANCE,
      }),
      ...page,
    ],
    { 200: json('The images.', { type: 'array', items: ref('SimilarImage') }) },
  ),
};

const FOUND = { 200: json('The image.', ref('ImageEntryMeta')), 404: ABSENT };
const meta = images(
  'get_meta',
  'What is known of an image.',
  [hash, query('all_urls', 'Tell every URL, however many.', { type: 'boolean', default: false })],
  FOUND,
);
const lookup = images(
  'lookup',
  'The newest image that was stored under exactly this URL.',
  [query('url', 'The URL, letter by letter.', text, true)],
  FOUND,
);

/** The paths of the older protocol. */
export const IMAGES_PATHS = {
  '/images': { post: store },
  '/images/meta/{content_hash}': { get: meta },
  '/images/lookup': { get: lookup },
  '/images/search': { get: lists['/images/search'] },
  '/images/similar': { get: lists['/images/similar'] },
  '/images/{content_hash}': ofHash,
} as const;
