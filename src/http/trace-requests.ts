import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, propagation, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { failSpan } from '../request/spans.js';
import { routeName } from './route-name.js';

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

/**
 * Handles each request in a span that ends with its response, below the span that the request names. Of the client's values
 * only the path is an attribute.
 */
export function traceRequests(tracer: Tracer, handle: Handler): Handler {
  return (req, res) => {
    const { method = '', url = '/', headers } = req;
    const route = `/${routeName(url)}`;
    const attributes = {
      'http.request.method': method,
      'http.route': route,
      'url.path': url.split('?', 1)[0]!,
      'url.scheme': 'http',
      'network.protocol.version': req.httpVersion,
    };
    const parent = propagation.extract(context.active(), headers);
    const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
    res.once('close', () => endSpan(span, res));
    return context.with(trace.setSpan(parent, span), () => handle(req, res));
  };
}

function endSpan(span: Span, { statusCode, writableFinished }: ServerResponse): void {
  if (writableFinished) span.setAttribute('http.response.status_code', statusCode);
  if (!writableFinished) failSpan(span, 'ABORTED');
  else if (statusCode >= 500) failSpan(span, String(statusCode));
  span.end();
}
