import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeKey, signS3 } from '#src/embedded/blobs/s3/signing.js';
import { authorizationOf } from '../../../fakes/s3-signature.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET, expiresAt: null };

interface Recorded {
  method: string;
  key: string;
  query: Record<string, string>;
  sessionToken: string | null;
  date: string;
  authorization: string;
}

/** Made by botocore 1.43.11, of the AWS CLI: nasty keys, with and without a session token and a query. */
const recorded: Recorded[] = JSON.parse(readFileSync('test/fixtures/s3-signatures.json', 'utf8'));

describe('signing', () => {
  it('loads in Node as it does here, where modules of both kinds have named exports', () => {
    const script = `import('${new URL('../../../../dist/embedded/blobs/s3/open.js', import.meta.url)}')`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `await ${script}`], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  const examples: [string, Parameters<typeof signS3>[0], string][] = [
    [
      'PUT Object',
      {
        ...example('PUT', '/test%24file.text'),
        headers: {
          'x-amz-date': '20130524T000000Z',
          date: 'Fri, 24 May 2013 00:00:00 GMT',
          'x-amz-storage-class': 'REDUCED_REDUNDANCY',
          'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
        },
      },
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GET Bucket Lifecycle',
      { ...example('GET', '/'), query: { lifecycle: '' } },
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'GET Bucket (List Objects)',
      { ...example('GET', '/'), query: { 'max-keys': '2', prefix: 'J' } },
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ];
  it.each(examples)('signs the documented example %s', (_, request, signature) => {
    expect(signS3(request, KEYS).headers.authorization).toContain(`Signature=${signature}`);
  });

  it.each(recorded.map((one) => [one.method, one.key, one] as const))(
    'signs as botocore does: %s %j',
    (method, key, { query, sessionToken, date, authorization }) => {
      const type: Record<string, string> =
        method === 'PUT' ? { 'content-type': 'application/octet-stream' } : {};
      const { headers } = signS3(
        {
          method,
          host: 's3.example.com:8443',
          path: `/examplebucket/${encodeKey(key)}`,
          query,
          headers: { ...type, 'x-amz-date': date },
          region: 'eu-central-1',
        },
        {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
          ...(sessionToken !== null && { sessionToken }),
          expiresAt: null,
        },
      );
      expect(headers.authorization).toBe(authorization);
    },
  );

  it('signs what is sent, whatever the key and the query are', () => {
    // A part that is . or .. is no key that an address can make.
    const part = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
      fc.constantFrom(
        '+',
        '%',
        '%2F',
        '%25',
        ' ',
        '*',
        "'",
        '~',
        '?',
        '#',
        '&=',
        ';',
        ':@',
        '...',
        '\u007f',
        '🙂',
      ),
    );
    const key = fc
      .array(
        part.filter((text) => text !== '.' && text !== '..'),
        { minLength: 1, maxLength: 6 },
      )
      .map((parts) => parts.join('/'));
    const query = fc.dictionary(fc.constantFrom('prefix', 'list-type', 'continuation-token'), part);
    fc.assert(
      fc.property(key, query, fc.boolean(), (text, parameters, isPathStyle) => {
        const path = `${isPathStyle ? '/bucket' : ''}/${encodeKey(text)}`;
        const request = {
          method: 'GET',
          host: 's3.example.com',
          path,
          query: parameters,
          headers: {},
          region: 'eu',
        };
        const sent = signS3(request, KEYS);
        expect(sent.path).toMatch(/^[\x21-\x7e]+$/);
        const received = { method: 'GET', path: sent.path, headers: { ...sent.headers, host: request.host } };
        expect(sent.headers.authorization).toBe(authorizationOf(received, SECRET));
        expect(decodeURIComponent(sent.path.split('?')[0]!)).toBe(`${isPathStyle ? '/bucket' : ''}/${text}`);
      }),
      { numRuns: 2_000 },
    );
  });
});

function example(method: string, path: string) {
  const headers = { 'x-amz-date': '20130524T000000Z' };
  return { method, host: 'examplebucket.s3.amazonaws.com', path, query: {}, headers, region: 'us-east-1' };
}
