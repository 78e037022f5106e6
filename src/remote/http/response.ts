import type { Dispatcher } from 'undici';
import { Fault } from '../../calls/fault.js';
import { parseRetryAfter } from '../../calls/retries.js';

type Headers = Dispatcher.ResponseData['headers'];

/** What is read of a body that is not wanted for itself: more of it costs the connection. */
export const MAX_SPARE_BYTES = 128 * 1024;

/** What of an answer that is no success is none of a failure. */
export interface Expected {
  /** Statuses beside 2xx that the caller deals with. */
  allow: readonly number[];
  /** Knows the service's own 404 by its body; any other comes from another server. Left out, all are its own. */
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

/** Undefined for what is no JSON. */
export function parseAnyJson(body: Buffer): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

type Body = Dispatcher.ResponseData['body'];

/** The same of an answer whose body has not been read; unless it is a success, it has been then. */
export async function checkHead(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { allow, isNotFound }: Expected,
): Promise<void> {
  if (isSuccess(statusCode)) return;
  if (statusCode === 404 && isNotFound) checkNotFound(await readSpare(body), isNotFound);
  else await discard(body);
  checkStatus(statusCode, headers, allow);
}

/** @throws Fault NOT_THE_SERVICE when a 404 is not the service's own */
export function checkNotFound(body: Buffer, isNotFound: (body: Buffer) => boolean): void {
  if (!isNotFound(body)) throw new Fault('NOT_THE_SERVICE');
}

/** Nothing of what is too large. */
async function readSpare(body: Body): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_SPARE_BYTES) return Buffer.alloc(0);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads what is left of an answer that nobody needs, so that its connection can be used again. */
async function discard(body: Body): Promise<void> {
  await body.dump().catch(() => {});
}

/** @throws Fault GARBLED when the answer does not say how long it is */
export function readLength({ 'content-length': length }: Headers, body: Body): number {
  if (typeof length === 'string') return Number(length);
  body.on('error', () => {}).destroy();
  throw new Fault('GARBLED');
}
