import { Kind, type ValueNode } from 'graphql';
import { Upload } from 'graphql-upload-ts';
import { isContentHash } from '../../services/content-hash.js';
import { isPerceptualHash } from '../../services/hamming-distance.js';
import { lowerAscii } from '../../services/lower-ascii.js';
import { formatRfc3339, parseRfc3339 } from '../../services/timestamp.js';
import { badUserInput } from './bad-user-input.js';
import { builder } from './builder.js';
import { stagedUpload } from './upload.js';

builder.scalarType('ContentHash', {
  description:
    "64 hex digits: of an image's bytes the BLAKE2b-256 or, from a remote imgcache of the newer dialect, the BLAKE3. Taken in either case, given in lower case.",
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc7693',
  ...hexScalar('ContentHash', isContentHash, '64 hex digits'),
});

builder.scalarType('PerceptualHash', {
  description:
    '16 hex digits: the 64-bit dHash that imgcache stores. Taken in either case, given in lower case.',
  specifiedByURL: 'https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html',
  ...hexScalar('PerceptualHash', isPerceptualHash, '16 hex digits'),
});

builder.scalarType('DateTime', {
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  description:
    'RFC 3339, given in UTC with Z and up to 6 fraction digits; a zone-less time from a service is read as UTC.',
  serialize: formatRfc3339,
  ...parsers('DateTime', 'an RFC 3339 time with its zone, such as 2024-01-01T12:00:00Z', parseRfc3339),
});

builder.scalarType('Upload', {
  specifiedByURL: 'https://github.com/jaydenseric/graphql-multipart-request-spec',
  description:
    'A file of a GraphQL multipart request. Clients with a normalised cache should not cache fields that take one: their caches cannot tell files apart.',
  serialize: () => {
    throw new Error('A file is never given out.');
  },
  parseValue: (value) => {
    if (value instanceof Upload) return stagedUpload(value);
    throw notUploaded();
  },
  parseLiteral: (node) => {
    throw notUploaded(node);
  },
});

function notUploaded(node?: ValueNode) {
  return badUserInput('Upload must be a variable with a file of its own: send a multipart request.', node);
}

function hexScalar(name: string, isHash: (text: string) => boolean, what: string) {
  return {
    serialize: (value: string) => value,
    ...parsers(name, what, (text) => {
      // Nearly all come in lower case.
      if (isHash(text)) return text;
      const lower = lowerAscii(text);
      return isHash(lower) ? lower : null;
    }),
  };
}

/**
 * A literal of a query and a variable are read the same way.
 * @param read null for text that is none
 */
function parsers(name: string, what: string, read: (text: string) => string | null) {
  const parse = (value: unknown, node?: ValueNode): string => {
    const result = typeof value === 'string' ? read(value) : null;
    if (result !== null) return result;
    const given = typeof value === 'string' ? `, not ${JSON.stringify(value.slice(0, 80))}` : '';
    throw badUserInput(`${name} must be ${what}${given}.`, node);
  };
  return {
    parseValue: (value: unknown) => parse(value),
    parseLiteral: (node: ValueNode) => parse(node.kind === Kind.STRING ? node.value : undefined, node),
  };
}
