import { Readable } from 'node:stream';
import { expect } from 'vitest';
import {
  createServiceClient,
  type RequestBody,
  type ServiceClient,
  type ServiceClientOptions,
  type ServiceRequest,
} from '#src/remote/http/client.js';
import { ServiceError } from '#src/services/errors.js';
import { json, UPSTREAM_TEXT } from './faulty-server.js';

export function connect(
  baseUrl: string,
  options: Partial<ServiceClientOptions> = {},
): ServiceClient & AsyncDisposable {
  const defaults = { service: 'IMGCACHE', maxConcurrent: 4, timeoutMs: 10_000 } as const;
  const client = createServiceClient({ ...defaults, baseUrl, ...options });
  return { ...client, [Symbol.asyncDispose]: () => client.close() };
}

export const GET: ServiceRequest = { method: 'GET', path: '/thing', repeatable: true };
export const ONCE: ServiceRequest = { method: 'POST', path: '/thing', repeatable: false };

export function body(content = 'some bytes'): RequestBody {
  return {
    contentLength: Buffer.byteLength(content),
    open: () => Readable.from([Buffer.from(content)]),
  };
}

/** Accepts `{ answer: number }`. */
export function decodeAnswer(value: unknown): number {
  const { answer } = value as { answer: unknown };
  if (typeof answer !== 'number') throw new TypeError(`answer is ${UPSTREAM_TEXT}`);
  return answer;
}

/** What decodeAnswer accepts. */
export const good = json({ answer: 42 });

export async function failureOf(promise: Promise<unknown>): Promise<ServiceError> {
  const error = await rejectionOf(promise);
  expect(error).toBeInstanceOf(ServiceError);
  return error as ServiceError;
}

export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('The call succeeded.');
}
