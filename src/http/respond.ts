import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

type Headers = Readonly<Record<string, string>>;

/** The type of JSON as both originals write it, for `sendJson`. */
export const PLAIN_JSON = { 'Content-Type': 'application/json' } as const;

/** @param headers `Content-Type` among them goes before the usual one */
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

/** An answer in the form of GraphQL, for what is refused before GraphQL is asked. */
export function sendGraphQLError(res: ServerResponse, status: number, code: string, message: string): void {
  sendJson(res, status, { errors: [{ message, extensions: { code } }] });
}

/** Says no in the form that the clients of a path read. */
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
 * How much of a body that nobody wants is read: a client that still sends loses its answer when the connection ends. It is
 * twice the largest upload by default.
 */
const MAX_DISCARDED_BYTES = 128 * 1024 * 1024;

/** Once the answer is out, reads the rest of a body that was not, or ends the connection when there is too much of it. */
export function discardUnreadBody(req: IncomingMessage, res: ServerResponse): void {
  if (hasBody(req) && (!res.shouldKeepAlive || req.headers.expect)) endAfterBody(req);
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

/** With the last answer Node ends the connection, and a client that still sends would lose the answer. */
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
