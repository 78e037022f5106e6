import type { ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { requestOf } from '../request/gateway-request.js';
import type { MaskError } from './execution/mask-error.js';
import { forClients } from './for-clients.js';

/** For Yoga's `maskedErrors`, which does not know the request: the plugin below masks what this wraps. */
export function maskLater(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError('', { originalError: error instanceof Error ? error : new Error(String(error)) });
}

/** Masks what goes wrong before anything is run, and shows errors as everywhere. */
export function useErrorsForClients({
  maskError,
}: {
  maskError: MaskError;
}): Plugin<object, { res: ServerResponse }> {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      if (Array.isArray(result) || Symbol.asyncIterator in result || !result.errors) return;
      const id = requestOf(serverContext.res)?.id;
      setResult(forClients({ ...result, errors: result.errors.map((error) => maskError(error, id)) }));
    },
  };
}
