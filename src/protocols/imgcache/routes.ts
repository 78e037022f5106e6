import type { ServerResponse } from 'node:http';
import { HttpError } from '../../http/errors.js';
import { PLAIN_JSON, sendJson, sendText } from '../../http/respond.js';
import { CACHE_ROUTES } from './cache/operations.js';
import { IMAGES_ROUTES } from './images/operations.js';
import { openApi } from './openapi.js';
import type { Route, WireRequest } from './request.js';

/** The routes in the order of the originals: the first one with the path and the method responds. */
export const ROUTES: readonly Route[] = [
  ...IMAGES_ROUTES,
  ...CACHE_ROUTES,
  { method: 'GET', path: /^\/health$/, operation: health },
  { method: 'GET', path: /^\/metrics$/, operation: showMetrics },
  {
    method: 'GET',
    path: /^\/openapi\.json$/,
    operation: ({ res, mount }) => sendJson(res, 200, openApi(mount), PLAIN_JSON),
  },
  { method: 'GET', path: /^\/docs$/, operation: ({ res, mount }) => redirect(res, `${mount}/openapi.json`) },
];

/** Clients refuse responses with a longer head. */
const MAX_LOCATION_LENGTH = 8192;

export function redirect(res: ServerResponse, location: string): void {
  if (location.length > MAX_LOCATION_LENGTH) throw new HttpError(404, 'Not Found');
  res.writeHead(307, { Location: location, 'Content-Length': 0 });
  res.end();
}

async function health({ imgcache, res, scope }: WireRequest): Promise<void> {
  await imgcache.health(scope.reads('IMGCACHE'));
  sendJson(res, 200, { status: 'ok' }, PLAIN_JSON);
}

async function showMetrics({ metrics, res }: WireRequest): Promise<void> {
  const { text, contentType } = await metrics.show();
  sendText(res, 200, text, contentType);
}
