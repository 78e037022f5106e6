import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ReceivedRequest {
  method: string;
  /** Below the base URL, with the query. */
  target: string;
  /** The whole path, without the query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What to answer: JSON, or text as it is; nothing, to close the connection. */
export type ScriptedAnswer = { status?: number; body: unknown } | null;
export type Script = (request: ReceivedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;

/** Answers each request as it is told to, and keeps what it received. */
export class ScriptedVisualSnoop {
  static readonly mount = '/api/v1';
  readonly requests: ReceivedRequest[] = [];
  script: Script;
  readonly #server: Server;

  constructor(script: Script) {
    this.script = script;
    this.#server = createServer(async (req, res) => {
      const url = req.url ?? '';
      const request = {
        method: req.method ?? '',
        target: url.slice(ScriptedVisualSnoop.mount.length),
        path: url.replace(/\?.*/s, ''),
        headers: req.headers,
        body: await buffer(req),
      };
      this.requests.push(request);
      const answer = await this.script(request);
      if (!answer) {
        req.socket.destroy();
        return;
      }
      const { body, status = (body as { status?: number } | null)?.status ?? 200 } = answer;
      res.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${ScriptedVisualSnoop.mount}`;
  }

  /** What was received, such as `GET /image/a`. */
  get received(): string[] {
    return this.requests.map(({ method, target }) => `${method} ${target}`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
