import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

type Headers = Readonly<Record<string, string>>;

/** The content type of JSON as both originals write it, for `sendJson`. */
export const PLAIN_JSON = { 'Content-Type': 'application/json' } as const;

/** @param headers a `Content-Type` among them replaces the usual one */
export function sendJson(res: ServerResponse, status: number, body: unknown, headers: Headers = {}): void {
  sendText(res, status, JSON.stringify(body), 'application/json; charset=utf-8', headers);
}

export function sendText(
  res: ServerResponse,
  status: number,
  text: string,
  contentType: string,
  headers: Headers = {},
): void {
  res.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  res.end(text);
}

/** Sends an error in the form of GraphQL, for requests that are refused before they reach it. */
export function sendGraphQLError(res: ServerResponse, status: number, code: string, message: string): void {
  sendJson(res, status, { errors: [{ message, extensions: { code } }] });
}

/** Refuses a request in the form that the clients of its path read. */
export function sendRefusal(
  res: ServerResponse,
  path: string,
  status: number,
  code: string,
  message: string,
): void {
  if (path === '/graphql') sendGraphQLError(res, status, code, message);
  else if (path.startsWith('/visualsnoop/')) sendJson(res, status, { status, message });
  else sendJson(res, status, path.startsWith('/imgcache/') ? { detail: message } : { error: message });
}

/**
 * The most that is read of a body that nobody wants: a client that still sends would lose its response when the connection
 * ends. Twice the default of the largest upload.
 */
const MAX_DISCARDED_BYTES = 128 * 1024 * 1024;

/** Once the response is out, reads the rest of an unread body, or ends the connection when that is too long. */
export function discardUnreadBody(req: IncomingMessage, res: ServerResponse): void {
  if (!hasBody(req)) return;
  if (!res.shouldKeepAlive || req.headers.expect) endAfterBody(req);
  // Before Node's own listener, which drops an unread body without counting it.
  res.prependListener('finish', () => {
    if (req.readableEnded || req.destroyed) return;
    let discarded = 0;
    req.unpipe();
    req.on('data', (chunk: Buffer) => {
      discarded += chunk.length;
      if (discarded > MAX_DISCARDED_BYTES) req.destroy();
    });
    req.read(0); // Node leaves a body to whoever has begun to read it.
    req.resume();
  });
}

/** Delays the end of the connection, which Node ends with the last response: a client that still sends would lose that. */
function endAfterBody(req: IncomingMessage): void {
  const { socket } = req;
  const end = () => Socket.prototype.destroySoon.call(socket);
  socket.destroySoon = () => {
    if (req.readableEnded || req.destroyed) end();
    else req.once('close', end);
  };
}

/** Whether a request says that it brings a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return length !== '0' || encoding !== undefined;
}
