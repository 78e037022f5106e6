import { describe, expect, it } from 'vitest';
import { LightSignal } from '#src/request/light-signal.js';
import {
  type Behaviour,
  FaultyServer,
  html,
  json,
  neverAnswer,
  noise,
  redirect,
  refusingUrl,
} from '../../../fakes/faulty-server.js';
import { object, s3Error, stored } from '../../../fakes/s3-behaviours.js';
import { complaintOf, faultyS3, probe, SECRET_KEY } from './faulty-s3.js';

describe('the probe of a bucket, at a server that fails as told', () => {
  const deleted: Behaviour = ({ response }) => void response.writeHead(204).end();
  const given = object(Buffer.from('lookalike'));

  it.each([
    [
      'another region',
      [s3Error(400, 'AuthorizationHeaderMalformed', { inner: '<Region>eu-west-1</Region>' })],
      'BLOBS_URL sets the region us-east-1 for the bucket pictures, but it is in the region eu-west-1 (PutObject: 400 AuthorizationHeaderMalformed)',
    ],
    [
      'a redirect to another region',
      [s3Error(301, 'PermanentRedirect', { headers: { 'x-amz-bucket-region': 'eu-west-1' } })],
      'but it is in the region eu-west-1',
    ],
    ['a redirect to somewhere', [s3Error(307, 'TemporaryRedirect')], 'but it is in another region'],
    ['a clock that is wrong', [s3Error(403, 'RequestTimeTooSkewed')], 'the clock of this machine'],
    ['an expired token', [s3Error(400, 'ExpiredToken')], 'AWS_SESSION_TOKEN, or what gives'],
    ['no right to write', [s3Error(403, 'AccessDenied')], 'do not allow s3:PutObject in the bucket pictures'],
    ['no right to read', [stored, s3Error(403, 'AccessDenied'), deleted], 'do not allow s3:GetObject'],
    ['no right to delete', [stored, given, s3Error(403, 'AccessDenied')], 'do not allow s3:DeleteObject'],
    [
      'other bytes',
      [stored, object(Buffer.from('likealook')), deleted],
      'did not give back what was written',
    ],
    ['no bytes', [stored, s3Error(404, 'NoSuchKey'), deleted], 'did not give back what was written'],
    ['a code that nobody knows', [s3Error(400, 'Novel')], 'refused to be used (PutObject: 400 Novel)'],
    ['a web page', [html(200)], 'no S3 responds'],
    ['another service', [json({ error: 'x' }, 404)], 'no S3 responds'],
    ['plain HTTP at a port for TLS', [html(400)], 'no S3 responds'],
    ['a redirect of no S3', [redirect], 'no S3 responds'],
    ['no HTTP', [noise], 'no S3 responds'],
    ['a server error', [html(502)], 'BLOBS_URL: The object store answered with a server error'],
    ['silence', [neverAnswer], 'did not answer within 0.5 s'],
  ] as [string, Behaviour[], string][])('tells of %s', async (_, script, message) => {
    await using s3 = await faultyS3(script, { timeoutMs: 500 });
    expect(await complaintOf(s3.blobs.probe())).toContain(message);
  });

  it('tells of a server that is not there, by the setting that names it', async () => {
    const url = await refusingUrl();
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: SECRET_KEY };
    expect(await complaintOf(probe('s3://abc', { ...keys, AWS_ENDPOINT_URL_S3: url }))).toMatch(
      /^AWS_ENDPOINT_URL_S3: .* \(ECONNREFUSED\)\.$/,
    );
    expect(await complaintOf(probe(`s3://abc?endpoint=${url}`, keys))).toMatch(
      /^BLOBS_URL: .* \(ECONNREFUSED\)\.$/,
    );
    const wrongName = 's3://abc?endpoint=http://bucket.invalid';
    expect(await complaintOf(probe(wrongName, keys))).toMatch(/^BLOBS_URL: .* cannot be reached/);
  });

  it('tells of credentials that cannot be had', async () => {
    await using server = await FaultyServer.start(html(500));
    const env = { HOME: '/nowhere', AWS_CONTAINER_CREDENTIALS_FULL_URI: server.url };
    const complaint = await complaintOf(probe(`s3://abc?endpoint=${server.url}`, env));
    expect(complaint).toMatch(/^AWS_CONTAINER_CREDENTIALS_FULL_URI: .* status 500\.$/);
  });

  it('deletes what it wrote, and only looks once it has passed', async () => {
    await using s3 = await faultyS3([
      stored,
      given,
      deleted,
      s3Error(404, 'NoSuchKey'),
      s3Error(403, 'AccessDenied'),
      given,
      s3Error(403, 'SignatureDoesNotMatch'),
      s3Error(500, 'x'),
      stored,
      given,
      deleted,
    ]);
    for (let times = 0; times < 4; times++) await s3.blobs.probe();
    expect(await complaintOf(s3.blobs.probe())).toContain('AWS_SECRET_ACCESS_KEY');
    await s3.blobs.probe();
    const [written] = s3.server.paths;
    expect(written).toMatch(/^\/pictures\/pre\/probe\/[0-9a-f-]{36}$/);
    expect(s3.server.requests.slice(0, 3).map(({ method, path }) => [method, path])).toEqual([
      ['PUT', written],
      ['GET', written],
      ['DELETE', written],
    ]);
    expect(s3.server.requests.slice(3).map(({ method }) => method)).toEqual([
      'GET',
      'GET',
      'GET',
      'GET',
      'PUT',
      'PUT',
      'GET',
      'DELETE',
    ]);
  });

  it('gives up when its caller does', async () => {
    await using s3 = await faultyS3([neverAnswer]);
    const giving = new LightSignal();
    const probing = s3.blobs.probe(giving);
    await s3.server.received(1);
    giving.abort(new Error('gone'));
    await expect(probing).rejects.toThrow('gone');
  });
});
