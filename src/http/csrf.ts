import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendGraphQLError, sendJson } from './respond.js';

/** What a page of another site can send without asking first. */
const SIMPLE_CONTENT_TYPES = /^(?:multipart\/form-data|application\/x-www-form-urlencoded|text\/plain)\b/i;

/** A page of another site cannot send these without a preflight, which is refused. */
const PREFLIGHT_HEADERS = ['x-graphql-yoga-csrf', 'apollo-require-preflight'] as const;

/** True when the request could be a form on another site; it has been answered then. */
export function refuseForgery(req: IncomingMessage, res: ServerResponse): boolean {
  const contentType = req.headers['content-type'] ?? '';
  if (req.method !== 'POST' || (contentType !== '' && !SIMPLE_CONTENT_TYPES.test(contentType))) return false;
  if (PREFLIGHT_HEADERS.some((name) => req.headers[name])) return false;
  const names = PREFLIGHT_HEADERS.join(' or ');
  sendGraphQLError(
    res,
    403,
    'CSRF_HEADER_MISSING',
    `A request of this content type needs the header ${names}.`,
  );
  return true;
}

/**
 * True when a page of another site sends a form to imgcache's protocol, which asks for no header; it has been answered
 * then. Programs send no Origin.
 */
export function refuseForeignForm(req: IncomingMessage, res: ServerResponse, publicUrl: string): boolean {
  const { origin, host } = req.headers;
  if (req.method !== 'POST' || origin === undefined) return false;
  if (origin === new URL(publicUrl).origin || origin.replace(/^https?:\/\//, '') === host) return false;
  sendJson(res, 403, { detail: 'Pages of other sites cannot change anything here.' });
  return true;
}
