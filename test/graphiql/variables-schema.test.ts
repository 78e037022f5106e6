import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type JsonSchema, relax } from '../../src/graphiql/variables-schema.js';

/** As graphql-language-service writes it for `($to: To!, $n: Int! = 2, $ids: [ID!], $file: Upload)`. */
const WRITTEN: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['to', 'n'],
  properties: {
    to: { $ref: '#/definitions/To' },
    n: { type: 'integer' },
    ids: { type: ['array', 'null'], items: { type: 'string' } },
    file: { type: ['string', 'number', 'boolean', 'integer', 'null'] },
  },
  definitions: {
    To: {
      type: 'object',
      required: ['upload', 'size'],
      properties: {
        upload: { type: ['string', 'number', 'boolean', 'integer'] },
        size: { type: 'integer', default: 1 },
        tags: { type: 'array', items: { type: 'array', items: { type: 'string' } } },
      },
    },
  },
};

const schema = z.fromJSONSchema(relax(WRITTEN, new Set(['n'])) as z.core.JSONSchema.JSONSchema, {
  defaultTarget: 'draft-4',
});
const accepts = (variables: unknown) => schema.safeParse(variables).success;
const to = { upload: null };

describe('the relaxed schema of variables', () => {
  it.each([
    ['null for an upload', { to, file: null }],
    ['an object for a custom scalar', { to: { upload: { a: [1] } } }],
    ['one for a list of one', { to: { ...to, tags: 'x' }, ids: 'a' }],
    ['a list, and null for one', { to: { ...to, tags: [['x'], 'y'] }, ids: null }],
    ['an integer for an id', { to, ids: [1, 'a'] }],
    ['nothing for what has a default', { to }],
    ['another variable', { to, other: 1 }],
  ])('takes %s', (_what, variables) => {
    expect(accepts(variables)).toBe(true);
  });

  it.each([
    ['a text for a number', { to, n: 'two' }],
    ['no value where one is needed', {}],
    ['null where a value is needed', { to: null }],
    ['no value for a field that is needed', { to: {} }],
    ['an object in a list of ids', { to, ids: [{}] }],
  ])('refuses %s', (_what, variables) => {
    expect(accepts(variables)).toBe(false);
  });
});
