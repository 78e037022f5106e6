import type { Dispatcher } from 'undici';
import { Fault } from './fault.js';
import { parseRetryAfter } from './retries.js';

type Headers = Dispatcher.ResponseData['headers'];

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** @throws Fault unless the status is 2xx or one that the caller deals with */
export function checkStatus(status: number, headers: Headers, allowed: readonly number[]): void {
  if (isSuccess(status) || allowed.includes(status)) return;
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

/** The same of an answer whose body has not been read; where it throws, it reads the body first. */
export async function checkHead(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  allowed: readonly number[],
): Promise<void> {
  try {
    checkStatus(statusCode, headers, allowed);
  } catch (fault) {
    await discard(body);
    throw fault;
  }
}

/** Reads what is left of an answer that nobody needs, so that its connection can be used again. */
export async function discard(body: Body): Promise<void> {
  await body.dump().catch(() => {});
}

/** @throws Fault GARBLED when the answer does not say how long it is */
export function readLength({ 'content-length': length }: Headers, body: Body): number {
  if (typeof length === 'string') return Number(length);
  body.on('error', () => {}).destroy();
  throw new Fault('GARBLED');
}
