import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendGraphQLError } from './respond.js';

const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/** Answers what asks nothing of the graph: OPTIONS, and methods that there are not. False for the others. */
export function answerMethod({ method = '' }: IncomingMessage, res: ServerResponse): boolean {
  if (method !== 'OPTIONS' && METHODS.includes(method)) return false;
  res.setHeader('allow', METHODS.join(', '));
  if (method === 'OPTIONS') res.writeHead(204).end();
  else sendGraphQLError(res, 405, 'BAD_REQUEST', 'Only GET, HEAD and POST are answered here.');
  return true;
}
