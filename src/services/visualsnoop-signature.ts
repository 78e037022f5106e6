import { createHmac, timingSafeEqual } from 'node:crypto';

/** The signed parts of a request: neither its query nor its body is among them. */
export interface SignedRequest {
  method: string;
  /** The path as sent, percent-encoded, without the query. */
  path: string;
  /** The Date header as sent, such as `Fri, 20 Nov 2026 23:48:23 GMT`. */
  date: string;
}

export interface KeyPair {
  publicKey: string;
  secretKey: string;
}

/** HMAC-SHA1 in base64. White space around the secret does not count. */
export function sign({ method, path, date }: SignedRequest, secretKey: string): string {
  return createHmac('sha1', secretKey.trim()).update(`${method}\n${path}\n${date}`).digest('base64');
}

/** Verifies a signature; it takes the same time for every one of the right length. */
export function isSignature(signature: string, request: SignedRequest, secretKey: string): boolean {
  const given = Buffer.from(signature);
  const right = Buffer.from(sign(request, secretKey));
  return given.length === right.length && timingSafeEqual(given, right);
}

/** The Authorization header of a request. */
export function formatAuthorization(request: SignedRequest, { publicKey, secretKey }: KeyPair): string {
  return `VSHMAC ${publicKey}:${sign(request, secretKey)}`;
}

const AUTHORIZATION = /^VSHMAC +([^\s:]+):([A-Za-z0-9+/]{27}=)$/i;

/** Reads an Authorization header; null when it is not of the form `VSHMAC publicKey:signature`. */
export function parseAuthorization(header: string): { publicKey: string; signature: string } | null {
  const [, publicKey, signature] = AUTHORIZATION.exec(header) ?? [];
  return publicKey && signature ? { publicKey, signature } : null;
}
