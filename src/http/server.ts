import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** Longer than the usual proxies keep a connection, so that they close it and no request meets a closed one. */
const KEEP_ALIVE_MS = 65_000;
/** Enough to look up the longest URL with each of its characters percent-encoded. */
const MAX_HEADER_BYTES = 256 * 1024;
/** The time for requests in flight to finish when the gateway closes. */
const GRACE_MS = 10_000;

/** The longest that a client may take nothing of a response that has begun. */
const STALLED_AFTER_MS = 60_000;

export interface ListenAddress {
  host: string;
  /** 0 lets the system choose. */
  port: number;
}

/** A server that does not respond yet. */
export function createHttpServer(): Server {
  return createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // A large upload over a slow line may take its time: body-rate.ts ends those that are too slow.
    requestTimeout: 0,
    ServerResponse: StalledResponse,
  });
}

/** Gives each request to the listener, with a path as its URL. */
export function respondTo(server: Server, listener: RequestListener): void {
  const onRequest: RequestListener = (req, res) => {
    takeAbsoluteForm(req);
    listener(req, res);
  };
  server.on('request', onRequest);
  server.on('checkContinue', (req, res) => {
    continueWhenRead(req, res);
    onRequest(req, res);
  });
}

const ABSOLUTE_FORM = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/is;

/**
 * Splits the absolute form of a request target, `http://host/path`, into path and host, as RFC 9112 asks of a server: the
 * listener sees the usual form alone.
 */
function takeAbsoluteForm(req: IncomingMessage): void {
  const { url = '/' } = req;
  if (url.startsWith('/')) return;
  const [, host, path = ''] = ABSOLUTE_FORM.exec(url) ?? [];
  if (host === undefined) return;
  req.url = path.startsWith('/') ? path : `/${path}`;
  req.headers.host = host;
}

/** Resolves to the address, without a trailing slash, once the server listens. */
export async function listen(server: Server, address: ListenAddress): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return addressOf(server, address);
}

/** The address of a server that listens. From any address of the machine it is reached by loopback. */
export function addressOf(server: Server, { host }: ListenAddress): string {
  const { port } = server.address() as AddressInfo; // The server listens on a port, not on a path.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Stops listening, and lets requests in flight finish within a grace time. */
export async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  // A connection whose last response is out would stay open for its next request.
  const tidying = setInterval(() => server.closeIdleConnections(), 50);
  const overdue = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(tidying);
  clearTimeout(overdue);
}

/** A response that ends with its connection when its client takes nothing of it; the time before its head does not count. */
class StalledResponse extends ServerResponse {
  override writeHead(
    statusCode: number,
    ...rest: (string | OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined)[]
  ): this {
    // Without a listener, Node closes a connection on which no byte moved. The next request sets the time anew.
    this.setTimeout(STALLED_AFTER_MS);
    // Any of the forms that writeHead has; they are handed on as they came.
    return super.writeHead(statusCode, ...(rest as [OutgoingHttpHeaders]));
  }
}

/**
 * Asks for the body of a request with `Expect: 100-continue` when it is first read: a request that is refused by its
 * head gets the refusal instead.
 */
function continueWhenRead(req: IncomingMessage, res: ServerResponse): void {
  const read = req._read;
  req._read = (size) => {
    req._read = read;
    if (!res.headersSent) res.writeContinue();
    req._read(size);
  };
}
