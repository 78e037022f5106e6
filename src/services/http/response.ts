import type { Dispatcher } from 'undici';
import { Fault } from './fault.js';
import { parseRetryAfter } from './retries.js';

export type Response = Dispatcher.ResponseData;

const MAX_JSON_MIB = 32;

export function isSuccess({ statusCode }: Response): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** Reads what is left of an answer that nobody needs, so that its connection can be used again. */
export async function discard({ body }: Response): Promise<void> {
  await body.dump().catch(() => {});
}

/** @throws Fault unless the status is 2xx or one that the caller deals with; the body is then discarded */
export async function checkStatus(response: Response, allowed: readonly number[]): Promise<void> {
  const { statusCode: status, headers } = response;
  if (isSuccess(response) || allowed.includes(status)) return;
  await discard(response);
  const retryAfterMs = parseRetryAfter(headers['retry-after']);
  if (status >= 500) throw new Fault('SERVER_ERROR', { retryAfterMs });
  if (status === 408 || status === 429) throw new Fault('BUSY', { retryAfterMs });
  if (status < 400) throw new Fault('REDIRECT');
  throw new Fault('REFUSED', { detail: String(status) });
}

/** @throws Fault TOO_LARGE, GARBLED */
export async function readJson({ body }: Response): Promise<unknown> {
  const bytes = await readBytes(body);
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw new Fault('GARBLED', { cause });
  }
}

/** By events, which cost a short answer much less than an asynchronous iteration. */
function readBytes(body: Response['body']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_JSON_MIB * 2 ** 20)
        body.destroy(new Fault('TOO_LARGE', { detail: `${MAX_JSON_MIB} MiB` }));
    });
    body.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)));
    body.once('error', reject);
  });
}

/** @throws Fault GARBLED when the answer does not say how long it is */
export function readLength({ headers, body }: Response): number {
  const length = headers['content-length'];
  if (typeof length === 'string') return Number(length);
  body.on('error', () => {}).destroy();
  throw new Fault('GARBLED');
}
