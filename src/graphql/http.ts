import { type ExecutionResult, GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { acceptedGraphMediaType } from '../http/accepted-media-type.js';
import { acceptedCodings } from '../http/content-coding.js';
import { sendGraphQLError } from '../http/respond.js';
import type { RunningOperation } from '../request/request-scope.js';
import { noteOfBatch, runBatch } from './execution/run-batch.js';
import { badRequest, typeOf } from './params.js';
import { asResult, prepare, readParams } from './request.js';
import { isJsonType, sendResult } from './send-result.js';
import type { GraphQLSteps, NodeContext } from './steps.js';
import { createYogaDoor } from './yoga.js';

/** Operations of a batch. */
const MAX_OPERATIONS = 10;

/**
 * GraphQL over HTTP, in two ways that take the same steps and give the same results. Responses in JSON go a short way without the
 * requests and responses of the Fetch API that Yoga makes of Node's: for a small operation these cost more than all the rest.
 * Yoga is the door to responses as streams.
 */
export function createGraphQLOverHttp(steps: GraphQLSteps): (context: NodeContext) => unknown {
  const yoga = createYogaDoor(steps);
  return async (context) => {
    const { req, res } = context;
    const mediaType = acceptedGraphMediaType(req.headers.accept);
    if (mediaType === null)
      return notAcceptable(context, 'in application/graphql-response+json and application/json');
    const codings = acceptedCodings(req);
    if (!isJsonType(mediaType))
      return codings.includes('identity')
        ? yoga(req, res, context)
        : notAcceptable(context, 'without compression where it is a stream');
    if (codings.length === 0) return notAcceptable(context, 'with br, gzip or no compression');
    const result = await resultOf(context, steps);
    if (!res.destroyed) await sendResult(context, result, mediaType);
  };
}

function notAcceptable({ res }: NodeContext, how: string): void {
  sendGraphQLError(res, 406, 'NOT_ACCEPTABLE', `The graph answers ${how}.`);
}

async function resultOf(
  context: NodeContext,
  steps: GraphQLSteps,
): Promise<ExecutionResult | ExecutionResult[]> {
  let note: RunningOperation | null = null;
  try {
    const params = await readParams(context, steps);
    if (Array.isArray(params)) return await resultsOf(params, context, steps);
    const operation = prepare(params, context, steps);
    note = operation.note;
    context.scope.operation = note;
    return steps.finish(await operation.run(), context, note);
  } catch (error) {
    return steps.finish(asResult(error), context, note);
  }
}

function resultsOf(
  batch: readonly GraphQLParams[],
  context: NodeContext,
  steps: GraphQLSteps,
): Promise<ExecutionResult[]> {
  if (batch.length === 0) throw badRequest('A batch must have one operation or more.');
  if (batch.length > MAX_OPERATIONS) throw tooManyOperations(batch.length);
  if (batch.some((params) => typeOf(params) !== 'object'))
    throw badRequest('Each operation of a batch must be a JSON object with a query.');
  const operations = batch.map((params) => {
    const { note, refusal, run } = prepare(params, context, steps);
    return { note, refusal, run: () => run().catch(asResult) };
  });
  context.scope.operation = noteOfBatch(operations);
  return runBatch(operations, {
    maxCost: steps.maxCost,
    finish: (result, note) => steps.finish(result, context, note),
  });
}

function tooManyOperations(count: number): GraphQLError {
  return new GraphQLError(`A batch may have at most ${MAX_OPERATIONS} operations, and this has ${count}.`, {
    extensions: { code: 'BATCH_LIMIT_EXCEEDED', limit: MAX_OPERATIONS, http: { status: 413 } },
  });
}
