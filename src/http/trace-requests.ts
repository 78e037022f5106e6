import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SpanEnd, Tracer } from '../tracing/tracer.js';
import { routeName } from './route-name.js';

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

/** Handles each request in a span that ends with its answer. What the client says is kept out of it, but for the path. */
export function traceRequests(tracer: Tracer, handle: Handler): Handler {
  return (req, res) => {
    const { method = '', url = '/', headers } = req;
    const route = `/${routeName(url)}`;
    const span = tracer.start({
      name: `${method} ${route}`,
      kind: 'SERVER',
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'url.path': url.split('?', 1)[0]!,
        'url.scheme': 'http',
        'network.protocol.version': req.httpVersion,
      },
      headers,
    });
    res.once('close', () => span.end(outcomeOf(res)));
    return span.run(() => handle(req, res));
  };
}

function outcomeOf({ statusCode, writableFinished }: ServerResponse): SpanEnd {
  if (!writableFinished) return { error: 'ABORTED' };
  const error = statusCode >= 500 ? String(statusCode) : undefined;
  return { attributes: { 'http.response.status_code': statusCode }, error };
}
