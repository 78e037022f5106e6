import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

interface Signed {
  method: string;
  /** As sent, with the query. */
  path: string;
  headers: IncomingHttpHeaders;
}

/** Signs a request as it was received, by the letter of the documentation of Signature Version 4 for S3. */
export function authorizationOf({ method, path, headers }: Signed, secret: string): string {
  const given = String(headers.authorization);
  const [, scope = '', names = ''] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+),/.exec(given) ?? [];
  const [uri = '', query = ''] = path.split('?');
  const canonical = [
    method,
    uri
      .split('/')
      .map((part) => encoded(decodeURIComponent(part)))
      .join('/'),
    [...new URLSearchParams(query.replaceAll('+', '%2B'))]
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .sort()
      .join('&'),
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((above, part) => hmac(above, part), `AWS4${secret}`);
  return given.replace(/Signature=.*/, `Signature=${hmac(key, text).toString('hex')}`);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function encoded(text: string): string {
  const unreserved = /[A-Za-z0-9\-._~]/;
  return [...Buffer.from(text)]
    .map(
      (byte) => [String.fromCharCode(byte), `%${byte.toString(16).toUpperCase().padStart(2, '0')}`] as const,
    )
    .map(([character, escaped]) => (unreserved.test(character) ? character : escaped))
    .join('');
}
