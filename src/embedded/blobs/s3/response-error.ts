import type { Dispatcher } from 'undici';
import { Fault, type FaultKind } from '../../../calls/fault.js';
import { parseRetryAfter } from '../../../calls/retries.js';
import { childrenOf, parseXml, textOf, type XmlElement } from './xml.js';

export interface S3Response {
  status: number;
  headers: Dispatcher.ResponseData['headers'];
  body: Buffer;
}

/** An error response of S3; for the log and for telling which setting is wrong, never for clients. */
export class S3ResponseError extends Error {
  override readonly name = 'S3ResponseError';
  readonly operation: string;
  readonly status: number;
  /** S3's own, such as NoSuchKey; null where the body is no error of S3's, as that of HEAD is none. */
  readonly code: string | null;
  /** Where the bucket is, if the response says so. */
  readonly region: string | null;

  constructor(operation: string, { status, headers, body }: S3Response) {
    const error = readError(body);
    const code = error && textOf(error, 'Code');
    const says = error && textOf(error, 'Message');
    super([`${operation}: ${status}`, code, says && plain(says)].filter(Boolean).join(' '));
    this.operation = operation;
    this.status = status;
    this.code = code;
    this.region = regionOf(headers) ?? (error && textOf(error, 'Region'));
  }
}

function readError(body: Buffer): XmlElement | null {
  try {
    const root = parseXml(body.toString());
    return root.name === 'Error' ? root : (childrenOf(root, 'Error')[0] ?? null);
  } catch {
    return null;
  }
}

function regionOf({ 'x-amz-bucket-region': region }: S3Response['headers']): string | null {
  return typeof region === 'string' ? region : null;
}

/** One line of bounded length. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 300);
}

const SLOW_DOWN: ReadonlySet<string | null> = new Set([
  'SlowDown',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'OperationAborted',
]);

/** The fault that a response without success means for the call. */
export function faultOf(operation: string, response: S3Response): Fault {
  const error = new S3ResponseError(operation, response);
  const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
  return new Fault(kindOf(error), { detail: String(error.status), cause: error, retryAfterMs });
}

function kindOf({ status, code }: S3ResponseError): FaultKind {
  if (status === 429 || SLOW_DOWN.has(code)) return 'BUSY';
  // It waited too long for the body: the connection was slow, or has died.
  if (status === 408 || code === 'RequestTimeout') return 'CONNECTION_CLOSED';
  if (status === 501) return 'REFUSED';
  // CopyObject may begin with 200 and fail then.
  if (status >= 500 || status < 300) return 'SERVER_ERROR';
  if (status < 400) return 'REDIRECT';
  return status === 404 && code === null ? 'NOT_THE_SERVICE' : 'REFUSED';
}
