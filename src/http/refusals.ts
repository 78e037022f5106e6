import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBody, sendGraphQLError, sendJson, sendRefusal } from './respond.js';

// Refusals by the head of a request. Each function returns true when it has responded.

/** The host that was named last: nearly all requests name the same, which need not be parsed again. */
let lastHost = '';

/** Refuses a Host header that names no host, as RFC 9112 has it. */
export function refuseHost({ headers: { host = '' } }: IncomingMessage, res: ServerResponse): boolean {
  if (host === lastHost) return false;
  if (host === '' || (!/[/?#@\\]/.test(host) && URL.canParse(`http://${host}`))) {
    lastHost = host;
    return false;
  }
  sendJson(res, 400, { error: 'The Host header names no host.' });
  return true;
}

const GRAPHQL_METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/** Refuses the methods that GraphQL does not have, and responds to OPTIONS, which asks for those that it has. */
export function refuseGraphQLMethod({ method = '' }: IncomingMessage, res: ServerResponse): boolean {
  if (method !== 'OPTIONS' && GRAPHQL_METHODS.includes(method)) return false;
  res.setHeader('allow', GRAPHQL_METHODS.join(', '));
  if (method === 'OPTIONS') res.writeHead(204).end();
  else sendGraphQLError(res, 405, 'BAD_REQUEST', 'Only GET, HEAD and POST are answered here.');
  return true;
}

/** Refuses a compressed body, which no path understands. */
export function refuseCompressed(req: IncomingMessage, res: ServerResponse, path: string): boolean {
  const { 'content-encoding': coding } = req.headers;
  if (coding === undefined || /^\s*(?:identity)?\s*$/i.test(coding) || !hasBody(req)) return false;
  res.setHeader('accept-encoding', 'identity');
  const message = 'Compressed bodies are not understood: send it without Content-Encoding.';
  sendRefusal(res, path, 415, 'UNSUPPORTED_MEDIA_TYPE', message);
  return true;
}
