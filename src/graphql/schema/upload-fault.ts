import { GraphQLError } from 'graphql';
import { TooManyBytesError } from '../../services/staged-image.js';

/** What busboy and graphql-upload-ts say of a request that is not as the multipart specification wants it. */
interface UploadFault extends Error {
  /** An HTTP status, from graphql-upload-ts. */
  status?: number;
  /** From the file system. */
  code?: string;
}

class MalformedMultipartError extends GraphQLError {}

/** A multipart request that cannot be read. The whole answer is a 400 without data. */
export function malformedMultipart(message: string): GraphQLError {
  return new MalformedMultipartError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}

/** Also at the place of the field that came upon it. */
export function isMalformedMultipart(error: GraphQLError): boolean {
  return (error.originalError ?? error) instanceof MalformedMultipartError;
}

/**
 * Errors of the file stream are the client's, unless they come from the file system.
 * @param maxBytes the limit that a file over it has passed
 */
export function readUploadFault(error: unknown, maxBytes: number): unknown {
  if (!(error instanceof Error)) return error;
  const { status, code } = error as UploadFault;
  if (status === 413) return new TooManyBytesError(maxBytes);
  if (code !== undefined || (status !== undefined && status >= 500)) return error;
  return malformedMultipart(error.message);
}
