import { errors } from 'undici';
import { SERVICE_TITLES, ServiceError, type ServiceErrorCode, type ServiceName } from '../services/errors.js';
import { StorageError } from '../services/storage-error.js';

interface Traits {
  code: ServiceErrorCode;
  /** The message for clients, behind the name of the service. */
  message: (detail: string) => string;
  /** Whether it may pass by itself, so that another try is worth while. */
  transient: boolean;
  /** The vote for the circuit breaker: the service fails, it responds, or nothing is known of it. */
  breakerVote: 'FAILURE' | 'SUCCESS' | 'NONE';
}

const FAILED = { transient: true, breakerVote: 'FAILURE' } as const;
const RESPONDED = { transient: false, breakerVote: 'SUCCESS' } as const;
const NOT_ASKED = { transient: true, breakerVote: 'NONE' } as const;

const FAULTS = {
  UNREACHABLE: { code: 'UNAVAILABLE', message: () => 'cannot be reached', ...FAILED },
  CONNECTION_CLOSED: { code: 'UNAVAILABLE', message: () => 'broke off the connection', ...FAILED },
  SERVER_ERROR: { code: 'UNAVAILABLE', message: () => 'answered with a server error', ...FAILED },
  TIMEOUT: { code: 'TIMEOUT', message: (limit) => `did not answer within ${limit}`, ...FAILED },
  STALLED: { code: 'TIMEOUT', message: () => 'stopped in the middle of its answer', ...FAILED },
  BUSY: {
    code: 'UNAVAILABLE',
    message: () => 'is too busy to answer',
    transient: true,
    breakerVote: 'SUCCESS',
  },
  REFUSED: {
    code: 'REFUSED',
    message: (status) => `refused the request with status ${status}`,
    ...RESPONDED,
  },
  REDIRECT: { code: 'BAD_RESPONSE', message: () => 'answered with a redirect', ...RESPONDED },
  TOO_LARGE: {
    code: 'BAD_RESPONSE',
    message: (limit) => `gave an answer of more than ${limit}`,
    ...RESPONDED,
  },
  GARBLED: { code: 'BAD_RESPONSE', message: () => 'gave an answer that cannot be understood', ...RESPONDED },
  NOT_THE_SERVICE: {
    code: 'BAD_RESPONSE',
    message: () => 'does not answer at the address that is set for it',
    ...RESPONDED,
  },
  QUEUE_FULL: { code: 'UNAVAILABLE', message: () => 'has too many calls waiting', ...NOT_ASKED },
  QUEUED_TOO_LONG: {
    code: 'TIMEOUT',
    message: (limit) => `had no time for a call within ${limit}`,
    ...NOT_ASKED,
  },
  BREAKER_OPEN: {
    code: 'UNAVAILABLE',
    message: () => 'failed several times in a row and is left alone for a few seconds',
    ...NOT_ASKED,
  },
  NO_CREDENTIALS: { code: 'UNAVAILABLE', message: () => 'cannot be asked without credentials', ...NOT_ASKED },
  CLOSED: { code: 'UNAVAILABLE', message: () => 'is no longer asked: the gateway is stopping', ...NOT_ASKED },
} satisfies Record<string, Traits>;

export type FaultKind = keyof typeof FAULTS;

export interface FaultOptions {
  /**
   * The part of the message that its kind leaves open: a status, a time, a size. Clients see it.
   * @default ''
   */
  detail?: string;
  /** For the log only. */
  cause?: unknown;
  /**
   * How long the service asks clients to wait.
   * @default null, as most responses have no Retry-After
   */
  retryAfterMs?: number | null;
}

/** The failure of one try of a call. */
export class Fault extends Error {
  readonly kind: FaultKind;
  readonly retryAfterMs: number | null;
  readonly detail: string;

  constructor(kind: FaultKind, { detail = '', cause, retryAfterMs = null }: FaultOptions = {}) {
    super(kind, { cause });
    this.name = 'Fault';
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
    this.detail = detail;
  }

  get transient(): boolean {
    return FAULTS[this.kind].transient;
  }

  get breakerVote(): Traits['breakerVote'] {
    return FAULTS[this.kind].breakerVote;
  }

  /** @param harmless whether making the call once more cannot do its work twice */
  toServiceError(service: ServiceName, harmless: boolean): ServiceError {
    const { code, message } = FAULTS[this.kind];
    return new ServiceError(`${SERVICE_TITLES[service]} ${message(this.detail)}.`, {
      service,
      code,
      retryable: this.#isRetryable(harmless),
      cause: this,
    });
  }

  /** @param store its name within a sentence */
  toStorageError(store: string, harmless: boolean): StorageError {
    const { code, message } = FAULTS[this.kind];
    return new StorageError(`${store} ${message(this.detail)}`, {
      // That it refuses or garbles what it is asked is nothing that a client could deal with.
      code: code === 'TIMEOUT' ? 'TIMEOUT' : 'UNAVAILABLE',
      retryable: this.#isRetryable(harmless),
      cause: this,
    });
  }

  /** Whether the call may be made once more. A service that was too busy has not begun it. */
  #isRetryable(harmless: boolean): boolean {
    return this.transient && (harmless || this.kind === 'BUSY');
  }
}

/** The body of a request could not be read: a mistake on this side. */
export class UnreadableBodyError extends Error {
  constructor(cause: unknown) {
    super('The body of a request to a service could not be read.', { cause });
    this.name = 'UnreadableBodyError';
  }
}

const OWN_MISTAKES = [
  TypeError,
  UnreadableBodyError,
  errors.InvalidArgumentError,
  errors.NotSupportedError,
  errors.RequestContentLengthMismatchError,
];

/**
 * The failure of a call that an error of undici means.
 * @param sent whether the request had reached a connection
 * @returns a Fault, or the error itself where the mistake is on this side
 */
export function explain(error: unknown, sent: boolean): unknown {
  if (error instanceof Fault || OWN_MISTAKES.some((mistake) => error instanceof mistake)) return error;
  return new Fault(kindOf(error, sent), { cause: error });
}

function kindOf(error: unknown, sent: boolean): FaultKind {
  if (error instanceof errors.ClientDestroyedError) return 'CLOSED';
  if (error instanceof errors.BodyTimeoutError) return 'STALLED';
  if (error instanceof errors.HeadersOverflowError) return 'GARBLED';
  // A chunked body that is cut off is a syntax error as well; undici tells it by the message only.
  if (error instanceof errors.HTTPParserError && !error.message.includes('EOF')) return 'GARBLED';
  return sent ? 'CONNECTION_CLOSED' : 'UNREACHABLE';
}
