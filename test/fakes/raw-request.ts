import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export interface RawRequest {
  method: string;
  /** Sent as it stands. */
  target: string;
  headers?: Record<string, string | number>;
  /** Sent with its length, or in pieces without. */
  body?: Buffer | Buffer[];
}

export interface RawResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface RawRequestOptions {
  /** Keeps a connection for the next request; absent for one of its own. */
  agent?: Agent;
  /** How long the connection may be silent; absent for any time. */
  timeoutMs?: number;
}

/** One request with nothing normalised. */
export function rawRequest(
  origin: string,
  { method, target, headers, body }: RawRequest,
  { agent, timeoutMs = 0 }: RawRequestOptions = {},
): Promise<RawResponse> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path: target, headers, agent: agent ?? false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`No answer in ${timeoutMs} ms.`)));
    outgoing.on('error', reject);
    if (Array.isArray(body)) for (const piece of body) outgoing.write(piece);
    else if (body) outgoing.setHeader('Content-Length', body.length).write(body);
    outgoing.end();
  });
}

/** A body without its content coding. */
export function decodedBody({ headers, body }: Pick<RawResponse, 'headers' | 'body'>): Buffer {
  const coding = body.length > 0 ? headers['content-encoding'] : undefined;
  if (coding === 'gzip') return gunzipSync(body);
  return coding === 'br' ? brotliDecompressSync(body) : body;
}

/** Sends a request with these headers and no others, unlike fetch, which asks for compression by itself. */
export async function sendRaw(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<RawResponse & { text: string }> {
  const { origin } = new URL(url);
  const response = await rawRequest(origin, {
    method,
    target: url.slice(origin.length),
    headers,
    ...(body !== undefined && { body: Buffer.from(body) }),
  });
  return { ...response, text: decodedBody(response).toString() };
}
