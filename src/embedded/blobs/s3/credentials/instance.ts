import { S3SettingError } from '../setting-error.js';
import type { Credentials } from './credentials.js';
import { askMetadata, MetadataStatusError, parseMetadataCredentials } from './metadata.js';

const METADATA = 'http://169.254.169.254';
const ROLES = '/latest/meta-data/iam/security-credentials/';
/** Where there is no such server, packets may vanish. */
const TIMEOUT_MS = 2_000;

const NONE =
  'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and there are no other credentials for BLOBS_URL';

/**
 * Credentials of the role of an EC2 instance, by its metadata service, version 2.
 * @throws S3SettingError
 */
export async function instanceCredentials(env: NodeJS.ProcessEnv): Promise<Credentials> {
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') throw new S3SettingError(`${NONE}.`);
  const base = baseOf(env);
  const ask = (path: string, more: { method?: 'PUT'; headers: Record<string, string> }) =>
    askMetadata(new URL(path, base), { from: NONE, timeoutMs: TIMEOUT_MS, ...more });
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' };
  const token = await ask('/latest/api/token', { method: 'PUT', headers: ttl });
  if (!/^[\x21-\x7e]+$/.test(token)) throw new S3SettingError(`${NONE}: the instance gave no token.`);
  const headers = { 'x-aws-ec2-metadata-token': token };
  const roles = await ask(ROLES, { headers }).catch((error: unknown) => {
    if (error instanceof MetadataStatusError && error.status === 404)
      throw new S3SettingError(`${NONE}: the instance has no role.`);
    throw error;
  });
  const [role = ''] = roles.trim().split(/\s/, 1);
  return parseMetadataCredentials(await ask(ROLES + encodeURIComponent(role), { headers }), NONE);
}

function baseOf({ AWS_EC2_METADATA_SERVICE_ENDPOINT: given }: NodeJS.ProcessEnv): URL {
  if (!given) return new URL(METADATA);
  if (!URL.canParse(given)) throw new S3SettingError('AWS_EC2_METADATA_SERVICE_ENDPOINT must be a URL.');
  return new URL(given);
}
