import aws4 from 'aws4';
import type { Credentials } from './credentials/credentials.js';

/** A request as it is signed. */
export interface Unsigned {
  method: string;
  /** With its port, where it is not the usual one of the scheme. */
  host: string;
  /** Percent-encoded by `encodeKey`, without a query. */
  path: string;
  query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  region: string;
}

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * Signs a request to S3 (Signature Version 4).
 * @returns the headers to send, with names in lower case and without Host, and the path with its query
 */
export function signS3({ method, host, path, query, headers, region }: Unsigned, credentials: Credentials) {
  const search = Object.entries(query).map(
    ([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`,
  );
  const fullPath = search.length === 0 ? path : `${path}?${search.join('&')}`;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signed = aws4.sign(
    {
      service: 's3',
      region,
      host,
      method,
      path: fullPath,
      headers: { 'x-amz-content-sha256': EMPTY_SHA256, ...headers },
    },
    { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  );
  const sent = Object.entries(signed.headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    .filter(([name]) => name !== 'host');
  return { path: fullPath, headers: Object.fromEntries(sent) };
}

/** As S3 has it in the canonical URI: every byte but the unreserved ones and the slashes. */
export function encodeKey(key: string): string {
  return key.split('/').map(percentEncoded).join('/');
}

/** encodeURIComponent leaves five characters more than RFC 3986 has unreserved. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
