import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../harness/patience.js';

export interface ReceivedRequest {
  method: string;
  /** As sent, with the query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Exchange {
  request: ReceivedRequest;
  response: ServerResponse;
  socket: Socket;
}

/** How the server meets one request. */
export type Behaviour = (exchange: Exchange) => void | Promise<void>;

/** A service over HTTP that fails as it is told, and counts. */
export class FaultyServer implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = [];
  /** The most requests that were under way at a time. */
  maxConcurrent = 0;
  running = 0;
  connections = 0;
  readonly #server: Server;
  #script: Behaviour[] = [];
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#meet(request, response));
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', () => this.connections++);
  }

  /** The first request meets the first behaviour and so on; the last behaviour stays. */
  static async start(...script: Behaviour[]): Promise<FaultyServer> {
    const server = new FaultyServer();
    server.behave(...script);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    server.#port = (server.#server.address() as AddressInfo).port;
    return server;
  }

  behave(...script: Behaviour[]): void {
    this.#script = script;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get paths(): string[] {
    return this.requests.map(({ path }) => path);
  }

  /** Resolves when so many requests were received. */
  async received(count: number): Promise<void> {
    await until(() => this.requests.length >= count);
  }

  /** Goes: the port refuses connections. */
  async leave(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Comes back at the same port. */
  async comeBack(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  async #meet(message: IncomingMessage, response: ServerResponse): Promise<void> {
    this.running++;
    this.maxConcurrent = Math.max(this.maxConcurrent, this.running);
    response.on('close', () => this.running--);
    response.on('error', () => {});
    const body = await buffer(message).catch(() => null);
    if (!body) return;
    const { method = '', url: path = '', headers, socket } = message;
    const request = { method, path, headers, body };
    this.requests.push(request);
    const behaviour = this.#script.length > 1 ? this.#script.shift() : this.#script[0];
    await behaviour?.({ request, response, socket });
  }
}

/** A part of all that no client must ever see. */
export const SECRET = 'hunter2';

/** What no client must ever see. */
export const UPSTREAM_TEXT = `Traceback: password=${SECRET}`;

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Behaviour =>
  ({ response }) => {
    const text = JSON.stringify(value);
    const length = String(Buffer.byteLength(text));
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
    response.end(text);
  };

export const html =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers });
    response.end(`<html><body>${UPSTREAM_TEXT}</body></html>`);
  };

export const bytes =
  (body: Uint8Array, headers: Record<string, string> = {}): Behaviour =>
  ({ response }) => {
    response.writeHead(200, {
      'content-length': String(body.length),
      'content-type': 'image/png',
      ...headers,
    });
    response.end(body);
  };

export const empty =
  (status = 204): Behaviour =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end();
  };

export const neverAnswer: Behaviour = () => {};

export const resetBeforeHead: Behaviour = ({ socket }) => {
  socket.resetAndDestroy();
};

/** Announces a body, sends its beginning, and resets the connection. */
export const resetAfterHead: Behaviour = async ({ response, socket }) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"answer":');
  await sleep(10);
  socket.resetAndDestroy();
};

/** Ends the connection in an orderly way in the middle of the announced body. */
export const cutOff: Behaviour = async ({ response, socket }) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"answer":');
  await sleep(10);
  socket.end();
};

/** The same without an announced length. */
export const cutOffChunked: Behaviour = async ({ response, socket }) => {
  response.writeHead(200, { connection: 'close' });
  response.write('{"answer":');
  await sleep(10);
  socket.end();
};

/** Sends the beginning of an answer and then nothing. */
export const stall: Behaviour = ({ response }) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"answer":');
};

/** Sends a byte of white space now and then, without an end. */
export const drip: Behaviour = async ({ response }) => {
  response.writeHead(200, { 'content-length': '1000000' });
  while (!response.destroyed) {
    response.write(' ');
    await sleep(20);
  }
};

/** As imgcache does after each error: says nothing of closing the connection, and closes it. */
export const closeAfter500: Behaviour = ({ response, socket }) => {
  response.writeHead(500, { 'content-type': 'text/plain', 'content-length': String(UPSTREAM_TEXT.length) });
  response.end(UPSTREAM_TEXT, () => socket.destroy());
};

/** Closes the kept connection a little after an answer. */
export const thenClose =
  (behaviour: Behaviour): Behaviour =>
  async (exchange) => {
    await behaviour(exchange);
    setTimeout(() => exchange.socket.destroy(), 10);
  };

const used = new WeakSet<Socket>();

/** Answers the first request on a connection, and resets the connection at the second. */
export const resetOnReuse =
  (value: unknown): Behaviour =>
  (exchange) => {
    if (used.has(exchange.socket)) return resetBeforeHead(exchange);
    used.add(exchange.socket);
    return json(value)(exchange);
  };

export const truncatedJson: Behaviour = ({ response }) => {
  response.end('{"answer": [1, 2');
};

/** Not HTTP at all. */
export const noise: Behaviour = ({ socket }) => {
  socket.end('SSH-2.0-OpenSSH_9.2\r\n');
};

export const redirect: Behaviour = ({ request, response }) => {
  response.writeHead(307, { location: `http://${request.headers.host}/elsewhere` }).end();
};

/** A body of a size that nobody should read to its end. */
export const endless =
  (mebibytes: number): Behaviour =>
  async ({ response }) => {
    response.writeHead(200, { 'content-length': String(mebibytes * 2 ** 20) });
    const chunks = Array<Buffer>(mebibytes).fill(Buffer.alloc(2 ** 20, ' '));
    await pipeline(Readable.from(chunks), response).catch(() => {});
  };

/** Answers as the server at this address does. */
export const forwardTo =
  (origin: string): Behaviour =>
  async ({ request: { method, path, headers, body }, response }) => {
    // These describe the connection and the body anew.
    const { host, connection, 'content-length': _, 'transfer-encoding': __, ...others } = headers;
    const answer = await fetch(origin + path, {
      method,
      headers: others as Record<string, string>,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
      redirect: 'manual',
    });
    const type = answer.headers.get('content-type');
    const bytes = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, {
      ...(type !== null && { 'content-type': type }),
      ...(answer.status !== 204 && { 'content-length': String(bytes.length) }),
    });
    response.end(bytes);
  };

/** Lets a time pass before it answers. */
export const after =
  (ms: number, behaviour: Behaviour): Behaviour =>
  async (exchange) => {
    await sleep(ms);
    if (!exchange.response.destroyed) await behaviour(exchange);
  };

/** Behaves in one way to the requests whose path fits, and in another to all others. */
export const where =
  (path: RegExp, behaviour: Behaviour, otherwise: Behaviour): Behaviour =>
  (exchange) =>
    (path.test(exchange.request.path) ? behaviour : otherwise)(exchange);

/** Holds answers back until it is opened. */
export function gate(behaviour: Behaviour): { held: Behaviour; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { held: (exchange) => opened.then(() => behaviour(exchange)), open };
}

/** The address of a port where nothing listens. */
export async function refusingUrl(): Promise<string> {
  await using server = await FaultyServer.start();
  return server.url;
}
