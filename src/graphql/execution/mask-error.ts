import { GraphQLError } from 'graphql';
import { ServiceError } from '../../services/errors.js';
import { isStorageFull, STORAGE_FULL_MESSAGE } from '../../services/storage-full.js';
import { UnknownCollectionError } from '../../services/visualsnoop.js';

export type MaskError = (error: unknown, requestId: string) => GraphQLError;

/**
 * Makes the function that turns errors into those that a client sees: errors made for clients as they are, those of a
 * service with a code of their own, and all others as one that tells nothing.
 * @param report is given what is hidden, which the client can only name by the id of its request
 */
export function createMaskError(report: (error: unknown, requestId: string) => void): MaskError {
  return (error, requestId) => {
    const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
    if (isForClients(original)) return error as GraphQLError;
    if (original instanceof ServiceError) return placed(error, original.message, serviceExtensions(original));
    if (original instanceof UnknownCollectionError)
      return placed(error, original.message, { code: 'NOT_FOUND' });
    if (!isAbort(original)) report(original, requestId);
    if (isStorageFull(original)) return placed(error, STORAGE_FULL_MESSAGE, { code: 'STORAGE_FULL' });
    return placed(error, 'Unexpected error.', { code: 'INTERNAL_SERVER_ERROR', requestId });
  };
}

/** Errors of the compiled code itself, as of null in a non-null field, have no extensions. */
function isForClients(error: unknown): boolean {
  return error instanceof GraphQLError && error.extensions !== undefined;
}

/** The error of reads whose client has disconnected: nobody gets the response, and nothing went wrong. */
function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

function serviceExtensions({ code, service, retryable }: ServiceError): Record<string, unknown> {
  return { code: `SERVICE_${code}`, service, retryable };
}

/** The new error at the place of the old one. */
function placed(error: unknown, message: string, extensions: Record<string, unknown>): GraphQLError {
  const { nodes, source, positions, path } = error instanceof GraphQLError ? error : new GraphQLError('');
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions,
  });
}
