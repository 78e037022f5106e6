import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { credentialChain } from '#src/embedded/blobs/s3/credentials/chain.js';
import { parseIni } from '#src/embedded/blobs/s3/credentials/shared-files.js';
import { S3SettingError } from '#src/embedded/blobs/s3/setting-error.js';
import {
  type Behaviour,
  FaultyServer,
  html,
  json,
  neverAnswer,
  redirect,
  refusingUrl,
  resetBeforeHead,
  truncatedJson,
} from '../../../fakes/faulty-server.js';
import { xml } from '../../../fakes/s3-behaviours.js';

const home = mkdtempSync(join(tmpdir(), 'lookalike-aws-'));
afterAll(() => rmSync(home, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
};

const SECRET = 'hunter2';
const EXPIRATION = new Date(Date.now() + 3_600_000).toISOString();
const GIVEN = {
  Code: 'Success',
  AccessKeyId: 'ASIA',
  SecretAccessKey: SECRET,
  Token: 'session',
  Expiration: EXPIRATION,
};
const EXPECTED = {
  accessKeyId: 'ASIA',
  secretAccessKey: SECRET,
  sessionToken: 'session',
  expiresAt: Date.parse(EXPIRATION),
};

const ask = (env: NodeJS.ProcessEnv) => credentialChain({ HOME: home, ...env }, 'eu-central-1')();

/** Its message, which is one line that names a setting and holds no secret. */
async function refusalOf(env: NodeJS.ProcessEnv): Promise<string> {
  const error = await ask(env).then(
    () => new Error('There were credentials.'),
    (reason: unknown) => reason as Error,
  );
  expect(error).toBeInstanceOf(S3SettingError);
  expect(error.message).toMatch(/^AWS_[A-Z0-9_]+[ ,:][^\n]*\.$/);
  expect(error.message).not.toContain(SECRET);
  return error.message;
}

describe('credentials in the environment', () => {
  it('come first', async () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_PROFILE: 'none',
      AWS_ROLE_ARN: 'none',
    };
    expect(await ask(env)).toEqual({ accessKeyId: 'AKIA', secretAccessKey: SECRET, expiresAt: null });
    expect(await ask({ ...env, AWS_SESSION_TOKEN: 'session' })).toMatchObject({ sessionToken: 'session' });
  });

  it('must be whole', async () => {
    expect(await refusalOf({ AWS_ACCESS_KEY_ID: 'AKIA' })).toContain(
      'AWS_SECRET_ACCESS_KEY must be set together',
    );
    expect(await refusalOf({ AWS_SECRET_ACCESS_KEY: SECRET })).toContain(
      'AWS_ACCESS_KEY_ID must be set together',
    );
  });
});

describe('credentials in the shared files', () => {
  const credentials = file(
    'credentials-file',
    `[default]\naws_access_key_id = one\naws_secret_access_key=${SECRET} # of one\n\n; [other]\n[other]\r\nAWS_ACCESS_KEY_ID=two\r\naws_secret_access_key = a=b/c+d\r\naws_session_token = t\r\n[half]\naws_access_key_id = x\n[sso]\nsso_session = x\n`,
  );
  const config = file(
    'config-file',
    `[profile  third]\nregion = x\ns3 =\n  aws_access_key_id = nested\naws_access_key_id = three\naws_secret_access_key = ${SECRET}\n[profile other]\naws_access_key_id = not this one\n[plugins]\naws_access_key_id = four\n`,
  );
  const env = { AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: config };

  it.each([
    [undefined, { accessKeyId: 'one', secretAccessKey: SECRET, expiresAt: null }],
    ['other', { accessKeyId: 'two', secretAccessKey: 'a=b/c+d', sessionToken: 't', expiresAt: null }],
    ['third', { accessKeyId: 'three', secretAccessKey: SECRET, expiresAt: null }],
  ])('are those of the profile %s', async (profile, expected) => {
    expect(await ask({ ...env, ...(profile && { AWS_PROFILE: profile }) })).toEqual(expected);
  });

  it.each([
    ['plugins', 'a profile that is not in the shared'],
    ['half', 'a profile without aws_access_key_id and aws_secret_access_key'],
    ['sso', 'a profile with sso_session, which is not supported'],
  ])('are refused of the profile %s', async (profile, message) => {
    expect(await refusalOf({ ...env, AWS_PROFILE: profile })).toContain(`AWS_PROFILE names ${message}`);
  });

  it('need not be there unless a variable names the file', async () => {
    expect(await refusalOf({ AWS_EC2_METADATA_DISABLED: 'true' })).toContain('no other credentials');
    expect(await refusalOf({ AWS_SHARED_CREDENTIALS_FILE: join(home, 'none') })).toContain(
      'AWS_SHARED_CREDENTIALS_FILE names a file that cannot be read: ENOENT',
    );
    expect(await refusalOf({ AWS_CONFIG_FILE: home })).toContain(
      'AWS_CONFIG_FILE names a file that cannot be read: EISDIR',
    );
  });

  it('are read with what comments and blanks there are', () => {
    const text = '\n# a\n[ a ]\nb = c ; d\n e = f\ng=h#i\n=j\nk\n[a]\nl =\n';
    expect(parseIni(text).get('a')).toEqual(
      new Map([
        ['b', 'c'],
        ['g', 'h#i'],
        ['l', ''],
      ]),
    );
  });
});

describe('credentials of a container', () => {
  it('are asked for with the token of the moment', async () => {
    await using server = await FaultyServer.start(json(GIVEN));
    const token = file('token', 'first\n');
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/v1/creds?a=b`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
    };
    expect(await ask(env)).toEqual(EXPECTED);
    writeFileSync(token, 'second');
    await ask(env);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['first', 'second']);
    expect(server.paths).toEqual(['/v1/creds?a=b', '/v1/creds?a=b']);
  });

  it.each([
    ['http://metadata.example/', 'AWS_CONTAINER_CREDENTIALS_FULL_URI must begin with https://'],
    ['http://127.0.0.1.example/', 'AWS_CONTAINER_CREDENTIALS_FULL_URI must begin with https://'],
    ['ftp://127.0.0.1/', 'AWS_CONTAINER_CREDENTIALS_FULL_URI must begin with https://'],
    ['nonsense', 'AWS_CONTAINER_CREDENTIALS_FULL_URI must be a URL'],
  ])('do not come from %s', async (url, message) => {
    expect(await refusalOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url })).toContain(message);
  });

  it('need a path that is one, and a token in one line', async () => {
    expect(await refusalOf({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '//x' })).toContain('must be a path');
    expect(await refusalOf({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@x' })).toContain('must be a path');
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'a\nb',
    };
    expect(await refusalOf(env)).toContain('AWS_CONTAINER_AUTHORIZATION_TOKEN must hold a token in one line');
    const lost = { ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(home, 'none') };
    expect(await refusalOf(lost)).toContain(
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names a file that cannot be read',
    );
  });

  it.each([
    ['500', html(500), 'status 500'],
    ['a redirect, which would be given the token', redirect, 'status 307'],
    ['a broken connection', resetBeforeHead, 'cannot be reached'],
    ['JSON that is cut off', truncatedJson, 'cannot be understood'],
    ['no object', json(null), 'cannot be understood'],
    ['no secret', json({ ...GIVEN, SecretAccessKey: undefined }), 'cannot be understood'],
    ['a token for two headers', json({ ...GIVEN, Token: 'a\r\nb' }), 'cannot be understood'],
    ['no time', json({ ...GIVEN, Expiration: 'soon' }), 'cannot be understood'],
    ['expired ones', json({ ...GIVEN, Expiration: '2020-01-01T00:00:00Z' }), 'have expired'],
    ['too much', json({ ...GIVEN, more: 'x'.repeat(100_000) }), 'too large'],
  ] as [string, Behaviour, string][])(
    'are refused where the server gives %s',
    async (_, behaviour, message) => {
      await using server = await FaultyServer.start(behaviour);
      const refusal = await refusalOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: server.url });
      expect(refusal).toContain('AWS_CONTAINER_CREDENTIALS_FULL_URI: ');
      expect(refusal).toContain(message);
      expect(server.requests).toHaveLength(1);
    },
  );

  it('are not waited for without end', async () => {
    await using server = await FaultyServer.start(neverAnswer);
    expect(await refusalOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: server.url })).toContain(
      'did not respond within 5 s',
    );
  });
});

describe('credentials of a web identity', () => {
  const token = file('web-identity', 'a.jwt\n');
  const response = (expiration: string) =>
    xml(
      `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>session</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    );
  const env = (url: string) => ({
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_ROLE_ARN: 'arn:aws:iam::1:role/r',
    AWS_ENDPOINT_URL_STS: url,
  });

  it('are given for its token by STS', async () => {
    await using server = await FaultyServer.start(response(EXPIRATION));
    expect(await ask(env(server.url))).toEqual(EXPECTED);
    const [{ method, body, headers }] = server.requests as [(typeof server.requests)[0]];
    expect(method).toBe('POST');
    expect(headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(String(body)))).toEqual({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::1:role/r',
      RoleSessionName: 'lookalike',
      WebIdentityToken: 'a.jwt',
    });
  });

  it('come before those of a container', async () => {
    await using server = await FaultyServer.start(response(EXPIRATION));
    await ask({ ...env(server.url), AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [
      'a refusal',
      (({ response }) =>
        void response
          .writeHead(400)
          .end(
            '<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>',
          )) as Behaviour,
      '400 ExpiredTokenException',
    ],
    ['a refusal without a word', html(403), ': 403.'],
    ['HTML', html(200), 'cannot be understood'],
    ['another document', xml('<a/>'), 'cannot be understood'],
    ['expired ones', response('2020-01-01T00:00:00Z'), 'have expired'],
    ['no time', response(''), 'cannot be understood'],
  ])('are refused where STS gives %s', async (_, behaviour, message) => {
    await using server = await FaultyServer.start(behaviour);
    expect(await refusalOf(env(server.url))).toContain(message);
  });

  it('need a role and a file', async () => {
    expect(await refusalOf({ AWS_WEB_IDENTITY_TOKEN_FILE: token })).toContain(
      'AWS_ROLE_ARN must be set together',
    );
    expect(
      await refusalOf({ ...env('http://127.0.0.1:1'), AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'none') }),
    ).toContain('AWS_WEB_IDENTITY_TOKEN_FILE names a file');
    expect(await refusalOf(env('nonsense'))).toContain('AWS_ENDPOINT_URL_STS must be a URL');
  });
});

describe('credentials of an instance', () => {
  const text =
    (body: string): Behaviour =>
    ({ response }) =>
      void response.end(body);

  it('come last, by the metadata service that asks for a token', async () => {
    await using server = await FaultyServer.start(
      text('the-token'),
      text('a role\n'.replace(' ', '-')),
      json(GIVEN),
    );
    expect(await ask({ AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url })).toEqual(EXPECTED);
    expect(
      server.requests.map(({ method, path, headers }) => [method, path, headers['x-aws-ec2-metadata-token']]),
    ).toEqual([
      ['PUT', '/latest/api/token', undefined],
      ['GET', '/latest/meta-data/iam/security-credentials/', 'the-token'],
      ['GET', '/latest/meta-data/iam/security-credentials/a-role', 'the-token'],
    ]);
  });

  it.each([
    ['no role', [text('token'), html(404)], 'the instance has no role'],
    ['no token', [html(403)], 'status 403'],
    ['nonsense for a token', [text('a b')], 'gave no token'],
    ['nonsense for credentials', [text('token'), text('role'), text('no')], 'cannot be understood'],
    ['a failure', [text('token'), text('role'), json({ Code: 'Failed' })], 'cannot be understood'],
  ] as [string, Behaviour[], string][])('are refused where it gives %s', async (_, script, message) => {
    await using server = await FaultyServer.start(...script);
    expect(await refusalOf({ AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url })).toContain(message);
  });

  it('are what is missing where nothing is set', async () => {
    const url = await refusingUrl();
    const refusal = await refusalOf({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url });
    expect(refusal).toContain('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
    expect(refusal).toContain('ECONNREFUSED');
  });
});
