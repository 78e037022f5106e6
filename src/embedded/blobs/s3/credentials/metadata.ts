import { request } from 'undici';
import { S3SettingError } from '../setting-error.js';
import type { Credentials } from './credentials.js';

export interface MetadataRequest {
  /** The setting that leads there, for errors. */
  from: string;
  method?: 'GET' | 'PUT' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  timeoutMs?: number;
}

const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 5_000;

/**
 * Asks a server that gives out credentials. Redirects are not followed: the request may hold a token.
 * @returns the body of a response with status 200, at most 64 KiB
 * @throws S3SettingError, with the status where there was a response
 */
export async function askMetadata(
  url: URL,
  { from, method = 'GET', headers = {}, body, timeoutMs = TIMEOUT_MS }: MetadataRequest,
) {
  const signal = AbortSignal.timeout(timeoutMs);
  let status: number;
  let text: string;
  try {
    const response = await request(url, { method, headers, body: body ?? null, signal });
    status = response.statusCode;
    text = await readText(response.body);
  } catch (error) {
    const why = signal.aborted ? `did not respond within ${timeoutMs / 1000} s` : describe(error);
    throw new S3SettingError(`${from}: the server at ${url.host} that gives credentials ${why}.`, {
      cause: error,
    });
  }
  if (status !== 200)
    throw new MetadataStatusError(
      status,
      text,
      `${from}: the server at ${url.host} that gives credentials responded with status ${status}.`,
    );
  return text;
}

/** A response that is no success. */
export class MetadataStatusError extends S3SettingError {
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string, message: string) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new RangeError('The response is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function describe(error: unknown): string {
  if (error instanceof RangeError) return 'gave a response that is too large';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? `cannot be reached: ${code}` : 'cannot be reached';
}

/**
 * Credentials as AWS's metadata servers give them, in JSON.
 * @throws S3SettingError
 */
export function parseMetadataCredentials(text: string, from: string): Credentials {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value !== 'object' || value === null) throw garbled(from);
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = value as Record<string, unknown>;
  return checkedCredentials({ AccessKeyId, SecretAccessKey, SessionToken: Token, Expiration }, from);
}

/** @throws S3SettingError when something lacks, or they have expired when they are given */
export function checkedCredentials(
  given: Record<'AccessKeyId' | 'SecretAccessKey' | 'SessionToken' | 'Expiration', unknown>,
  from: string,
): Credentials {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given;
  if (!isText(AccessKeyId) || !isText(SecretAccessKey) || !isText(SessionToken)) throw garbled(from);
  const expiresAt = isText(Expiration) ? Date.parse(Expiration) : Number.NaN;
  if (Number.isNaN(expiresAt)) throw garbled(from);
  if (expiresAt <= Date.now())
    throw new S3SettingError(
      `${from}: the credentials that were given have expired, or the clock of this machine is wrong.`,
    );
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiresAt,
  };
}

/** Fit for a header. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function garbled(from: string): S3SettingError {
  return new S3SettingError(`${from}: what was given for credentials cannot be understood.`);
}
