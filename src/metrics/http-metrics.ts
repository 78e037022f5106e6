import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { routeName } from '../http/route-name.js';
import { RequestCounter, RequestHistogram } from './request-series.js';

/** Called with each request at its start. */
export type RequestObserver = (req: IncomingMessage, res: ServerResponse) => void;

/** Methods with a label of their own: clients may send any that the parser knows, and each label costs memory. */
const USUAL_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

export function createHttpMetrics(registry: Registry): RequestObserver {
  const requests = new RequestCounter(registry, {
    name: 'lookalike_http_requests_total',
    help: 'HTTP requests; the status of those whose client went before the answer was out is ABORTED.',
    labelNames: ['route', 'method', 'status'],
  });
  const durations = new RequestHistogram(registry, {
    name: 'lookalike_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  });

  return (req, res) => {
    const startedAt = performance.now();
    res.on('close', () => {
      const route = routeName(req.url);
      const { method = '' } = req;
      const status = res.writableFinished ? String(res.statusCode) : 'ABORTED';
      requests.inc([route, USUAL_METHODS.has(method) ? method : 'OTHER', status]);
      durations.observe([route], (performance.now() - startedAt) / 1000);
    });
  };
}
