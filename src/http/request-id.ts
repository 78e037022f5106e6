import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What can neither break a line of a log nor a header. */
const SAFE_ID = /^[\w.:-]{1,128}$/;

/** Gives a request the id that its client sent, or a new one, and says it in the response. */
export function identifyRequest({ headers }: IncomingMessage, res: ServerResponse): string {
  const sent = headers['x-request-id'];
  const id = typeof sent === 'string' && SAFE_ID.test(sent) ? sent : randomUUID();
  res.setHeader('x-request-id', id);
  return id;
}
