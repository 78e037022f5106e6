import type { IncomingMessage } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import { acceptedGraphMediaType } from '../http/accepted-media-type.js';

/**
 * Gives Yoga as much of a request as it understands: of what `Accept` says the one media type that is preferred, and GET
 * for HEAD, of which Node leaves out the body. The body of a request is read elsewhere.
 */
export function useHttp(): Plugin<object, { req: IncomingMessage }> {
  return {
    onRequest({ request: { url, method }, serverContext: { req }, fetchAPI, setRequest, endResponse }) {
      const accept = acceptedGraphMediaType(req.headers.accept);
      if (accept === null) return endResponse(notAcceptable(fetchAPI.Response));
      setRequest(
        new fetchAPI.Request(url, { method: method === 'HEAD' ? 'GET' : method, headers: { accept } }),
      );
    },
    // Of the connection Node knows more.
    onResponse: ({ response }) => response.headers.delete('connection'),
  };
}

/** Said before anything is run. */
function notAcceptable(Answer: typeof Response): Response {
  const message = 'The graph answers in application/graphql-response+json and application/json.';
  const errors = [{ message, extensions: { code: 'NOT_ACCEPTABLE' } }];
  return Answer.json({ errors }, { status: 406 });
}
