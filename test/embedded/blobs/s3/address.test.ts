import { describe, expect, it } from 'vitest';
import { parseS3Address } from '#src/embedded/blobs/s3/address.js';
import { S3SettingError } from '#src/embedded/blobs/s3/setting-error.js';

const parse = (url: string, env: NodeJS.ProcessEnv = {}) => {
  const { endpoint, ...rest } = parseS3Address(url, env);
  return { endpoint: endpoint.origin, ...rest };
};

describe('BLOBS_URL', () => {
  it('names a bucket of Amazon by its region', () => {
    expect(parse('s3://pictures/some/where/?region=eu-central-1')).toEqual({
      bucket: 'pictures',
      prefix: 'some/where',
      endpoint: 'https://s3.eu-central-1.amazonaws.com',
      endpointFrom: 'BLOBS_URL',
      region: 'eu-central-1',
      regionFrom: 'BLOBS_URL',
      pathStyle: false,
      maxConcurrent: 100,
    });
  });

  it('names a bucket of another server', () => {
    expect(parse('s3://pictures?endpoint=http://127.0.0.1:9000&concurrency=7')).toMatchObject({
      prefix: '',
      endpoint: 'http://127.0.0.1:9000',
      region: 'us-east-1',
      pathStyle: true,
      maxConcurrent: 7,
    });
  });

  it.each([
    [
      'AWS_ENDPOINT_URL_S3 before AWS_ENDPOINT_URL',
      's3://abc',
      { AWS_ENDPOINT_URL_S3: 'https://a', AWS_ENDPOINT_URL: 'https://b' },
      { endpoint: 'https://a', endpointFrom: 'AWS_ENDPOINT_URL_S3' },
    ],
    [
      'AWS_ENDPOINT_URL',
      's3://abc',
      { AWS_ENDPOINT_URL: 'https://b' },
      { endpoint: 'https://b', endpointFrom: 'AWS_ENDPOINT_URL' },
    ],
    [
      'AWS_REGION before AWS_DEFAULT_REGION',
      's3://abc',
      { AWS_REGION: 'eu-north-1', AWS_DEFAULT_REGION: 'b' },
      { region: 'eu-north-1', regionFrom: 'AWS_REGION' },
    ],
    [
      'AWS_DEFAULT_REGION',
      's3://abc',
      { AWS_DEFAULT_REGION: 'eu-west-1' },
      { region: 'eu-west-1', endpointFrom: 'AWS_DEFAULT_REGION' },
    ],
    [
      'the URL before the environment',
      's3://abc?region=a&endpoint=http://c',
      { AWS_REGION: 'b', AWS_ENDPOINT_URL_S3: 'http://d' },
      { region: 'a', endpoint: 'http://c' },
    ],
    [
      'China',
      's3://abc?region=cn-north-1',
      {},
      { endpoint: 'https://s3.cn-north-1.amazonaws.com.cn', pathStyle: false },
    ],
    ['a bucket with dots, whose certificate would not hold', 's3://a.b.c?region=a', {}, { pathStyle: true }],
    ['path style where it is asked for', 's3://abc?region=a&pathStyle=1', {}, { pathStyle: true }],
    [
      'the other style where it is asked for',
      's3://abc?endpoint=http://c&pathStyle=false',
      {},
      { pathStyle: false },
    ],
    ['an escaped prefix', 's3://abc/%C3%A4%20b%2Fc%25?region=a', {}, { prefix: 'ä b/c%' }],
    [
      'one of another region of Amazon',
      's3://abc?endpoint=https://s3.dualstack.eu-west-1.amazonaws.com&region=eu-west-1',
      {},
      { pathStyle: false },
    ],
  ] as [string, string, NodeJS.ProcessEnv, object][])('takes %s', (_, url, env, expected) => {
    expect(parse(url, env)).toMatchObject(expected);
  });

  const secret = 'hunter2';
  it.each([
    ['s3:/abc', {}, 'BLOBS_URL must look like'],
    [`https://${secret}`, {}, 'BLOBS_URL must look like'],
    [`s3://abc#${secret}`, {}, 'BLOBS_URL must look like'],
    [`s3://key:${secret}@abc`, {}, 'BLOBS_URL must not hold credentials'],
    ['s3://', {}, 'BLOBS_URL must name a bucket'],
    ['s3://ab', {}, 'BLOBS_URL must name a bucket'],
    ['s3://Abc', {}, 'BLOBS_URL must name a bucket'],
    ['s3://abc:9000', {}, 'BLOBS_URL must name a bucket'],
    ['s3://-abc', {}, 'BLOBS_URL must name a bucket'],
    ['s3://abc', {}, 'BLOBS_URL needs a region'],
    ['s3://abc?endpoint=https://s3.amazonaws.com', {}, 'BLOBS_URL needs a region'],
    [
      `s3://abc?${secret}=1`,
      {},
      'BLOBS_URL may have the parameters endpoint, region, pathStyle, concurrency',
    ],
    ['s3://abc?region=a&region=b', {}, 'BLOBS_URL has the parameter region twice'],
    ['s3://abc?region=', {}, 'BLOBS_URL has the parameter region without a value'],
    [`s3://abc?region=a/${secret}`, {}, 'BLOBS_URL must name a region'],
    ['s3://abc', { AWS_REGION: 'a b' }, 'AWS_REGION must name a region'],
    ['s3://abc', { AWS_DEFAULT_REGION: 'a.b' }, 'AWS_DEFAULT_REGION must name a region'],
    ['s3://abc?endpoint=127.0.0.1:9000', {}, 'BLOBS_URL must name an endpoint that begins'],
    ['s3://abc?endpoint=ftp://a', {}, 'BLOBS_URL must name an endpoint that begins'],
    [`s3://abc?endpoint=http://u:${secret}@a`, {}, 'BLOBS_URL must name an endpoint without credentials'],
    ['s3://abc?endpoint=http://a/b', {}, 'BLOBS_URL must name an endpoint without a path'],
    ['s3://abc', { AWS_ENDPOINT_URL_S3: 'a' }, 'AWS_ENDPOINT_URL_S3 must name an endpoint that begins'],
    ['s3://abc', { AWS_ENDPOINT_URL: 'http://a?b' }, 'AWS_ENDPOINT_URL must name an endpoint without a path'],
    ['s3://abc//d?region=a', {}, 'without empty parts'],
    ['s3://abc/d//e?region=a', {}, 'without empty parts'],
    ['s3://abc/d/../e?region=a', {}, 'without . and ..'],
    ['s3://abc/%2E?region=a', {}, 'without . and ..'],
    ['s3://abc/a%0Ab?region=a', {}, 'without control characters'],
    ['s3://abc/%?region=a', {}, 'every % begins an escaped byte'],
    ['s3://abc/%FF?region=a', {}, 'every % begins an escaped byte'],
    [`s3://abc/${'x'.repeat(513)}?region=a`, {}, 'at most 512 bytes'],
    ['s3://abc?region=a&pathStyle=yes', {}, 'BLOBS_URL must have a pathStyle of 1 or 0'],
    ['s3://abc?region=a&concurrency=0', {}, 'BLOBS_URL must have a concurrency of 1 to 1000'],
    ['s3://abc?region=a&concurrency=1001', {}, 'BLOBS_URL must have a concurrency of 1 to 1000'],
  ] as [string, NodeJS.ProcessEnv, string][])(
    'refuses %s with %j in one line that names the setting',
    (url, env, message) => {
      const refused = (() => {
        try {
          parseS3Address(url, env);
        } catch (error) {
          return error as Error;
        }
        throw new Error('It was taken.');
      })();
      expect(refused).toBeInstanceOf(S3SettingError);
      expect(refused.message).toContain(message);
      expect(refused.message).toMatch(/^(?:BLOBS_URL|AWS_\w+) .*\.$/);
      expect(refused.message).not.toContain(secret);
    },
  );
});
