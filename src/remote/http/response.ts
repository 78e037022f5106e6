import type { Dispatcher } from 'undici';
import { Fault } from '../../calls/fault.js';
import { parseRetryAfter } from '../../calls/retries.js';

type Headers = Dispatcher.ResponseData['headers'];

/** The most that is read of the body of a failure, so that its connection can be used again. */
export const MAX_SPARE_BYTES = 128 * 1024;

/** The responses beside 2xx that are no failures. */
export interface Expected {
  /** Statuses beside 2xx that the caller deals with. */
  allow: readonly number[];
  /**
   * Whether the body of a 404 is the service's own; any other comes from another server.
   * @default every 404 is the service's own
   */
  isNotFound?: ((body: Buffer) => boolean) | undefined;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** @throws Fault unless the status is 2xx or one that the caller deals with */
export function checkStatus(status: number, headers: Headers, allow: readonly number[]): void {
  if (isSuccess(status) || allow.includes(status)) return;
  const retryAfterMs = parseRetryAfter(headers['retry-after']);
  if (status >= 500) throw new Fault('SERVER_ERROR', { retryAfterMs });
  if (status === 408 || status === 429) throw new Fault('BUSY', { retryAfterMs });
  if (status < 400) throw new Fault('REDIRECT');
  throw new Fault('REFUSED', { detail: String(status) });
}

/** @throws Fault GARBLED */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new Fault('GARBLED', { cause });
  }
}

/** The value of a body, or undefined when it is no JSON. */
export function parseAnyJson(body: Buffer): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

/** @throws Fault NOT_THE_SERVICE when a 404 is not the service's own */
export function checkNotFound(body: Buffer, isNotFound: (body: Buffer) => boolean): void {
  if (!isNotFound(body)) throw new Fault('NOT_THE_SERVICE');
}
