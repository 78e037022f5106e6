// The schemas of the older protocol's responses and forms, and of what both have, in JSON Schema.

import { CACHE_SCHEMAS } from './cache/openapi-schemas.js';
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
} from './schema-parts.js';

const entryProperties = {
  url: { ...text, description: 'The URL that the bytes were first stored under.' },
  content_hash: { ...hex(64), description: 'BLAKE2b-256 of the bytes.' },
  content_type: { ...text, description: 'By the bytes, not by the name.' },
  file_size_bytes: count,
  original_filename: {
    type: ['string', 'null'],
    description:
      "The name that the file was given when it was stored, else the last segment of the URL's path.",
  },
  width: dimension,
  height: dimension,
  perceptual_hash: perceptualHash,
  client_name: text,
  lookup_time: time('When that client found it, in UTC.'),
  created_at: time('When it was stored, in UTC.'),
} as const;

/** Present only where an entry has several URLs. */
const urlProperties = {
  urls: {
    type: 'array',
    items: text,
    description:
      'Every URL that the bytes were stored under, the first one first, where there are 2 to 10, or they were asked for.',
  },
  more_urls: {
    const: true,
    description: 'There are more URLs than are told here: GET /images/meta/{content_hash}?all_urls=true.',
  },
} as const;

function entryWith(properties: Readonly<Record<string, object>>) {
  return {
    type: 'object',
    properties: { ...entryProperties, ...urlProperties, ...properties },
    required: [...Object.keys(entryProperties), ...Object.keys(properties)],
    additionalProperties: false,
  };
}

const ValidationError = {
  type: 'object',
  properties: {
    type: text,
    loc: { type: 'array', items: text, description: 'Where: body or query, and the name.' },
    msg: text,
    input: { type: ['string', 'null'] },
    ctx: { type: 'object' },
  },
  required: ['type', 'loc', 'msg', 'input'],
  additionalProperties: false,
};

const problem = (detail: object) => ({
  type: 'object',
  properties: { detail },
  required: ['detail'],
  additionalProperties: false,
});

export const schemas = {
  ImageEntryMeta: entryWith({}),
  SimilarImage: entryWith({ hamming_distance: distance }),
  StoredImage: entryWith({ status }),
  Health: {
    type: 'object',
    properties: { status: { const: 'ok' } },
    required: ['status'],
    additionalProperties: false,
  },
  StoreForm: {
    type: 'object',
    properties: {
      file: {
        type: 'string',
        contentMediaType: 'application/octet-stream',
        description: 'The bytes; its file name becomes original_filename, unless it is empty or image.',
      },
      url: { ...text, maxLength: 65_536, description: 'Where the bytes came from: any text.' },
      client_name: { ...text, description: 'Who found them.' },
      lookup_time: {
        ...text,
        description: 'When, in a form of ISO 8601; without an offset in UTC. Absent: now.',
      },
      bucket: bucketSchema,
    },
    required: ['file', 'url', 'client_name'],
  },
  ...CACHE_SCHEMAS,
  ValidationError,
  HTTPValidationError: problem({ type: 'array', items: { $ref: '#/components/schemas/ValidationError' } }),
  Problem: problem({ ...text, description: 'What is wrong, in a sentence.' }),
} as const;

export type SchemaName = keyof typeof schemas;
