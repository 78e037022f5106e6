import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Ids that break neither a line of the log nor a header. */
const SAFE_ID = /^[\w.:-]{1,128}$/;

/** Gives a request the id that its client sent, or a new one, which goes into the response too. */
export function identifyRequest({ headers }: IncomingMessage, res: ServerResponse): string {
  const sent = headers['x-request-id'];
  const id = typeof sent === 'string' && SAFE_ID.test(sent) ? sent : randomUUID();
  res.setHeader('x-request-id', id);
  return id;
}
