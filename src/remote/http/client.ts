import type { Readable } from 'node:stream';
import { context, propagation, type Tracer, trace } from '@opentelemetry/api';
import { type Dispatcher, Pool } from 'undici';
import type { Call } from '../../calls/call.js';
import { Fault, UnreadableBodyError } from '../../calls/fault.js';
import { type CallReport, GuardedCalls, type ServiceStatus } from '../../calls/guarded-calls.js';
import { relay } from '../../calls/relay.js';
import { unlessAborted } from '../../calls/unless-aborted.js';
import { whenSent } from '../../calls/when-sent.js';
import type { ServiceName } from '../../services/errors.js';
import { parseBaseUrl } from './base-url.js';
import { type ExchangeRequest, exchange, type WholeAnswer } from './exchange.js';
import { checkHead, isSuccess, parseAnyJson, parseJson, readLength } from './response.js';

export type { CallReport, ServiceStatus };

export interface ServiceClientOptions {
  service: ServiceName;
  /** May hold a path, before all paths, and credentials, sent as Basic authentication. */
  baseUrl: string;
  /** Knows the service's own 404 by its body; any other is BAD_RESPONSE. Left out, all are its own. */
  isNotFound?: (body: Buffer) => boolean;
  /** How many calls run at a time; a body that is handed out counts until it is read or destroyed. */
  maxConcurrent: number;
  /** How many calls may wait for their turn; 1000 by default. */
  maxQueued?: number;
  /** The time for a whole call: waiting for its turn, all tries, reading the answer. 10 s by default. */
  timeoutMs?: number;
  /** Told of each call at its end. */
  onCall?: (report: CallReport) => void;
  /** Told when the service is left alone because call after call failed, and when it answers again. */
  onBreaker?: (state: 'OPEN' | 'CLOSED') => void;
  tracer?: Tracer | undefined;
}

export interface ServiceRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the base URL on, with a slash first, percent-encoded, with the query. */
  path: string;
  /** Names in lower case. */
  headers?: Record<string, string>;
  body?: RequestBody;
  /** Doing it twice is the same as doing it once, so that it may be tried again. */
  repeatable: boolean;
  /** Statuses beside 2xx that the caller deals with. */
  allow?: readonly number[];
  /** Gives further headers, anew for each try; the path is the whole one, as sent. */
  sign?: (request: { method: string; path: string }) => Record<string, string>;
}

/** A body of known length that can be read anew for each try. */
export interface RequestBody {
  contentLength: number;
  open(): Readable;
}

/** `timesSent` is more than 1 when an earlier try may have done the work already. */
export interface Answer {
  status: number;
  timesSent: number;
}

export interface BytesAnswer {
  /** To be read to its end or destroyed. It fails with a ServiceError, or the reason of the caller's signal. */
  stream: Readable;
  contentLength: number;
  contentType: string | null;
}

/**
 * Calls one remote service. Every failure is a ServiceError, except that an aborted call rejects with the reason of
 * the caller's signal, and that a mistake on this side (a body that cannot be read) stays what it is.
 */
export interface ServiceClient {
  /**
   * Reads a JSON answer of at most 32 MiB.
   * @param decode turns the value into what is wanted, and throws when it is not what the protocol documents, a Fault
   * to say more than that; for an allowed status that comes without JSON the value is undefined
   */
  json<T>(
    request: ServiceRequest,
    decode: (value: unknown, answer: Answer) => T,
    signal?: AbortSignal,
  ): Promise<T>;

  /**
   * Reads an answer of at most 32 MiB.
   * @param request without statuses beside 2xx
   * @param decode turns its bytes into what is wanted, and throws when they are not what the protocol documents
   */
  whole<T>(request: ServiceRequest, decode: (body: Buffer) => T, signal?: AbortSignal): Promise<T>;

  /**
   * Hands out the body of the answer. The deadline ends with the head of the answer: how long the body takes is up to
   * its reader, but a service that leaves the reader waiting for the time of a whole call has timed out.
   * @returns null for an allowed status
   */
  bytes(request: ServiceRequest, signal?: AbortSignal): Promise<BytesAnswer | null>;

  /** Makes a call whose answer lies in its status. */
  empty(request: ServiceRequest, signal?: AbortSignal): Promise<Answer>;

  status(): ServiceStatus;

  /** Ends all calls, running and waiting, and closes the connections. */
  close(): Promise<void>;
}

const DEFAULT_MAX_QUEUED = 1000;
const DEFAULT_TIMEOUT_MS = 10_000;

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { service, maxConcurrent, maxQueued = DEFAULT_MAX_QUEUED, onCall, onBreaker, tracer } = options;
  const { isNotFound } = options;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const calls = new GuardedCalls({
    peer: service,
    toError: (fault, harmless) => fault.toServiceError(service, harmless),
    maxConcurrent,
    maxQueued,
    timeoutMs,
    onCall,
    onBreaker,
    tracer,
  });
  const base = parseBaseUrl(options.baseUrl);
  const pool = new Pool(base.origin, {
    connections: maxConcurrent,
    connect: { timeout: timeoutMs },
    // Shorter than the 5 s after which imgcache closes an idle connection.
    keepAliveTimeout: 4_000,
    // The deadline of the call covers them.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  function prepare(request: ServiceRequest, call: Call): ExchangeRequest {
    const { method } = request;
    const path = base.pathPrefix + request.path;
    const headers: Record<string, string> = { ...base.headers, ...request.headers };
    if (call.span) propagation.inject(trace.setSpan(context.active(), call.span), headers);
    if (request.sign) Object.assign(headers, request.sign({ method, path }));
    if (call.requestId !== undefined) headers['x-request-id'] = call.requestId;
    if (request.body) headers['content-length'] = String(request.body.contentLength);
    const body = request.body ? relay(request.body.open(), (cause) => new UnreadableBodyError(cause)) : null;
    return { method, path, headers, body };
  }

  /** Reads the whole answer. */
  function ask(request: ServiceRequest, call: Call): Promise<WholeAnswer> {
    return exchange(pool, prepare(request, call), {
      signal: call.signal,
      allow: request.allow ?? [],
      isNotFound,
      onSent: () => call.timesSent++,
    });
  }

  /** Reads the head of the answer. */
  async function open(request: ServiceRequest, call: Call): Promise<Dispatcher.ResponseData> {
    const prepared = prepare(request, call);
    try {
      const sent = pool
        .compose(whenSent(() => call.timesSent++))
        .request({ ...prepared, signal: call.signal, bodyTimeout: timeoutMs });
      // By itself undici does not heed the signal while it connects.
      const response = await unlessAborted(sent, call.signal);
      await checkHead(response, { allow: request.allow ?? [], isNotFound });
      return response;
    } catch (error) {
      // What of a body was not sent is read no further.
      prepared.body?.destroy();
      throw error;
    }
  }

  return {
    json: (request, decode, signal) =>
      calls.run({ request, signal }, async (call) => {
        const { status, body } = await ask(request, call);
        const value = isSuccess(status) ? parseJson(body) : parseAnyJson(body);
        return decodeWith(decode, value, { status, timesSent: call.timesSent });
      }),

    whole: (request, decode, signal) =>
      calls.run({ request, signal }, async (call) => {
        const { body } = await ask(request, call);
        return decodeWith(decode, body);
      }),

    bytes: (request, signal) =>
      calls.run(
        { request, signal },
        async (call) => {
          const { statusCode, headers, body } = await open(request, call);
          if (!isSuccess(statusCode)) return null;
          const contentLength = readLength(headers, body);
          const contentType = headers['content-type'];
          return {
            stream: relay(body, (error) => calls.describe(error, call)),
            contentLength,
            contentType: typeof contentType === 'string' ? contentType : null,
          };
        },
        (answer) => answer?.stream ?? null,
      ),

    empty: (request, signal) =>
      calls.run({ request, signal }, async (call) => {
        const { status } = await ask(request, call);
        return { status, timesSent: call.timesSent };
      }),

    status: () => calls.status,

    close: async () => {
      calls.close();
      await pool.destroy();
    },
  };
}

/** @throws Fault GARBLED when the decoder does not accept what it is given, unless it throws one of its own */
function decodeWith<A extends unknown[], T>(decode: (...given: A) => T, ...given: A): T {
  try {
    return decode(...given);
  } catch (cause) {
    throw cause instanceof Fault ? cause : new Fault('GARBLED', { cause });
  }
}
