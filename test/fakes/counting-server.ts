import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type PathHandler = (req: IncomingMessage, res: ServerResponse, pathname: string) => unknown;

/** Serves what it is given on a free port, and counts. */
export class CountingServer implements AsyncDisposable {
  /** Such as `GET /images/meta/…`: below the mount, with the query. */
  readonly requests: string[] = [];
  /** The id that each of them came with. */
  readonly requestIds: (string | undefined)[] = [];
  /** The most requests that were under way at a time. */
  maxConcurrent = 0;
  running = 0;
  /** How long each request waits before it is served. */
  delayMs = 0;
  readonly #mount: string;
  readonly #server: Server;

  private constructor(mount: string, handler: PathHandler) {
    this.#mount = mount;
    this.#server = createServer(async (req, res) => {
      const path = (req.url ?? '').slice(mount.length);
      this.requests.push(`${req.method} ${path}`);
      this.requestIds.push(req.headers['x-request-id'] as string | undefined);
      this.running++;
      this.maxConcurrent = Math.max(this.maxConcurrent, this.running);
      res.once('close', () => this.running--);
      if (this.delayMs > 0) await sleep(this.delayMs);
      if (!res.destroyed) await handler(req, res, path.replace(/\?.*/s, ''));
    });
  }

  static async start(mount: string, handler: PathHandler): Promise<CountingServer> {
    const server = new CountingServer(mount, handler);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#mount}`;
  }

  /** How often each was requested since the counting began. */
  get counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const request of this.requests) counts[request] = (counts[request] ?? 0) + 1;
    return counts;
  }

  /** Begins to count anew. */
  reset(): void {
    this.requests.length = 0;
    this.requestIds.length = 0;
    this.maxConcurrent = this.running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
