/** The services behind the gateway, and the ways in which a call to one can fail. */

export type ServiceName = 'IMGCACHE' | 'VISUALSNOOP';

/** The names of the services in messages. */
export const SERVICE_TITLES: Readonly<Record<ServiceName, string>> = {
  IMGCACHE: 'imgcache',
  VISUALSNOOP: 'VisualSnoop',
};

/** Whether a service runs inside this process or is reached over the network. */
export type ServiceMode = 'EMBEDDED' | 'REMOTE';

/**
 * The kinds of failure of a service:
 * - `UNAVAILABLE`: not reached, or it responded with a server error.
 * - `TIMEOUT`: the deadline passed.
 * - `REFUSED`: the service understood and said no; the message is fit for clients.
 * - `BAD_RESPONSE`: the protocol documents no such response.
 * - `UNSUPPORTED`: this service cannot do it at all.
 */
export type ServiceErrorCode = 'UNAVAILABLE' | 'TIMEOUT' | 'REFUSED' | 'BAD_RESPONSE' | 'UNSUPPORTED';

/** The HTTP status of a response to a request for which a service failed. */
export const HTTP_STATUS_OF: Readonly<Record<ServiceErrorCode, number>> = {
  UNAVAILABLE: 503,
  TIMEOUT: 504,
  BAD_RESPONSE: 502,
  REFUSED: 502,
  UNSUPPORTED: 501,
};

export interface ServiceErrorOptions {
  service: ServiceName;
  code: ServiceErrorCode;
  /** The same call may succeed later and cannot do it twice. */
  retryable: boolean;
  /** For the log only; it never reaches a client. */
  cause?: unknown;
}

/** The failure of a service, in every implementation. Its message is fit for clients: no addresses, no upstream text. */
export class ServiceError extends Error {
  readonly service: ServiceName;
  readonly code: ServiceErrorCode;
  readonly retryable: boolean;

  constructor(message: string, { service, code, retryable, cause }: ServiceErrorOptions) {
    super(message, { cause });
    this.name = 'ServiceError';
    this.service = service;
    this.code = code;
    this.retryable = retryable;
  }
}

/** The failure of a call that ended because the time of its request was over. */
export class OverdueError extends ServiceError {
  /** @param retryable whether the call was not sent, or may be repeated */
  constructor(service: ServiceName, retryable = true) {
    const message = `${SERVICE_TITLES[service]} did not answer in the time that a request has.`;
    super(message, { service, code: 'TIMEOUT', retryable });
    this.name = 'OverdueError';
  }
}
