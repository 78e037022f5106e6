import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { HttpError } from '../../http/errors.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { CollectionKeys } from '../../services/visualsnoop.js';
import { isSignature, parseAuthorization } from '../../services/visualsnoop-signature.js';

const NOT_SIGNED = 'The request is not signed as VisualSnoop asks for.';
const MAX_CLOCK_SKEW_MINUTES = 15;

/** Verifies signatures of unknown public keys, so that these take as long as wrong signatures. */
const NOBODYS_SECRET = randomBytes(30).toString('base64');

/**
 * Makes the function that authenticates requests. Only a request with a right signature is told of a wrong Date.
 *
 * @param clock now, in milliseconds since 1970
 * @returns finds the collection whose key signed a request within the last or next 15 minutes; throws an HttpError when
 * none did
 */
export function createAuthorizer(
  keys: CollectionKeys,
  clock: () => number,
): (req: IncomingMessage, signal: CallSignal) => Promise<string> {
  return async ({ method = '', url = '', headers: { authorization = '', date = '' } }, signal) => {
    const credentials = parseAuthorization(authorization);
    if (!credentials) throw unauthorized(NOT_SIGNED);
    const key = await keys.find(credentials.publicKey, signal);
    const request = { method, path: url.replace(/\?.*/s, ''), date };
    const signed = isSignature(credentials.signature, request, key?.secretKey ?? NOBODYS_SECRET);
    if (!signed || !key) throw unauthorized(NOT_SIGNED);
    const problem = dateProblem(date, clock());
    if (problem) throw unauthorized(problem);
    return key.collectionId;
  };
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, message, { 'WWW-Authenticate': 'VSHMAC' });
}

/** The message for a Date that is malformed or too far off; null when it is neither. */
function dateProblem(date: string, now: number): string | null {
  const time = parseHttpDate(date);
  const clock = new Date(now).toUTCString();
  if (time === null) return `The signature is right, but its Date is not of the form "${clock}".`;
  if (Math.abs(now - time) <= MAX_CLOCK_SKEW_MINUTES * 60_000) return null;
  return (
    `The signature is right, but its Date is more than ${MAX_CLOCK_SKEW_MINUTES} minutes off. ` +
    `The clock here says ${clock}: set yours.`
  );
}

/** The time of a Date in exactly the form of RFC 1123 that HTTP asks for, in milliseconds since 1970; null for others. */
function parseHttpDate(text: string): number | null {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toUTCString() === text ? time : null;
}
