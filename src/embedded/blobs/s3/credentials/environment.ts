import { S3SettingError } from '../setting-error.js';
import type { Credentials } from './credentials.js';

/**
 * Credentials in the environment itself.
 * @returns null when there are none
 * @throws S3SettingError when there is a half of them
 */
export function environmentCredentials(env: NodeJS.ProcessEnv): Credentials | null {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  if (!accessKeyId && !secretAccessKey) return null;
  if (!accessKeyId)
    throw new S3SettingError('AWS_ACCESS_KEY_ID must be set together with AWS_SECRET_ACCESS_KEY.');
  if (!secretAccessKey)
    throw new S3SettingError('AWS_SECRET_ACCESS_KEY must be set together with AWS_ACCESS_KEY_ID.');
  return {
    accessKeyId,
    secretAccessKey,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    expiresAt: null,
  };
}
