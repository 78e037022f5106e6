import { CACHE_PATHS } from './cache/openapi.js';
import { IMAGES_PATHS } from './images/openapi.js';
import { FAILURES, json, ref, text } from './openapi-parts.js';
import { schemas } from './openapi-schemas.js';

const plain = (operationId: string, summary: string, responses: object) => ({
  get: { operationId, summary, responses },
});

/**
 * The description of the protocols in OpenAPI, for the tools of its clients.
 * @param mount the path that it is served below
 */
export function openApi(mount: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'imgcache',
      version: '0.1.0',
      description:
        "imgcache's REST protocols, as Lookalike serves them: the older one with /images, the newer one with /cache and /browse.",
    },
    servers: [{ url: mount || '/' }],
    paths: {
      ...IMAGES_PATHS,
      ...CACHE_PATHS,
      '/health': plain('health', 'Whether it can do its work.', {
        200: json('It can.', ref('Health')),
        ...FAILURES,
      }),
      '/metrics': plain('metrics', 'What was asked since the start, for Prometheus.', {
        200: { description: 'The metrics.', content: { 'text/plain': { schema: text } } },
      }),
      '/openapi.json': plain('openapi', 'This document.', {
        200: json('The document.', { type: 'object' }),
      }),
      '/docs': plain('docs', 'Leads to this document.', { 307: { description: 'To /openapi.json.' } }),
    },
    components: { schemas },
  };
}
