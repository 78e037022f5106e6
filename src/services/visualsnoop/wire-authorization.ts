import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { CollectionKeys } from './api.js';
import { isSignature, parseAuthorization } from './signature.js';

const MAX_CLOCK_SKEW_MS = 15 * 60_000;

/** Signed with when the public key is unknown, so that this takes as long as a wrong signature. */
const NOBODYS_SECRET = randomBytes(30).toString('base64');

/**
 * @param clock now, in milliseconds since 1970
 * @returns finds the collection whose key signed a request within the last or next 15 minutes; null when none did
 */
export function createAuthorizer(
  keys: CollectionKeys,
  clock: () => number,
): (req: IncomingMessage, signal: AbortSignal) => Promise<string | null> {
  return async ({ method = '', url = '', headers: { authorization = '', date = '' } }, signal) => {
    const credentials = parseAuthorization(authorization);
    const time = parseHttpDate(date);
    if (!credentials || time === null || Math.abs(clock() - time) > MAX_CLOCK_SKEW_MS) return null;
    const key = await keys.find(credentials.publicKey, signal);
    const request = { method, path: url.replace(/\?.*/s, ''), date };
    const signed = isSignature(credentials.signature, request, key?.secretKey ?? NOBODYS_SECRET);
    return signed && key ? key.collectionId : null;
  };
}

/** Reads exactly the form of RFC 1123 that HTTP asks for, in milliseconds since 1970. */
function parseHttpDate(text: string): number | null {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toUTCString() === text ? time : null;
}
