import { createYoga, type Plugin } from 'graphql-yoga';
import { acceptedGraphMediaType } from '../http/accepted-media-type.js';
import type { OperationParams } from './execution/prepare-operation.js';
import { badRequest } from './params.js';
import { methodOf, readParams } from './request.js';
import { maskLater } from './result.js';
import type { GraphQLSteps, NodeContext } from './steps.js';

/** Yoga for responses as streams, with the steps in the place of its own. */
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
    /** Gives Yoga as much of a request as it understands: of what `Accept` says the one media type that is preferred. */
    onRequest({ request: { url }, serverContext: { req }, fetchAPI, setRequest }) {
      const accept = acceptedGraphMediaType(req.headers.accept) ?? '*/*';
      setRequest(new fetchAPI.Request(url, { method: methodOf(req), headers: { accept } }));
    },
    onRequestParse({ serverContext, setRequestParser }) {
      setRequestParser(async () => {
        const params = await readParams(serverContext, steps);
        if (Array.isArray(params)) throw badRequest('A batch has its response in JSON, and not as a stream.');
        return params;
      });
    },
    // Between these, Yoga checks that the parameters have the right types, a query among them.
    onParams({ params, setParams, setParamsHandler }) {
      setParams(steps.findDocument(params));
      setParamsHandler(({ params, request, context }) => {
        const operation = steps.prepare(params as OperationParams, request.method, context);
        context.scope.operation = operation.note;
        return operation.run();
      });
    },
    onResultProcess({ result, setResult, serverContext }) {
      // There are neither batches nor subscriptions.
      if (Array.isArray(result) || Symbol.asyncIterator in result) return;
      setResult(steps.finish(result, serverContext, serverContext.scope.operation));
    },
    // Node knows more of the connection.
    onResponse: ({ response }) => response.headers.delete('connection'),
  };
}
