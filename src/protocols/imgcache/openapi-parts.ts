// The parts that the descriptions of both protocols are made of.

import type { SchemaName } from './openapi-schemas.js';
import { bucketSchema } from './schema-parts.js';

export const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
export const json = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});
export const problem = (description: string) => json(description, ref('Problem'));

export const INVALID = json('Something is wrong with the request.', ref('HTTPValidationError'));
export const ABSENT = problem('There is no such image.');
/** The failures of any call. */
export const FAILURES = {
  401: problem('A key is needed, or this one is not valid.'),
  403: problem('The key does not allow it.'),
  500: problem('Something went wrong here.'),
  501: problem('The imgcache behind this one cannot do it.'),
  502: problem('The imgcache behind this one gave no answer that can be used.'),
  503: problem('The imgcache behind this one does not answer.'),
  504: problem('The imgcache behind this one did not answer in time.'),
};

export const query = (name: string, description: string, schema: object, required = false) => ({
  name,
  in: 'query',
  required,
  schema,
  description,
});
export const text = { type: 'string' };
export const natural = { type: 'integer', minimum: 0 };
export const bucket = query('bucket', bucketSchema.description, {
  ...text,
  maxLength: bucketSchema.maxLength,
});
export const page = [
  query('offset', 'How many to leave out first.', { ...natural, default: 0 }),
  query('limit', 'How many at most; absent means all.', natural),
];

/** Whose names the path has. */
export const hashIn = (name: string, description: string) => ({
  name,
  in: 'path',
  required: true,
  schema: text,
  description,
});

export const BYTES = {
  description: 'The bytes, with the type that they have.',
  content: { '*/*': { schema: { type: 'string', contentMediaType: 'application/octet-stream' } } },
};
export const form = (schema: SchemaName) => ({
  requestBody: { required: true, content: { 'multipart/form-data': { schema: ref(schema) } } },
});
