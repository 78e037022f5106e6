import type { Readable } from 'node:stream';
import { context, propagation, type Tracer, trace } from '@opentelemetry/api';
import { Pool } from 'undici';
import type { Call } from '../../calls/call.js';
import { Fault, UnreadableBodyError } from '../../calls/fault.js';
import { type CallReport, GuardedCalls, type ServiceStatus } from '../../calls/guarded-calls.js';
import { relay } from '../../calls/relay.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { ServiceName } from '../../services/errors.js';
import { type ExchangeOptions, type ExchangeRequest, exchange, type WholeResponse } from './exchange.js';
import { isSuccess, parseAnyJson, parseJson } from './response.js';
import { openResponse, readLength } from './streamed-response.js';

export type { CallReport, ServiceStatus };

export interface ServiceClientOptions {
  service: ServiceName;
  /** The address of the service. It may have a path, and credentials, which are sent as Basic authentication. */
  baseUrl: string;
  /**
   * Whether the body of a 404 is the service's own; any other 404 is BAD_RESPONSE.
   * @default every 404 is the service's own
   */
  isNotFound?: (body: Buffer) => boolean;
  /** The most calls that run at a time; a body that is handed out counts until it is read or destroyed. */
  maxConcurrent: number;
  /**
   * The most calls that may wait for their turn.
   * @default 1000
   */
  maxQueued?: number;
  /**
   * The time for a whole call: waiting for its turn, all tries, reading the response.
   * @default 10_000
   */
  timeoutMs?: number;
  /** Gets a report of each call at its end. */
  onCall?: (report: CallReport) => void;
  /** Called when the circuit breaker opens because call after call failed, and when it closes again. */
  onBreaker?: (state: 'OPEN' | 'CLOSED') => void;
  tracer?: Tracer | undefined;
}

export interface ServiceRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path below the base URL: with a slash first, percent-encoded, with the query. */
  path: string;
  /** Names in lower case. */
  headers?: Record<string, string>;
  body?: RequestBody;
  /** Whether doing it twice is the same as doing it once, so that it may be tried again. */
  repeatable: boolean;
  /**
   * Statuses beside 2xx that the caller deals with.
   * @default none
   */
  allow?: readonly number[];
  /**
   * Whether the body of a 404 is the service's own.
   * @default as of all requests
   */
  isNotFound?: (body: Buffer) => boolean;
  /** Makes further headers, anew for each try; the path is the whole one, as sent. */
  sign?: (request: { method: string; path: string }) => Record<string, string>;
}

/** A body of known length that can be read anew for each try. */
export interface RequestBody {
  contentLength: number;
  open(): Readable;
}

/** The status of a response. */
export interface ResponseStatus {
  status: number;
  /** More than 1 when an earlier try may have done the work already. */
  timesSent: number;
}

/** A response whose body is streamed. */
export interface BytesResponse {
  /** The body, which the caller reads to its end or destroys. It fails with a ServiceError, or the caller's reason to abort. */
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
   * Reads a JSON response of at most 32 MiB.
   * @param decode makes the result of the value, and throws when the protocol documents no such value, or a Fault to say
   * more than that; for an allowed status that comes without JSON the value is undefined
   */
  json<T>(
    request: ServiceRequest,
    decode: (value: unknown, response: ResponseStatus) => T,
    signal?: CallSignal,
  ): Promise<T>;

  /**
   * Reads a response of at most 32 MiB.
   * @param request allows no statuses beside 2xx
   * @param decode makes the result of the bytes, and throws when the protocol documents no such body
   */
  whole<T>(request: ServiceRequest, decode: (body: Buffer) => T, signal?: CallSignal): Promise<T>;

  /**
   * Streams the body of the response. The deadline ends with the head of the response: how long the body takes is up to
   * its reader, but a service that leaves the reader waiting for the time of a whole call has timed out.
   * @returns null for an allowed status
   */
  bytes(request: ServiceRequest, signal?: CallSignal): Promise<BytesResponse | null>;

  /** Makes a call of which only the status matters. */
  empty(request: ServiceRequest, signal?: CallSignal): Promise<ResponseStatus>;

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

  function optionsOf(request: ServiceRequest, call: Call): ExchangeOptions {
    const onSent = () => call.timesSent++;
    return {
      signal: call.signal,
      allow: request.allow ?? [],
      isNotFound: request.isNotFound ?? isNotFound,
      onSent,
    };
  }

  function readWhole(request: ServiceRequest, call: Call): Promise<WholeResponse> {
    return exchange(pool, prepare(request, call), optionsOf(request, call));
  }

  return {
    json: (request, decode, signal) =>
      calls.run({ request, signal }, async (call) => {
        const { status, body } = await readWhole(request, call);
        const value = isSuccess(status) ? parseJson(body) : parseAnyJson(body);
        return decodeWith(decode, value, { status, timesSent: call.timesSent });
      }),

    whole: (request, decode, signal) =>
      calls.run({ request, signal }, async (call) => {
        const { body } = await readWhole(request, call);
        return decodeWith(decode, body);
      }),

    bytes: (request, signal) =>
      calls.run(
        { request, signal },
        async (call) => {
          const options = { ...optionsOf(request, call), bodyTimeout: timeoutMs };
          const { statusCode, headers, body } = await openResponse(pool, prepare(request, call), options);
          if (!isSuccess(statusCode)) return null;
          const contentLength = readLength(headers, body);
          const contentType = headers['content-type'];
          return {
            stream: relay(body, (error) => calls.describe(error, call)),
            contentLength,
            contentType: typeof contentType === 'string' ? contentType : null,
          };
        },
        (response) => response?.stream ?? null,
      ),

    empty: (request, signal) =>
      calls.run({ request, signal }, async (call) => {
        const { status } = await readWhole(request, call);
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

/** @throws TypeError when the text is no URL */
function parseBaseUrl(text: string): BaseUrl {
  const { origin, pathname, username, password } = new URL(text);
  const user = [username, password].map(decodeURIComponent).join(':');
  return {
    origin,
    pathPrefix: pathname.replace(/\/+$/, ''),
    headers: user === ':' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
  };
}

interface BaseUrl {
  /** The origin, without credentials. */
  origin: string;
  /** Such as `/api/v1`, without a slash at its end; empty for none. */
  pathPrefix: string;
  /** Basic authentication, where the URL holds a user. */
  headers: Record<string, string>;
}
