import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedCodings, type ContentCoding, codingFor, encode } from '#src/http/content-coding.js';
import { decodedBody } from '../fakes/raw-request.js';

function asking(acceptEncoding: string | undefined): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  if (acceptEncoding !== undefined) req.headers['accept-encoding'] = acceptEncoding;
  return req;
}

describe('the codings that a client takes', () => {
  const cases: [header: string | undefined, codings: ContentCoding[]][] = [
    [undefined, ['identity']],
    ['', ['identity']],
    ['gzip', ['gzip', 'identity']],
    ['gzip, deflate, br, zstd', ['br', 'gzip', 'identity']],
    ['GZip', ['gzip', 'identity']],
    ['*', ['br', 'gzip', 'identity']],
    ['br;q=0.5, gzip;q=0.8', ['gzip', 'br', 'identity']],
    ['gzip;q=0', ['identity']],
    ['identity', ['identity']],
    ['identity, gzip;q=0.5', ['identity', 'gzip']],
    ['gzip, identity;q=0', ['gzip']],
    ['br, *;q=0', ['br']],
    ['deflate', ['identity']],
    ['identity;q=0', []],
    ['*;q=0', []],
    ['deflate, *;q=0', []],
  ];
  it.each(cases)('are, for %j, %j', (header, codings) => {
    for (const _ of ['read', 'kept']) expect(acceptedCodings(asking(header))).toEqual(codings);
  });

  it('are read of any header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (header) => {
        for (const coding of acceptedCodings(asking(header)))
          expect(['br', 'gzip', 'identity']).toContain(coding);
      }),
    );
  });
});

describe('the coding of a response', () => {
  it.each([
    ['gzip', 1023, 'identity'],
    ['gzip', 1024, 'gzip'],
    ['gzip, br', 5000, 'br'],
    ['gzip, identity;q=0', 10, 'gzip'],
    [undefined, 5000, 'identity'],
  ])('is, for %j and %i bytes, %s', (header, size, coding) => {
    expect(codingFor(asking(header), size)).toBe(coding);
  });
});

it.each(['br', 'gzip', 'identity'] as const)(
  'a body in %s is the same once it is decoded',
  async (coding) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.constantFrom(1, 100), async (bytes, times) => {
        // Of the large ones some are beyond what is compressed at once.
        const body = Buffer.concat(Array.from({ length: times }, () => bytes));
        const encoded = { headers: { 'content-encoding': coding }, body: await encode(body, coding) };
        expect(decodedBody(encoded)).toEqual(body);
      }),
      { numRuns: 30 },
    );
  },
);
