import { type ExecutionResult, GraphQLError } from 'graphql';
import { shortMessage } from './schema/short-message.js';

/**
 * A result as it leaves for its client, whichever way: no error repeats much of what was sent, and one without data has
 * the status of a failure, as GraphQL over HTTP has it.
 */
export function forClients(result: ExecutionResult): ExecutionResult {
  const { errors, data } = result;
  if (!errors) return result;
  return { ...result, errors: errors.map((error) => shown(error, data === undefined)) };
}

function shown(error: GraphQLError, isRefusal: boolean): GraphQLError {
  const message = shortMessage(error.message);
  const needsStatus = isRefusal && !error.extensions.http;
  if (message === error.message && !needsStatus) return error;
  const { nodes, source, positions, path, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions: needsStatus ? { ...extensions, http: statusOf(extensions) } : extensions,
  });
}

/** Clients of application/json get a 200 for their own mistakes all the same. */
function statusOf({ code }: GraphQLError['extensions']) {
  return code === 'INTERNAL_SERVER_ERROR' ? { status: 500 } : { spec: true, status: 400 };
}
