import type { IncomingMessage, ServerResponse } from 'node:http';

/** Origins such as https://a.example, or all; undefined for none. */
export type CorsOrigins = readonly string[] | '*' | undefined;

/** What a preflight asks to be allowed to send. */
const ASKED_HEADERS = 'Access-Control-Request-Headers';
const RESPONSE_HEADERS = 'etag, content-range, retry-after, x-request-id';
/** The longest that browsers keep the answer to a preflight. */
const PREFLIGHT_MAX_AGE_SECONDS = 7200;

/**
 * Lets pages of the given origins read the answers. Credentials that a browser adds by itself are never asked for: a
 * page brings its key in a header.
 * @returns true when the request was a preflight; it has been answered then
 */
export function answerCors(
  origins: CorsOrigins,
  { method = '', headers }: IncomingMessage,
  res: ServerResponse,
  path: string,
): boolean {
  const methods = methodsAt(path);
  if (methods.length === 0) return false;
  const { origin } = headers;
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  const vary = [Array.isArray(origins) ? 'Origin' : [], isPreflight && origins ? ASKED_HEADERS : []].flat();
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
  if (path.startsWith('/files/')) return ['GET', 'HEAD'];
  return path.startsWith('/imgcache/') ? ['GET'] : [];
}

function isAllowed(origins: CorsOrigins, origin: string): boolean {
  return origins === '*' || (origins?.includes(origin) ?? false);
}

/** Clients send many headers of their own, for traces and names: none of them can do more than the key beside it. */
function grant(res: ServerResponse, methods: readonly string[], askedHeaders: string | undefined): void {
  res.setHeader('access-control-allow-methods', methods.join(', '));
  if (askedHeaders) res.setHeader('access-control-allow-headers', askedHeaders);
  res.setHeader('access-control-max-age', PREFLIGHT_MAX_AGE_SECONDS);
}
