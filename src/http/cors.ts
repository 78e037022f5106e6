import type { IncomingMessage, ServerResponse } from 'node:http';
import { isPicturePath } from './picture-paths.js';

/** The origins whose pages may read responses, such as https://a.example; `*` for all, undefined for none. */
export type CorsOrigins = readonly string[] | '*' | undefined;

/** Names the headers that a page wants to send, in its preflight. */
const ASKED_HEADERS = 'Access-Control-Request-Headers';
const RESPONSE_HEADERS = 'etag, content-range, retry-after, x-request-id';
/** The longest that browsers keep the response to a preflight. */
const PREFLIGHT_MAX_AGE_SECONDS = 7200;

/**
 * Lets pages of the given origins read the response. Credentials that a browser adds by itself are never allowed: a page
 * brings its key in a header.
 * @returns true when the request was a preflight, whose response is sent
 */
export function applyCors(
  origins: CorsOrigins,
  { method = '', headers }: IncomingMessage,
  res: ServerResponse,
  path: string,
): boolean {
  const methods = methodsAt(path);
  if (methods.length === 0) return false;
  const { origin } = headers;
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  const vary = Array.isArray(origins) ? ['Origin'] : [];
  if (isPreflight && origins) vary.push(ASKED_HEADERS);
  if (vary.length > 0) res.setHeader('vary', vary.join(', '));
  if (origin !== undefined && isAllowed(origins, origin) && (isPreflight || methods.includes(method))) {
    res.setHeader('access-control-allow-origin', origins === '*' ? '*' : origin);
    if (isPreflight) grant(res, methods, headers['access-control-request-headers']);
    else res.setHeader('access-control-expose-headers', RESPONSE_HEADERS);
  }
  if (isPreflight) res.writeHead(204).end();
  return isPreflight;
}

function methodsAt(path: string): readonly string[] {
  if (path === '/graphql') return ['GET', 'HEAD', 'POST'];
  if (isPicturePath(path)) return ['GET', 'HEAD'];
  return path.startsWith('/imgcache/') ? ['GET'] : [];
}

function isAllowed(origins: CorsOrigins, origin: string): boolean {
  return origins === '*' || (origins?.includes(origin) ?? false);
}

/** Grants a preflight all headers: clients send many, for traces and names, and none can do more than the key beside it. */
function grant(res: ServerResponse, methods: readonly string[], askedHeaders: string | undefined): void {
  res.setHeader('access-control-allow-methods', methods.join(', '));
  if (askedHeaders) res.setHeader('access-control-allow-headers', askedHeaders);
  res.setHeader('access-control-max-age', PREFLIGHT_MAX_AGE_SECONDS);
}
