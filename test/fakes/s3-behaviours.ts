import type { Behaviour } from './faulty-server.js';

/** What a real S3 server can't be made to do. */

export const s3Error =
  (
    status: number,
    code: string,
    more: { headers?: Record<string, string>; inner?: string } = {},
  ): Behaviour =>
  ({ response }) => {
    const { headers = {}, inner = '' } = more;
    response.writeHead(status, { 'content-type': 'application/xml', ...headers });
    response.end(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No &amp; no.</Message>${inner}</Error>`,
    );
  };

export const stored: Behaviour = ({ response }) => {
  response.writeHead(200, { etag: '"e"', 'content-length': '0' }).end();
};

export const object =
  (body: Uint8Array, headers: Record<string, string> = {}, status = 200): Behaviour =>
  ({ response }) => {
    response.writeHead(status, { etag: '"e"', 'content-length': String(body.length), ...headers });
    response.end(body);
  };

/** Announces all of the bytes, and sends a part of them before it does something else. */
export const partOf =
  (body: Uint8Array, sent: number, then: Behaviour): Behaviour =>
  (exchange) => {
    const { response } = exchange;
    response.writeHead(200, { etag: '"e"', 'content-length': String(body.length) });
    response.write(body.subarray(0, sent), () => void then(exchange));
  };

export const xml =
  (text: string): Behaviour =>
  ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
  };
