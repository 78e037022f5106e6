import { S3SettingError } from '../setting-error.js';
import { childOf, parseXml, textOf, type XmlElement } from '../xml.js';
import { readToken } from './container.js';
import type { Credentials } from './credentials.js';
import { askMetadata, checkedCredentials, MetadataStatusError } from './metadata.js';

const FROM = 'AWS_WEB_IDENTITY_TOKEN_FILE';

/** Whether the environment names a token to be changed for credentials, as on Kubernetes. */
export function hasWebIdentity(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.AWS_WEB_IDENTITY_TOKEN_FILE);
}

/**
 * Changes the token of a web identity for credentials: STS's AssumeRoleWithWebIdentity.
 * @param region of STS
 * @throws S3SettingError
 */
export async function webIdentityCredentials(env: NodeJS.ProcessEnv, region: string): Promise<Credentials> {
  const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: path } = env;
  if (!role) throw new S3SettingError(`AWS_ROLE_ARN must be set together with ${FROM}.`);
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: env.AWS_ROLE_SESSION_NAME || 'lookalike',
    WebIdentityToken: await readToken(path ?? '', FROM),
  });
  const text = await askMetadata(endpointOf(env, region), {
    from: FROM,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/xml' },
    body: String(body),
  }).catch((error: unknown) => {
    throw error instanceof MetadataStatusError ? refusal(error) : error;
  });
  return parseResponse(text);
}

function endpointOf(env: NodeJS.ProcessEnv, region: string): URL {
  const from = env.AWS_ENDPOINT_URL_STS ? 'AWS_ENDPOINT_URL_STS' : 'AWS_ENDPOINT_URL';
  const given = env[from];
  if (!given) return new URL(`https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`);
  if (!URL.canParse(given)) throw new S3SettingError(`${from} must be a URL.`);
  return new URL(given);
}

function parseResponse(text: string): Credentials {
  let credentials: XmlElement;
  try {
    credentials = childOf(childOf(parseXml(text), 'AssumeRoleWithWebIdentityResult'), 'Credentials');
  } catch (error) {
    const message = `${FROM}: what was given for credentials cannot be understood.`;
    throw new S3SettingError(message, { cause: error });
  }
  return checkedCredentials(
    {
      AccessKeyId: textOf(credentials, 'AccessKeyId'),
      SecretAccessKey: textOf(credentials, 'SecretAccessKey'),
      SessionToken: textOf(credentials, 'SessionToken'),
      Expiration: textOf(credentials, 'Expiration'),
    },
    FROM,
  );
}

/** With the code of STS's error, such as ExpiredTokenException, which says what to look at. */
function refusal({ status, body }: MetadataStatusError): S3SettingError {
  let code: string | null = null;
  try {
    code = textOf(childOf(parseXml(body), 'Error'), 'Code');
  } catch {
    // The status alone must do.
  }
  const detail = code !== null && /^[A-Za-z.]{1,100}$/.test(code) ? `${status} ${code}` : `${status}`;
  return new S3SettingError(`${FROM}: STS gave no credentials for AWS_ROLE_ARN: ${detail}.`);
}
