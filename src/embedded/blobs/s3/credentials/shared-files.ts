import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { S3SettingError } from '../setting-error.js';
import type { Credentials } from './credentials.js';

type Profile = ReadonlyMap<string, string>;

/** Ways to get at credentials that other tools know of a profile, and this one does not. */
const UNSUPPORTED = ['role_arn', 'credential_process', 'sso_session', 'sso_start_url', 'login_session'];

/**
 * Credentials of the profile AWS_PROFILE, or of `default`, in the shared files of AWS's tools.
 * @returns null when there are none, and AWS_PROFILE asks for none
 * @throws S3SettingError
 */
export async function sharedFileCredentials(env: NodeJS.ProcessEnv): Promise<Credentials | null> {
  const name = env.AWS_PROFILE || 'default';
  const aws = join(env.HOME || homedir(), '.aws');
  const [credentials, config] = await Promise.all([
    readIni('AWS_SHARED_CREDENTIALS_FILE', env.AWS_SHARED_CREDENTIALS_FILE, join(aws, 'credentials')),
    readIni('AWS_CONFIG_FILE', env.AWS_CONFIG_FILE, join(aws, 'config')),
  ]);
  const inConfig = config.get(name === 'default' ? name : `profile ${name}`);
  const profile: Profile = new Map([...(inConfig ?? []), ...(credentials.get(name) ?? [])]);
  const found = credentialsOf(profile);
  if (found) return found;
  if (!env.AWS_PROFILE) return null;
  if (profile.size === 0)
    throw new S3SettingError(
      'AWS_PROFILE names a profile that is not in the shared credentials and config files.',
    );
  const way = UNSUPPORTED.find((key) => profile.has(key));
  throw new S3SettingError(
    way === undefined
      ? 'AWS_PROFILE names a profile without aws_access_key_id and aws_secret_access_key.'
      : `AWS_PROFILE names a profile with ${way}, which is not supported here.`,
  );
}

function credentialsOf(profile: Profile): Credentials | null {
  const accessKeyId = profile.get('aws_access_key_id');
  const secretAccessKey = profile.get('aws_secret_access_key');
  const sessionToken = profile.get('aws_session_token');
  if (!accessKeyId || !secretAccessKey) return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }), expiresAt: null };
}

/** A file that a variable names must be there; the usual one need not be. */
async function readIni(
  variable: string,
  named: string | undefined,
  usual: string,
): Promise<Map<string, Map<string, string>>> {
  try {
    return parseIni(await readFile(named || usual, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!named && (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR')) return new Map();
    throw new S3SettingError(
      `${named ? variable : 'AWS_PROFILE'} names a file that cannot be read: ${code}.`,
    );
  }
}

/** Sections of keys and values, as AWS's tools write them: comments in lines of their own or after a space. */
export function parseIni(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line);
    // Indented lines belong to a nested setting, such as those of `s3 =`.
    const setting = /^([^\s#;=[][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (head) {
      const name = head[1]!.replace(/\s+/g, ' ');
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
    } else if (setting) {
      section.set(setting[1]!.toLowerCase(), setting[2]!.replace(/\s+[#;].*$/, ''));
    }
  }
  return sections;
}
