import { DEFAULT_MAX_HAMMING_DISTANCE } from '../../services/imgcache.js';
import { bucketSchema, schemas } from './openapi-schemas.js';

type SchemaName = keyof typeof schemas;

const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
const json = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});
const problem = (description: string) => json(description, ref('Problem'));

const INVALID = json('Something is wrong with the request.', ref('HTTPValidationError'));
const ABSENT = problem('There is no such image.');
/** The failures of any call. */
const FAILURES = {
  401: problem('A key is needed, or this one is not valid.'),
  403: problem('The key does not allow it.'),
  500: problem('Something went wrong here.'),
  501: problem('The imgcache behind this one cannot do it.'),
  502: problem('The imgcache behind this one gave no answer that can be used.'),
  503: problem('The imgcache behind this one does not answer.'),
  504: problem('The imgcache behind this one did not answer in time.'),
};

const hash = {
  name: 'content_hash',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'BLAKE2b-256 of the bytes, in 64 lower-case hex digits.',
};
const query = (name: string, description: string, schema: object, required = false) => ({
  name,
  in: 'query',
  required,
  schema,
  description,
});
const text = { type: 'string' };
const natural = { type: 'integer', minimum: 0 };
const bucket = query('bucket', bucketSchema.description, { ...text, maxLength: bucketSchema.maxLength });
const page = [
  query('offset', 'How many to leave out first.', { ...natural, default: 0 }),
  query('limit', 'How many at most; absent means all.', natural),
];

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
    200: {
      description: 'The bytes, with the type that they have.',
      content: { '*/*': { schema: { type: 'string', contentMediaType: 'application/octet-stream' } } },
    },
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
  { requestBody: { required: true, content: { 'multipart/form-data': { schema: ref('StoreForm') } } } },
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

const plain = (operationId: string, summary: string, responses: object) => ({
  get: { operationId, summary, responses },
});

/**
 * The description of the protocol in OpenAPI, for the tools of its clients.
 * @param mount the path that it is served below
 */
export function openApi(mount: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'imgcache',
      version: '0.1.0',
      description: "imgcache's REST protocol, as Lookalike serves it.",
    },
    servers: [{ url: mount || '/' }],
    paths: {
      '/images': { post: store },
      '/images/meta/{content_hash}': { get: meta },
      '/images/lookup': { get: lookup },
      '/images/search': { get: lists['/images/search'] },
      '/images/similar': { get: lists['/images/similar'] },
      '/images/{content_hash}': ofHash,
      '/health': plain('health', 'Whether it can do its work.', {
        200: json('It can.', ref('Health')),
        ...FAILURES,
      }),
      '/metrics': plain('metrics', 'What was asked since the start, for Prometheus.', {
        200: { description: 'The metrics.', content: { 'text/plain': { schema: text } } },
      }),
      '/openapi.json': plain('openapi', 'This document.', {
        200: json('The document.', { type: 'object' }),
      }),
      '/docs': plain('docs', 'Leads to this document.', { 307: { description: 'To /openapi.json.' } }),
    },
    components: { schemas },
  };
}
