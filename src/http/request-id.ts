import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { carryRequest, type GatewayRequest } from '../request/gateway-request.js';

/** Ids that break neither a line of the log nor a header. */
const SAFE_ID = /^[\w.:-]{1,128}$/;

/** Gives a request the id that its client sent, or a new one, which goes into the response too. */
export function identifyRequest({ headers }: IncomingMessage, res: ServerResponse): GatewayRequest {
  const sent = headers['x-request-id'];
  const id = typeof sent === 'string' && SAFE_ID.test(sent) ? sent : randomUUID();
  res.setHeader('x-request-id', id);
  const request: GatewayRequest = { id, caller: null, operation: null, serviceCalls: 0 };
  carryRequest(res, request);
  return request;
}
