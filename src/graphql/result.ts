import { type ExecutionResult, GraphQLError } from 'graphql';
import type { MaskError } from './execution/mask-error.js';
import { type OperationReport, reportOn } from './execution/operation-report.js';
import { shortMessage } from './schema/short-message.js';
import { isMalformedMultipart, malformedMultipart } from './schema/upload.js';
import type { GraphQLSteps } from './steps.js';

export interface FinishOptions {
  maskError: MaskError;
  /** Called with each operation at its end, also with what was refused before there was one. */
  onOperation?: ((report: OperationReport) => void) | undefined;
}

/** Makes the last step. */
export function createFinish({ maskError, onOperation }: FinishOptions): GraphQLSteps['finish'] {
  return (result, { scope }, note) => {
    const finished = result.errors ? forClients(result, maskError, scope.id) : result;
    onOperation?.(reportOn(finished, note));
    return finished;
  };
}

/** Makes a GraphQLError of any, which the last step masks: until there, the request is not known everywhere. */
export function maskLater(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError('', { originalError: error instanceof Error ? error : new Error(String(error)) });
}

/**
 * The result as its client sees it: no error tells what is not for clients, nor repeats much of what was sent, and a
 * result without data has the status of a failure, as GraphQL over HTTP has it.
 */
function forClients(result: ExecutionResult, maskError: MaskError, requestId: string): ExecutionResult {
  const { errors = [], data } = result;
  // A body that turns out to be broken while a resolver reads it is as bad as one that never began.
  const malformed = errors.filter(isMalformedMultipart);
  if (malformed.length > 0) return { errors: malformed.map(({ message }) => malformedMultipart(message)) };
  return {
    ...result,
    errors: errors.map((error) => shown(maskError(error, requestId), data === undefined)),
  };
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
