import { createYoga, type FetchAPI, type GraphQLParams, type Plugin } from 'graphql-yoga';
import { acceptedGraphMediaType } from '../http/accepted-media-type.js';
import type { OperationParams } from './execution/run-operation.js';
import { isJson, isMultipart, readAddress, unsupportedMediaType } from './params.js';
import { maskLater } from './result.js';
import type { GraphQLSteps, NodeContext } from './steps.js';

/** Yoga for all that is HTTP, with the steps in the place of its own. */
export function createYogaDoor(steps: GraphQLSteps) {
  return createYoga<NodeContext>({
    plugins: [useSteps(steps)],
    maskedErrors: { maskError: maskLater },
    // The steps read the bodies, and http/ shows GraphiQL.
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    cors: false,
  });
}

function useSteps(steps: GraphQLSteps): Plugin<NodeContext, NodeContext> {
  return {
    /**
     * Gives Yoga as much of a request as it understands: of what `Accept` says the one media type that is preferred, and
     * GET for HEAD, of which Node leaves out the body. The body of a request is read from Node's request.
     */
    onRequest({ request: { url, method }, serverContext: { req }, fetchAPI, setRequest, endResponse }) {
      const accept = acceptedGraphMediaType(req.headers.accept);
      if (accept === null) return endResponse(notAcceptable(fetchAPI));
      setRequest(
        new fetchAPI.Request(url, { method: method === 'HEAD' ? 'GET' : method, headers: { accept } }),
      );
    },
    onRequestParse({ request: { method }, url, serverContext, setRequestParser }) {
      if (method === 'GET') setRequestParser(() => readAddress(url.searchParams));
      if (method === 'POST') setRequestParser(() => readBody(serverContext, steps));
    },
    // Between these, Yoga checks that the parameters have the right types, a query among them.
    onParams({ params, request, setParams, setParamsHandler }) {
      setParams(steps.findDocument(params, request));
      setParamsHandler(({ params, request, context }) =>
        steps.run(params as OperationParams, request.method, context),
      );
    },
    onResultProcess({ result, setResult, serverContext }) {
      // There are neither batches nor subscriptions.
      if (Array.isArray(result) || Symbol.asyncIterator in result) return;
      setResult(steps.finish(result, serverContext));
    },
    // Node knows more of the connection.
    onResponse: ({ response }) => response.headers.delete('connection'),
  };
}

async function readBody(
  context: NodeContext,
  { readJson, readMultipart }: GraphQLSteps,
): Promise<GraphQLParams | GraphQLParams[]> {
  const { req } = context;
  if (isMultipart(req)) return readMultipart(context);
  if (isJson(req)) return readJson(req);
  throw unsupportedMediaType();
}

function notAcceptable({ Response }: FetchAPI): Response {
  const message = 'The graph answers in application/graphql-response+json and application/json.';
  const errors = [{ message, extensions: { code: 'NOT_ACCEPTABLE' } }];
  return Response.json({ errors }, { status: 406 });
}
