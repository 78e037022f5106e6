import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { discardUnreadBody } from '#src/http/respond.js';
import { createVisualSnoopWire } from '#src/protocols/visualsnoop/handler.js';
import type { CollectionKeys, VisualSnoop } from '#src/services/visualsnoop.js';
import { formatAuthorization, type KeyPair } from '#src/services/visualsnoop-signature.js';
import { alone } from '../harness/alone.js';
import { MemoryStaging } from './memory-staging.js';
import { signatureFacts } from './signature-facts.js';

export const DOCUMENTED_KEYS: KeyPair = {
  publicKey: '24d337fe0ed9427cb512',
  secretKey: 'sUGSL96ZvNxqHixSPUopX5L1MtSPdkjrSPrPOCMX',
};

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read the fields that they expect
  json: any;
}

/** A VisualSnoop behind the wire on a socket of its own. */
export class VisualSnoopWireServer {
  static readonly mount = '/visualsnoop/api/v1';
  readonly staging = new MemoryStaging(signatureFacts);
  readonly errors: unknown[] = [];
  readonly #server: Server;

  constructor(
    visualsnoop: VisualSnoop,
    keys: CollectionKeys,
    { maxUploadBytes = 1_000_000, mount = VisualSnoopWireServer.mount, clock = Date.now } = {},
  ) {
    const { staging, errors } = this;
    const onError = (error: unknown) => errors.push(error);
    const wire = alone(
      createVisualSnoopWire({
        visualsnoop,
        keys,
        staging,
        maxUploadBytes,
        clock,
        onError,
      }),
    );
    this.#server = createServer((req, res) => {
      discardUnreadBody(req, res);
      const path = (req.url ?? '').replace(/\?.*/s, '').slice(mount.length);
      wire(req, res, path).catch((error) => errors.push(error));
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}${VisualSnoopWireServer.mount}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Sends a request signed with the given keys; `headers` go over what is signed. */
  async send(
    method: string,
    target: string,
    {
      body,
      keys = DOCUMENTED_KEYS,
      headers = {},
      date = new Date().toUTCString(),
    }: {
      body?: Buffer | Readable;
      keys?: KeyPair;
      headers?: Record<string, string | undefined>;
      date?: string;
    } = {},
  ): Promise<Reply> {
    const path = VisualSnoopWireServer.mount + target;
    const signed = { method, path: path.replace(/\?.*/s, ''), date };
    const length = Buffer.isBuffer(body) ? { 'Content-Length': String(body.length) } : {};
    const all = { ...length, Date: date, Authorization: formatAuthorization(signed, keys), ...headers };
    const outgoing = request({
      port: this.port,
      host: '127.0.0.1',
      method,
      path,
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
    });
    if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
    else body.pipe(outgoing);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const content = await text(response);
    return {
      status: response.statusCode!,
      headers: response.headers,
      text: content,
      json: content && JSON.parse(content),
    };
  }
}
