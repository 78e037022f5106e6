import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

interface Recorded {
  call: string;
  /** The head as sent, without the empty line at its end. */
  head: string;
  body_len: number;
  /** The first bytes of the body as sent, one character each: all of it but for pictures. */
  body_start: string;
}

export interface ReplayedRequest {
  call: string;
  method: string;
  /** As sent, with the query. */
  target: string;
  bytes: Buffer;
}

export interface ReplayedAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read the fields that they expect
  json: any;
}

/** What the recorded requests are signed with, and when. */
export const RECORDED_KEYS = {
  publicKey: '24d337fe0ed9427cb512',
  secretKey: 'sUGSL96ZvNxqHixSPUopX5L1MtSPdkjrSPrPOCMX',
};
export const RECORDED_AT = Date.parse('Fri, 20 Nov 2026 23:48:23 GMT');
/** The path that all of them start with. */
export const RECORDED_MOUNT = '/api/v1';

/** The end of every PNG: of its last chunk the record holds three bytes. */
const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex').subarray(3);

const transcript = new URL('../fixtures/transcripts/visualsnoop-requests.json', import.meta.url);

/** The requests of the original client, in the order in which it sent them over one connection. */
export const recordedRequests: readonly ReplayedRequest[] = (
  JSON.parse(readFileSync(transcript, 'utf8')) as Recorded[]
).map((recorded) => {
  const [method = '', target = ''] = recorded.head.split(' ');
  const bytes = Buffer.concat([Buffer.from(`${recorded.head}\r\n\r\n`), bodyOf(recorded)]);
  return { call: recorded.call, method, target, bytes };
});

function bodyOf({ body_start, body_len }: Recorded): Buffer {
  const start = Buffer.from(body_start, 'latin1');
  const missing = body_len - start.length;
  if (missing === PNG_END.length) return Buffer.concat([start, PNG_END]);
  // Of the one JPEG the start alone was recorded: what follows makes up its length, and no picture.
  return Buffer.concat([start, Buffer.alloc(missing)]);
}

/** One connection that sends recorded bytes and reads JSON answers, one after the other. */
export class ReplayConnection {
  readonly #socket: Socket;
  readonly #received: AsyncIterator<string>;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#received = this.#socket.setEncoding('utf8')[Symbol.asyncIterator]();
  }

  async send(bytes: Buffer): Promise<ReplayedAnswer> {
    this.#socket.write(bytes);
    let received = '';
    for (;;) {
      const { done, value } = await this.#received.next();
      if (done) throw new Error(`The connection was closed after ${JSON.stringify(received)}.`);
      received += value;
      const [head = '', body] = received.split('\r\n\r\n');
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
      if (body !== undefined && Buffer.byteLength(body) === length) {
        return { status: Number(head.split(' ')[1]), json: JSON.parse(body) };
      }
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
