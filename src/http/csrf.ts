import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendGraphQLError, sendJson } from './respond.js';

/** The content types that a page of another site can send without a preflight. */
const SIMPLE_CONTENT_TYPES = /^(?:multipart\/form-data|application\/x-www-form-urlencoded|text\/plain)\b/i;

/** Headers that a page of another site cannot send without a preflight, which is refused. */
const PREFLIGHT_HEADERS = ['x-graphql-yoga-csrf', 'apollo-require-preflight'] as const;

/** Refuses a request to GraphQL that could be a form on another site. Returns true when it has responded. */
export function refuseForgery(req: IncomingMessage, res: ServerResponse): boolean {
  const contentType = req.headers['content-type'] ?? '';
  if (req.method !== 'POST' || (contentType !== '' && !SIMPLE_CONTENT_TYPES.test(contentType))) return false;
  if (PREFLIGHT_HEADERS.some((name) => req.headers[name])) return false;
  const headers = PREFLIGHT_HEADERS.map((name) => `${name}: true`).join(' or ');
  sendGraphQLError(
    res,
    403,
    'CSRF_HEADER_MISSING',
    `A request of this content type needs the header ${headers}.`,
  );
  return true;
}

/**
 * Refuses a form that a page of another site sends to imgcache's protocol, which asks for no header: programs send no
 * Origin. Returns true when it has responded.
 */
export function refuseForeignForm(
  req: IncomingMessage,
  res: ServerResponse,
  publicUrl: () => string,
): boolean {
  const { origin, host } = req.headers;
  if (req.method !== 'POST' || origin === undefined) return false;
  if (origin === new URL(publicUrl()).origin || origin.replace(/^https?:\/\//, '') === host) return false;
  sendJson(res, 403, { detail: 'Pages of other sites cannot change anything here.' });
  return true;
}
