import type { Readable } from 'node:stream';
import type { Tracer } from '@opentelemetry/api';
import { type Dispatcher, Pool } from 'undici';
import { abortable } from '../../../calls/abortable.js';
import type { Call } from '../../../calls/call.js';
import { Fault, UnreadableBodyError } from '../../../calls/fault.js';
import { type CallReport, GuardedCalls, type ServiceStatus } from '../../../calls/guarded-calls.js';
import { relay } from '../../../calls/relay.js';
import { whenSent } from '../../../calls/when-sent.js';
import type { CallSignal } from '../../../services/call-signal.js';
import type { S3Address } from './address.js';
import type { RememberedCredentials } from './credentials/remembered.js';
import { faultOf, type S3Response } from './response-error.js';
import { encodeKey, signS3 } from './signing.js';

/** As S3 names them. */
export type S3Operation =
  | 'PutObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject'
  | 'CopyObject'
  | 'ListObjectsV2';

/** One call to the object store, told at its end. */
export interface ObjectCall extends Pick<CallReport, 'requestId' | 'outcome'> {
  operation: S3Operation;
  /** Below the bucket; empty for the bucket itself. */
  key: string;
  /** The error that the caller got, where the outcome is not OK; with its causes. */
  error: unknown;
  /** Of an object that is read: until it has been. */
  durationMs: number;
  tries: number;
}

export type OnObjectCall = (call: ObjectCall) => void;

export interface S3TransportOptions {
  address: S3Address;
  credentials: RememberedCredentials;
  /**
   * For a whole call without the time in which bytes move: waiting for its turn, all tries, the response. A body that
   * comes no further for so long has failed too.
   * @default 10_000
   */
  timeoutMs?: number;
  onCall?: OnObjectCall | undefined;
  /** Told when the store is left alone because call after call failed, and when it responds again. */
  onBreaker?: ((state: 'OPEN' | 'CLOSED') => void) | undefined;
  tracer?: Tracer | undefined;
}

/** Bytes to be stored, which can be read anew for each try. */
export interface ObjectBody {
  /** In bytes. */
  size: number;
  /** In lower-case hex: the server refuses other bytes. */
  sha256: string;
  open(): Readable;
}

export interface S3Request {
  operation: S3Operation;
  method: 'GET' | 'PUT' | 'HEAD' | 'DELETE';
  /** Left out for the bucket itself. */
  key?: string;
  query?: Record<string, string>;
  /** Names in lower case. */
  headers?: Record<string, string>;
  body?: ObjectBody;
}

const STORE = 'the object store';
const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_QUEUED = 1000;
/** Of a whole response: a page of 1000 keys has some hundred KiB. */
const MAX_BYTES = 8 * 2 ** 20;

/**
 * Sends signed requests to one bucket, guarded as calls to a service are. Each may be repeated. Every failure is a
 * StorageError with a Fault as its cause, except that an aborted call rejects with the reason of the caller's signal,
 * and that a mistake on this side (a body that cannot be read) stays what it is.
 */
export class S3Transport {
  readonly #pool: Pool;
  readonly #calls: GuardedCalls;
  readonly #address: S3Address;
  readonly #credentials: RememberedCredentials;
  readonly #host: string;

  constructor({ address, credentials, timeoutMs = DEFAULT_TIMEOUT_MS, ...options }: S3TransportOptions) {
    const { onCall, onBreaker, tracer } = options;
    const { endpoint, bucket, pathStyle, maxConcurrent } = address;
    this.#address = address;
    this.#credentials = credentials;
    this.#host = pathStyle ? endpoint.host : `${bucket}.${endpoint.host}`;
    this.#pool = new Pool(`${endpoint.protocol}//${this.#host}`, {
      connections: maxConcurrent,
      connect: { timeout: timeoutMs },
      keepAliveTimeout: 4_000,
      // The deadline of the call covers it.
      headersTimeout: 0,
      bodyTimeout: timeoutMs,
    });
    this.#calls = new GuardedCalls({
      peer: 'S3',
      toError: (fault, harmless) => fault.toStorageError(STORE, harmless),
      maxConcurrent,
      maxQueued: MAX_QUEUED,
      timeoutMs,
      onCall: onCall && ((report) => onCall(objectCallOf(report))),
      onBreaker,
      tracer,
    });
  }

  /**
   * Makes a call, in several tries if need be.
   * @param decode turns a response that is a success into what is wanted, and throws when it is not what S3 documents
   * @param isExpected whether a fault is what the caller asks after: the result is null then
   */
  run<T>(
    request: S3Request,
    signal: CallSignal | undefined,
    decode: (response: S3Response) => T,
    isExpected: (fault: Fault) => boolean = () => false,
  ): Promise<T | null> {
    return this.#calls.run(guardedOf(request, signal), (call) =>
      this.#ask(request, call, decode).catch((error: unknown) => {
        if (error instanceof Fault && isExpected(error)) return null;
        throw error;
      }),
    );
  }

  /**
   * Makes a call and hands out the body of its response. The deadline ends with its head.
   * @param check throws a Fault when the head is not as it must be
   */
  open(
    request: S3Request,
    signal: CallSignal | undefined,
    check: (response: Omit<S3Response, 'body'>) => void,
    isExpected: (fault: Fault) => boolean,
  ): Promise<Readable | null> {
    return this.#calls.run(
      guardedOf(request, signal),
      async (call) => {
        const { statusCode: status, headers, body } = await this.#send(request, call);
        if (!isSuccess(status)) {
          const fault = faultOf(request.operation, { status, headers, body: await readBody(body) });
          if (isExpected(fault)) return null;
          throw fault;
        }
        try {
          check({ status, headers });
        } catch (fault) {
          body.on('error', () => {}).destroy();
          throw fault;
        }
        return relay(body, (error) => this.#calls.describe(error, call));
      },
      (stream) => stream,
    );
  }

  status(): ServiceStatus {
    return this.#calls.status;
  }

  async close(): Promise<void> {
    this.#calls.close();
    await this.#pool.destroy();
  }

  async #ask<T>(request: S3Request, call: Call, decode: (response: S3Response) => T): Promise<T> {
    const { statusCode: status, headers, body } = await this.#send(request, call);
    const response = { status, headers, body: await abortable(readBody(body), call.signal) };
    if (!isSuccess(status)) throw faultOf(request.operation, response);
    return decode(response);
  }

  /** Signed anew for each try. */
  async #send(request: S3Request, call: Call): Promise<Dispatcher.ResponseData> {
    const { method, body } = request;
    const signed = await this.#sign(request, call);
    const source = body?.open();
    source?.on('data', () => call.renewDeadline());
    const sentBody = source ? relay(source, (cause) => new UnreadableBodyError(cause)) : null;
    try {
      const sent = this.#pool
        .compose(whenSent(() => call.timesSent++))
        .request({ method, ...signed, body: sentBody, signal: call.signal });
      // By itself undici does not heed the signal while it connects.
      return await abortable(sent, call.signal);
    } catch (error) {
      // The rest of a request body that was not sent is not read.
      sentBody?.destroy();
      throw error;
    }
  }

  async #sign({ method, key, query = {}, headers = {}, body }: S3Request, call: Call) {
    const { bucket, pathStyle, region } = this.#address;
    let credentials = this.#credentials.get();
    if (credentials instanceof Promise)
      credentials = await abortable(credentials, call.signal).catch((cause: unknown) => {
        throw call.signal.aborted ? cause : new Fault('NO_CREDENTIALS', { cause });
      });
    const length = body && { 'content-length': String(body.size), 'x-amz-content-sha256': body.sha256 };
    const path = [...(pathStyle ? [bucket] : []), ...(key === undefined ? [] : [encodeKey(key)])].join('/');
    const unsigned = { method, host: this.#host, path: `/${path}`, query, region };
    return signS3({ ...unsigned, headers: { ...headers, ...length } }, credentials);
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** All of a response is read, so that its connection can be used again; of one that is too large nothing is kept. */
async function readBody(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Fault('TOO_LARGE', { detail: `${MAX_BYTES / 2 ** 20} MiB` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function guardedOf({ operation, key = '' }: S3Request, signal: CallSignal | undefined) {
  return { request: { method: operation, path: key, repeatable: true }, signal };
}

function objectCallOf({ method, path, ...report }: CallReport): ObjectCall {
  // It is the operation that `guardedOf` gave.
  return { ...report, operation: method as S3Operation, key: path };
}
