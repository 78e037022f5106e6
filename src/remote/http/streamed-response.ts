import type { Dispatcher } from 'undici';
import { abortable } from '../../calls/abortable.js';
import { Fault } from '../../calls/fault.js';
import { whenSent } from '../../calls/when-sent.js';
import type { ExchangeOptions, ExchangeRequest } from './exchange.js';
import { checkNotFound, checkStatus, type Expected, isSuccess, MAX_SPARE_BYTES } from './response.js';

export interface StreamOptions extends ExchangeOptions {
  /** How long the service may leave the reader of the body waiting, in milliseconds. */
  bodyTimeout: number;
}

/**
 * Sends a request and reads the head of its response; the body is the caller's, unless the status is not 2xx.
 * @throws Fault, the reason of the signal, or an error of undici
 */
export async function openResponse(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  { signal, onSent, bodyTimeout, ...expected }: StreamOptions,
): Promise<Dispatcher.ResponseData> {
  try {
    const sent = dispatcher.compose(whenSent(onSent)).request({ ...request, signal, bodyTimeout });
    // By itself undici does not heed the signal while it connects.
    const response = await abortable(sent, signal);
    await checkHead(response, expected);
    return response;
  } catch (error) {
    // The rest of a request body that was not sent is not read.
    request.body?.destroy();
    throw error;
  }
}

type Headers = Dispatcher.ResponseData['headers'];
type Body = Dispatcher.ResponseData['body'];

/** Checks the status, and reads the body of a response that is no success, so that its connection can be used again. */
async function checkHead(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { allow, isNotFound }: Expected,
): Promise<void> {
  if (isSuccess(statusCode)) return;
  if (statusCode === 404 && isNotFound) checkNotFound(await readSpare(body), isNotFound);
  else await body.dump().catch(() => {});
  checkStatus(statusCode, headers, allow);
}

/** Reads the body of a 404; one that is too large to be the service's own comes out empty. */
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

/** @throws Fault GARBLED when the response does not say how long it is */
export function readLength({ 'content-length': length }: Headers, body: Body): number {
  if (typeof length === 'string') return Number(length);
  body.on('error', () => {}).destroy();
  throw new Fault('GARBLED');
}
