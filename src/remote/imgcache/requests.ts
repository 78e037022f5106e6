import { z } from 'zod';
import { ServiceError } from '../../services/errors.js';
import type { ServiceClient, ServiceRequest } from '../http/client.js';

/** The original responds with errors as soon as 15 requests at a time use its database. */
export const MAX_CONCURRENT = 12;

export const CREATED = 201;
export const NOT_FOUND = 404;
const NO_CONTENT = 204;

/** A content hash that no bytes have: only an imgcache says that it is absent. */
export const NO_HASH = '0'.repeat(64);

/** What the service says at /health, in both dialects. */
export const HEALTHY = z.object({ status: z.literal('ok') });

/** The body of imgcache's own 404; for a path that it does not have, the router of the original says `Not Found`. */
const ABSENT = z.strictObject({ detail: z.literal('Not found') });

/** Whether the body of a 404 is imgcache's own. */
export function saysAbsent(body: Buffer): boolean {
  try {
    return isAbsence(JSON.parse(body.toString()));
  } catch {
    return false;
  }
}

/** Whether a value is that of the body of imgcache's own 404. */
export function isAbsence(value: unknown): boolean {
  return ABSENT.safeParse(value).success;
}

export function get(path: string, allow: readonly number[] = []): ServiceRequest {
  return { method: 'GET', path, repeatable: true, allow };
}

/**
 * Deletes what is at a path.
 * @returns whether it was there
 */
export async function remove(
  client: ServiceClient,
  path: string,
  signal: Parameters<ServiceClient['empty']>[1],
): Promise<boolean> {
  const request: ServiceRequest = { method: 'DELETE', path, repeatable: true, allow: [NOT_FOUND] };
  const { status, timesSent } = await client.empty(request, signal);
  if (status !== NO_CONTENT && status !== NOT_FOUND) throw notUnderstood();
  // An earlier try, whose response was lost, may have deleted it.
  return status !== NOT_FOUND || timesSent > 1;
}

/**
 * The text to send in a search, for which the service finds all that contains the given text, and perhaps more. The
 * original takes `%` and `_` as wildcards and a backslash as their escape, so that it gets the longest part without a
 * backslash.
 */
export function supersetOf(text: string): string {
  return text.split('\\').reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

/** The error for another response than imgcache's own, such as the page of a proxy, which says 200 to everything. */
export function notUnderstood(): ServiceError {
  return new ServiceError('imgcache gave an answer that cannot be understood.', {
    service: 'IMGCACHE',
    code: 'BAD_RESPONSE',
    retryable: false,
  });
}

export function malformedPerceptualHash(): ServiceError {
  return new ServiceError('A perceptual hash has 16 lower-case hex digits.', {
    service: 'IMGCACHE',
    code: 'REFUSED',
    retryable: false,
  });
}
