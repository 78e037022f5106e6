import type { IncomingMessage } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { type PreparedOperation, refused } from './execution/prepare-operation.js';
import { badRequest, checkParams, isJson, isMultipart, readAddress, unsupportedMediaType } from './params.js';
import { maskLater } from './result.js';
import type { GraphQLSteps, NodeContext } from './steps.js';

/** GET for HEAD, of which Node leaves out the body. */
export function methodOf({ method }: IncomingMessage): 'GET' | 'POST' {
  return method === 'POST' ? 'POST' : 'GET';
}

/**
 * Reads the parameters of a request.
 * @returns an array for a batch
 * @throws GraphQLError
 */
export function readParams(
  context: NodeContext,
  { readJson, readMultipart }: GraphQLSteps,
): Promise<GraphQLParams | GraphQLParams[]> | GraphQLParams {
  const { req } = context;
  if (methodOf(req) === 'GET') return readAddress(req);
  if (isJson(req)) return readJson(req);
  if (!isMultipart(req)) throw unsupportedMediaType();
  return readMultipart(context).then(notInBatch);
}

function notInBatch(params: GraphQLParams | GraphQLParams[]): GraphQLParams {
  if (Array.isArray(params))
    throw badRequest('Uploads cannot come in a batch: send each operation in a request of its own.');
  return params;
}

/** Reads and checks the operation of parameters whose types nobody has looked at. What fails of that is an error of its result. */
export function prepare(params: GraphQLParams, context: NodeContext, steps: GraphQLSteps): PreparedOperation {
  try {
    return steps.prepare(checkParams(steps.findDocument(params)), methodOf(context.req), context);
  } catch (error) {
    return refused([maskLater(error)]);
  }
}

export function asResult(error: unknown): ExecutionResult {
  return { errors: [maskLater(error)] };
}
