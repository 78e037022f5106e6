import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { GraphQLParams, YogaServerInstance } from 'graphql-yoga';
import { acceptedGraphMediaType, type GraphMediaType } from '../http/accepted-media-type.js';
import { requestOf } from '../request/gateway-request.js';
import type { MaskError } from './execution/mask-error.js';
import type { OperationParams } from './execution/run-operation.js';
import { forClients } from './for-clients.js';
import { isJson, readJsonBody } from './json-body.js';

type MediaType = 'application/json' | 'application/graphql-response+json';

/** What an error says of the answer that it comes in; Yoga's own errors have it too. */
interface HttpExtensions {
  status?: number;
  headers?: Record<string, string>;
  /** Stands in the specification of GraphQL over HTTP, which leaves clients of application/json their 200. */
  spec?: boolean;
}

export interface GraphQLPostOptions<T extends object> {
  /** Takes the parameters that are not as usual, and says what is wrong with them. */
  yoga: Pick<YogaServerInstance<T, object>, 'getResultForParams'>;
  /** Runs what the usual parameters ask for; null where Yoga's plugins have a say in each. */
  run: ((params: OperationParams, method: string, context: T) => Promise<ExecutionResult>) | null;
  maxBytes: number;
  maskError: MaskError;
  /** Told of each result. */
  onResult?: ((result: ExecutionResult, context: T) => void) | undefined;
}

/** All that plugins ask of the request of a GraphQL operation. */
const POST = { method: 'POST' } as Request;

/**
 * Answers what most clients send, one operation as JSON, without the requests and responses of the Fetch API that Yoga
 * makes of Node's: for a small operation these cost more than all the rest. The operations run by the same code, and so
 * get the same answers.
 * @returns false when the request is of another kind; nothing was done with it then
 */
export function createGraphQLPost<T extends { req: IncomingMessage; res: ServerResponse }>(
  options: GraphQLPostOptions<T>,
): (context: T) => Promise<void> | false {
  return (context) => {
    const { req } = context;
    if (req.method !== 'POST' || !isJson(req)) return false;
    const mediaType = acceptedGraphMediaType(req.headers.accept);
    return isJsonType(mediaType) && answer(context, mediaType, options);
  };
}

function isJsonType(mediaType: GraphMediaType | null): mediaType is MediaType {
  return mediaType === 'application/json' || mediaType === 'application/graphql-response+json';
}

async function answer<T extends { req: IncomingMessage; res: ServerResponse }>(
  context: T,
  mediaType: MediaType,
  { yoga, run, maxBytes, maskError, onResult }: GraphQLPostOptions<T>,
): Promise<void> {
  let result: ExecutionResult;
  try {
    const params = await readJsonBody(context.req, maxBytes);
    if (Array.isArray(params)) throw batched();
    result = await (run && areUsual(params)
      ? run(params, 'POST', context)
      : // Nothing in the schema answers more than once.
        (yoga.getResultForParams({ params, request: POST }, context) as Promise<ExecutionResult>));
  } catch (error) {
    result = { errors: [maskError(error, requestOf(context.res)?.id)] };
  }
  result = forClients(result);
  onResult?.(result, context);
  if (!context.res.destroyed) send(context.res, result, mediaType);
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

function batched(): GraphQLError {
  return new GraphQLError('Batching is not supported.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });
}
