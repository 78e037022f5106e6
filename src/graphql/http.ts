import type { ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { GraphQLParams, YogaServerInstance } from 'graphql-yoga';
import { acceptedGraphMediaType, type GraphMediaType } from '../http/accepted-media-type.js';
import type { OperationParams } from './execution/run-operation.js';
import { badRequest, isJson } from './params.js';
import { maskLater } from './result.js';
import type { GraphQLSteps, NodeContext } from './steps.js';
import { createYogaDoor } from './yoga.js';

type MediaType = 'application/json' | 'application/graphql-response+json';

type Yoga = Pick<YogaServerInstance<NodeContext, object>, 'getResultForParams'>;

/** The `http` extension of an error, on the response that it comes in. Yoga's own errors have it too. */
interface HttpExtensions {
  status?: number;
  headers?: Record<string, string>;
  /** Stands in the specification of GraphQL over HTTP, which leaves clients of application/json their 200. */
  spec?: boolean;
}

/**
 * GraphQL over HTTP, in two ways that take the same steps and give the same responses. Yoga is the door to all of it. One
 * operation as JSON, which most clients send, goes a short way without the requests and responses of the Fetch API that
 * Yoga makes of Node's: for a small operation these cost more than all the rest.
 */
export function createGraphQLOverHttp(steps: GraphQLSteps): (context: NodeContext) => unknown {
  const yoga = createYogaDoor(steps);
  return (context) => {
    const mediaType = shortWay(context);
    return mediaType
      ? respondToJson(context, mediaType, steps, yoga)
      : yoga(context.req, context.res, context);
  };
}

/** The media type of the response of a request that can go the short way; null for others. */
function shortWay({ req }: NodeContext): MediaType | null {
  if (req.method !== 'POST' || !isJson(req)) return null;
  const mediaType = acceptedGraphMediaType(req.headers.accept);
  return isJsonType(mediaType) ? mediaType : null;
}

function isJsonType(mediaType: GraphMediaType | null): mediaType is MediaType {
  return mediaType === 'application/json' || mediaType === 'application/graphql-response+json';
}

async function respondToJson(
  context: NodeContext,
  mediaType: MediaType,
  steps: GraphQLSteps,
  yoga: Yoga,
): Promise<void> {
  let result: ExecutionResult;
  try {
    result = await resultOfJson(context, steps, yoga);
  } catch (error) {
    result = { errors: [maskLater(error)] };
  }
  result = steps.finish(result, context);
  if (!context.res.destroyed) send(context.res, result, mediaType);
}

/** The properties of a request that the steps, and Yoga's checks of parameters, look at. */
const POST = { method: 'POST' } as Request;

async function resultOfJson(context: NodeContext, steps: GraphQLSteps, yoga: Yoga): Promise<ExecutionResult> {
  const given = await steps.readJson(context.req);
  if (Array.isArray(given)) throw badRequest('Batching is not supported.');
  const params = steps.findDocument(given, POST);
  if (areUsual(params)) return steps.run(params, 'POST', context);
  // Yoga says what is wrong with them, if anything. Without subscriptions, it gives one result.
  return yoga.getResultForParams({ params, request: POST }, context) as Promise<ExecutionResult>;
}

/** Whether they are of the types that GraphQL over HTTP gives them, without extensions, and there are no others. */
function areUsual(params: GraphQLParams): params is GraphQLParams & OperationParams {
  const { query, variables, operationName, extensions, ...others } = params;
  for (const _ in others) return false;
  return (
    typeof query === 'string' &&
    (variables == null || (typeof variables === 'object' && !Array.isArray(variables))) &&
    (operationName == null || typeof operationName === 'string') &&
    extensions == null
  );
}

function send(res: ServerResponse, result: ExecutionResult, mediaType: MediaType): void {
  const { errors = [] } = result;
  const shown = errors.length === 0 ? result : { ...result, errors: errors.map(withoutHttp) };
  const body = Buffer.from(JSON.stringify(shown));
  for (const error of errors)
    for (const [name, value] of Object.entries(httpOf(error)?.headers ?? {})) res.setHeader(name, value);
  res.writeHead(statusOf(errors, mediaType), {
    'content-type': `${mediaType}; charset=utf-8`,
    'content-length': body.length,
  });
  res.end(body);
}

function statusOf(errors: readonly GraphQLError[], mediaType: MediaType): number {
  let highest = 0;
  for (const error of errors) {
    const { status = 0, spec } = httpOf(error) ?? {};
    if (!spec || mediaType !== 'application/json') highest = Math.max(highest, status);
  }
  return highest || 200;
}

function withoutHttp(error: GraphQLError): object {
  const { extensions, ...shown } = error.toJSON();
  const { http: _, ...rest } = extensions ?? {};
  return Object.keys(rest).length > 0 ? { ...shown, extensions: rest } : shown;
}

function httpOf({ extensions }: GraphQLError): HttpExtensions | undefined {
  return extensions.http as HttpExtensions | undefined;
}
