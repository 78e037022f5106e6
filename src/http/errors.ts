import { ForbiddenBucketError } from '../services/bucket.js';
import { RefusedImageError } from '../services/entry-origin.js';
import { HTTP_STATUS_OF, ServiceError } from '../services/errors.js';
import { TooManyBytesError } from '../services/staged-image.js';
import { isStorageFull, STORAGE_FULL_MESSAGE } from '../services/storage-full.js';
import { ImageExistsError, NotAPictureError, UnknownCollectionError } from '../services/visualsnoop.js';

/** A failure with the status and the message of its response. Each protocol writes it in a form of its own. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.headers = headers;
  }
}

/** The response to a failure that is part of normal work; null for an exception that nobody expects. */
export function expectedError(error: unknown): HttpError | null {
  if (error instanceof HttpError) return error;
  if (error instanceof ForbiddenBucketError) return new HttpError(403, error.message);
  if (error instanceof NotAPictureError) return new HttpError(400, error.message);
  if (error instanceof RefusedImageError) return new HttpError(422, error.message);
  if (error instanceof UnknownCollectionError) return new HttpError(404, error.message);
  if (error instanceof ImageExistsError) return new HttpError(409, error.message);
  if (error instanceof TooManyBytesError) return new HttpError(413, error.message);
  if (error instanceof ServiceError) return new HttpError(HTTP_STATUS_OF[error.code], error.message);
  return null;
}

/**
 * The response to an exception that nobody expects. It says nothing of the exception, but for a full disk, where an operator
 * has to make room.
 */
export function unexpectedError(error: unknown, message: string): HttpError {
  return isStorageFull(error) ? new HttpError(507, STORAGE_FULL_MESSAGE) : new HttpError(500, message);
}
