import { type GraphQLError, Kind, type ValueNode } from 'graphql';
import { GraphQLUpload } from 'graphql-upload-ts';
import { formatRfc3339, parseRfc3339, type Timestamp } from '../services/timestamp.js';
import { badUserInput } from './bad-user-input.js';
import { builder } from './builder.js';

builder.scalarType('ContentHash', {
  description: "64 lower-case hex digits: BLAKE2b-256 of an image's bytes.",
  ...hexScalar('ContentHash', /^[0-9a-f]{64}$/, '64 lower-case hex digits'),
});

builder.scalarType('PerceptualHash', {
  description: '16 lower-case hex digits: the 64-bit dHash that imgcache stores.',
  ...hexScalar('PerceptualHash', /^[0-9a-f]{16}$/, '16 lower-case hex digits'),
});

builder.scalarType('DateTime', {
  description:
    'RFC 3339, given in UTC with Z and up to 6 fraction digits; a zone-less time from a service is read as UTC.',
  serialize: formatRfc3339,
  ...parsers<Timestamp>((value) => {
    const time = typeof value === 'string' ? parseRfc3339(value) : null;
    if (time !== null) return time;
    throw expected('DateTime', 'an RFC 3339 time with its zone, such as 2024-01-01T12:00:00Z', value);
  }),
});

builder.addScalarType('Upload', GraphQLUpload, {
  description:
    'A file of a GraphQL multipart request. Clients with a normalised cache should not cache fields that take one: their caches cannot tell files apart.',
});

function hexScalar(name: string, pattern: RegExp, what: string) {
  return {
    serialize: (value: string) => value,
    ...parsers<string>((value) => {
      if (typeof value === 'string' && pattern.test(value)) return value;
      throw expected(name, what, value);
    }),
  };
}

/** A literal of a query and a variable are read the same way. */
function parsers<T>(parseValue: (value: unknown) => T) {
  return {
    parseValue,
    parseLiteral: (node: ValueNode) => parseValue(node.kind === Kind.STRING ? node.value : undefined),
  };
}

function expected(name: string, what: string, value: unknown): GraphQLError {
  const given = typeof value === 'string' ? `, not ${JSON.stringify(value.slice(0, 80))}` : '';
  return badUserInput(`${name} must be ${what}${given}.`);
}
