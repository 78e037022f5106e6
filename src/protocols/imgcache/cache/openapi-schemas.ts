// The schemas of the newer protocol's responses and forms, in JSON Schema.

import { MAX_META_BYTES, MAX_PREFIX_LENGTH } from '../../../services/entry-notes.js';
import {
  bucketSchema,
  count,
  dimension,
  distance,
  hex,
  perceptualHash,
  status,
  text,
  time,
} from '../schema-parts.js';

const textOrNull = (description: string) => ({ type: ['string', 'null'], description }) as const;
const hash = {
  ...hex(64),
  description: 'BLAKE3 of the bytes; where the imgcache behind does not know it, its own content hash.',
} as const;
const prefix = textOrNull('Where in its bucket the client filed it.');

const itemProperties = {
  hash,
  url: { ...text, description: 'The URL that the bytes were first stored under.' },
  bucket: { ...text, description: 'The empty one has no name.' },
  prefix,
  client_name: text,
  mime_type: { ...text, description: 'By the bytes, not by the name.' },
  size_bytes: count,
  width: dimension,
  height: dimension,
  created_at: time('When it was stored, in UTC.'),
  retrieved_at: {
    ...time('When the same bytes were last stored in this bucket by this protocol; null for never.'),
    type: ['string', 'null'],
  },
} as const;

const entryProperties = {
  ...itemProperties,
  filename: textOrNull(
    "The name that the file was given when it was stored, else the last segment of the URL's path.",
  ),
  perceptual_hash: perceptualHash,
  file_extension: textOrNull('The ending of files of its type.'),
  meta: { description: 'What the client said of it: any JSON.' },
  aliases: {
    type: 'array',
    items: text,
    description:
      'Every URL that the bytes were stored under, the first one first; of more than 10 that one alone.',
  },
} as const;

const more_urls = {
  const: true,
  description: 'There are more URLs than are told here: GET /cache/meta/{hash}?all_urls=true.',
} as const;
const lookup_time = time('When its client found it, where that is not when it was stored; in UTC.');

function entryWith(properties: Readonly<Record<string, object>>) {
  return {
    type: 'object',
    properties: { ...entryProperties, more_urls, lookup_time, ...properties },
    required: [...Object.keys(entryProperties), ...Object.keys(properties)],
    additionalProperties: false,
  };
}

function objectOf(
  properties: Readonly<Record<string, object>>,
  optional: Readonly<Record<string, object>> = {},
) {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

export const CACHE_SCHEMAS = {
  CacheEntry: entryWith({}),
  SimilarCacheEntry: entryWith({ hamming_distance: distance }),
  StoredCacheEntry: entryWith({ status }),
  ResolvedUrl: objectOf({ hash, url: text }),
  BrowsePage: objectOf({
    items: {
      type: 'array',
      items: objectOf({ ...itemProperties, cache_type: { const: 'image' } }, { more_urls }),
    },
    next_cursor: textOrNull('Leads to the next part; null at the end.'),
  }),
  Buckets: objectOf({ buckets: { type: 'array', items: text } }),
  Prefixes: objectOf({ prefixes: { type: 'array', items: prefix } }),
  CacheForm: {
    type: 'object',
    properties: {
      file: {
        type: 'string',
        contentMediaType: 'application/octet-stream',
        description: 'The bytes of an image; its file name becomes filename, unless it is empty or image.',
      },
      url: { ...text, maxLength: 65_536, description: 'Where the bytes came from: any text.' },
      client_name: { ...text, description: 'Who found them.' },
      content_hash: { ...hex(64), description: 'BLAKE3 of the bytes: others are refused.' },
      bucket: bucketSchema,
      prefix: {
        ...text,
        maxLength: MAX_PREFIX_LENGTH,
        description: 'Names between slashes, none of them . or .., for a new entry to be filed under.',
      },
      meta: {
        ...text,
        maxLength: MAX_META_BYTES,
        description: 'What is to be known of a new entry: JSON.',
      },
      lookup_time: {
        ...text,
        description: 'When the client found them, in a form of ISO 8601; the original does not read it.',
      },
    },
    required: ['file', 'url', 'client_name', 'content_hash'],
  },
} as const;
