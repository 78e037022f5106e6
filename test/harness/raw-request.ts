import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export interface RawResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** As it was sent. */
  body: Buffer;
  /** Without its content coding. */
  text: string;
}

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends a request with these headers and no others, unlike fetch, which asks for compression by itself. */
export async function sendRaw(
  url: string,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, async (response) => {
      const bytes = await buffer(response);
      const { statusCode = 0, headers } = response;
      resolve({
        status: statusCode,
        headers,
        body: bytes,
        text: bytes.length === 0 ? '' : decoded(bytes, headers['content-encoding']).toString(),
      });
    })
      .on('error', reject)
      .end(body);
  });
}

/** @param coding none for identity */
export function decoded(bytes: Buffer, coding: string | undefined): Buffer {
  if (coding === 'gzip') return gunzipSync(bytes);
  return coding === 'br' ? brotliDecompressSync(bytes) : bytes;
}
