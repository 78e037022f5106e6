import { SERVICE_TITLES, ServiceError, type ServiceErrorCode, type ServiceName } from './errors.js';

export interface StorageErrorOptions {
  code: Extract<ServiceErrorCode, 'UNAVAILABLE' | 'TIMEOUT'>;
  /** The same call may succeed later and cannot do its work twice. */
  retryable: boolean;
  /** For the log only; it never reaches a client. */
  cause?: unknown;
}

/**
 * A failure of the storage that both embedded services keep bytes and rows in. The service that met it tells it as its own. The
 * message is written for clients: no addresses, no text of the store's.
 */
export class StorageError extends Error {
  readonly code: StorageErrorOptions['code'];
  readonly retryable: boolean;
  readonly #what: string;

  /** @param what the middle of a sentence, such as `the object store cannot be reached` */
  constructor(what: string, { code, retryable, cause }: StorageErrorOptions) {
    super(`${what.charAt(0).toUpperCase()}${what.slice(1)}.`, { cause });
    this.name = 'StorageError';
    this.code = code;
    this.retryable = retryable;
    this.#what = what;
  }

  toServiceError(service: ServiceName): ServiceError {
    const { code, retryable } = this;
    const message = `${SERVICE_TITLES[service]} failed: ${this.#what}.`;
    return new ServiceError(message, { service, code, retryable, cause: this });
  }
}
