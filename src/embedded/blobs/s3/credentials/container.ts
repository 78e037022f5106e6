import { readFile } from 'node:fs/promises';
import { S3SettingError } from '../setting-error.js';
import type { Credentials } from './credentials.js';
import { askMetadata, parseMetadataCredentials } from './metadata.js';

const ECS = 'http://169.254.170.2';
/** Of ECS and of EKS Pod Identity; elsewhere a token must not go without TLS. */
const METADATA_HOSTS = new Set(['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', 'localhost', '[::1]']);

/** Whether the environment names a container's endpoint for credentials (ECS, EKS Pod Identity). */
export function hasContainerEndpoint(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI);
}

/** @throws S3SettingError */
export async function containerCredentials(env: NodeJS.ProcessEnv): Promise<Credentials> {
  const { url, from } = endpointOf(env);
  const token = await tokenOf(env);
  const headers = { accept: 'application/json', ...(token !== null && { authorization: token }) };
  return parseMetadataCredentials(await askMetadata(url, { from, headers }), from);
}

function endpointOf(env: NodeJS.ProcessEnv): { url: URL; from: string } {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = env;
  if (path) {
    const from = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';
    if (!/^\/(?!\/)/.test(path))
      throw new S3SettingError(`${from} must be a path that begins with one slash.`);
    return { url: new URL(`${ECS}${path}`), from };
  }
  const from = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
  if (!full || !URL.canParse(full)) throw new S3SettingError(`${from} must be a URL.`);
  const url = new URL(full);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isMetadataHost(url.hostname));
  if (!isSafe)
    throw new S3SettingError(`${from} must begin with https://, or name an address of this machine.`);
  return { url, from };
}

function isMetadataHost(hostname: string): boolean {
  return METADATA_HOSTS.has(hostname) || /^127(?:\.\d+){3}$/.test(hostname);
}

/** From the file anew each time: it is replaced while this runs. */
async function tokenOf(env: NodeJS.ProcessEnv): Promise<string | null> {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path, AWS_CONTAINER_AUTHORIZATION_TOKEN: given } = env;
  const from = path ? 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE' : 'AWS_CONTAINER_AUTHORIZATION_TOKEN';
  const token = path ? await readToken(path, from) : given;
  if (!token) return null;
  if (!/^[\x20-\x7e]+$/.test(token)) throw new S3SettingError(`${from} must hold a token in one line.`);
  return token;
}

/** @throws S3SettingError */
export async function readToken(path: string, from: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new S3SettingError(
      `${from} names a file that cannot be read: ${(error as NodeJS.ErrnoException).code}.`,
    );
  }
}
