// The parts that the schemas of both protocols are made of, in JSON Schema.

import { MAX_BUCKET_LENGTH } from '../../services/bucket.js';

export const text = { type: 'string' } as const;
/** What is said of buckets, wherever one is named. */
export const bucketSchema = {
  ...text,
  maxLength: MAX_BUCKET_LENGTH,
  description: 'Where the imgcache behind has buckets, the name of one. Else only the empty one is taken.',
} as const;
export const count = { type: 'integer', minimum: 0 } as const;
export const hex = (digits: number) => ({ type: 'string', pattern: `^[0-9a-f]{${digits}}$` }) as const;
export const time = (description: string) =>
  ({
    type: 'string',
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6})?$',
    description,
  }) as const;
export const dimension = {
  type: ['integer', 'null'],
  minimum: 1,
  description: 'In pixels, as stored.',
} as const;
export const perceptualHash = {
  type: ['string', 'null'],
  pattern: '^[0-9a-f]{16}$',
  description: 'dHash of 64 bits; null for what could not be decoded.',
} as const;
export const distance = { ...count, description: 'In how many bits the two hashes differ.' } as const;
export const status = {
  enum: ['CREATED', 'URL_ADDED', 'UNCHANGED'],
  description: 'The bytes are new, they have one more URL, or there was nothing to do.',
} as const;
