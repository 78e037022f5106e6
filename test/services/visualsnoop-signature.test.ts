import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  formatAuthorization,
  isSignature,
  parseAuthorization,
  sign,
} from '#src/services/visualsnoop-signature.js';

interface Vector {
  call: string;
  method: string;
  signed_path: string;
  date: string;
  authorization: string;
}

const recorded = JSON.parse(
  readFileSync(
    new URL('../fixtures/transcripts/visualsnoop-signature-vectors.json', import.meta.url),
    'utf8',
  ),
) as { public_key: string; secret_key: string; vectors: Vector[] };
const keys = { publicKey: recorded.public_key, secretKey: recorded.secret_key };

describe('the signature of the original client', () => {
  it.each(recorded.vectors)('$call', ({ method, signed_path: path, date, authorization }) => {
    const request = { method, path, date };
    expect(formatAuthorization(request, keys)).toBe(authorization);
    const parsed = parseAuthorization(authorization);
    expect(parsed?.publicKey).toBe(keys.publicKey);
    expect(isSignature(parsed!.signature, request, keys.secretKey)).toBe(true);
  });

  it('ignores white space around the secret', () => {
    const request = { method: 'GET', path: '/api/v1/images', date: 'Fri, 20 Nov 2026 23:48:23 GMT' };
    expect(sign(request, ` ${keys.secretKey}\n`)).toBe(sign(request, keys.secretKey));
  });
});

describe('isSignature', () => {
  const request = { method: 'GET', path: '/api/v1/image/a%20b', date: 'Fri, 20 Nov 2026 23:48:23 GMT' };
  const signature = sign(request, 'secret');

  it.each([
    ['another method', signature, { ...request, method: 'POST' }, 'secret'],
    ['another path', signature, { ...request, path: '/api/v1/image/a b' }, 'secret'],
    ['another date', signature, { ...request, date: 'Fri, 20 Nov 2026 23:48:24 GMT' }, 'secret'],
    ['another secret', signature, request, 'Secret'],
    ['a shorter signature', signature.slice(1), request, 'secret'],
    ['no signature', '', request, 'secret'],
  ])('refuses %s', (_, given, signed, secret) => {
    expect(isSignature(given, signed, secret)).toBe(false);
  });
});

describe('parseAuthorization', () => {
  const signature = 'zVbH484ODf2W68Ag1H0dj/oukcI=';

  it('reads the public key and the signature', () => {
    expect(parseAuthorization(`VSHMAC abc:${signature}`)).toEqual({ publicKey: 'abc', signature });
  });

  it.each([
    '',
    'VSHMAC',
    'VSHMAC abc',
    'VSHMAC abc:',
    `VSHMAC :${signature}`,
    `VSHMAC abc${signature}`,
    `VSHMAC abc:${signature}x`,
    `VSHMAC abc:${signature.slice(1)}`,
    `VSHMAC a:b:${signature}`,
    `Basic abc:${signature}`,
    `abc:${signature}`,
  ])('refuses %j', (header) => {
    expect(parseAuthorization(header)).toBeNull();
  });
});
