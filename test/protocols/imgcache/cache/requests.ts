import { blake3 } from 'hash-wasm';
import { expectDescribed } from '../../../contract/imgcache-description.js';
import { type FormPart, multipartBody, multipartType } from '../../../fakes/multipart-body.js';
import { rawRequest } from '../../../fakes/raw-request.js';
import type { WireServer } from '../../../fakes/wire-server.js';

/** Sends a request to the newer protocol; the answer has to be one that its description has. */
export async function send(
  server: WireServer,
  method: string,
  path: string,
  { parts, headers = {} }: { parts?: readonly FormPart[]; headers?: Record<string, string> } = {},
) {
  const request = {
    method,
    target: `/imgcache${path}`,
    headers: { ...headers, ...(parts && { 'content-type': multipartType() }) },
    ...(parts && { body: multipartBody(parts) }),
  };
  const response = await rawRequest(server.url, request);
  expectDescribed(request, response);
  const text = response.body.toString();
  const isJson = response.headers['content-type'] === 'application/json' && text !== '';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
}

/** The form that the server's own client sends, with other fields in place of, or beside, its own. */
export async function formOf(bytes: Buffer, fields: Record<string, string> = {}): Promise<FormPart[]> {
  const own = { url: 'https://a.example/x.png', client_name: 'c', content_hash: await blake3(bytes) };
  const texts = Object.entries({ ...own, ...fields }).map(([name, value]) => ({ name, value }));
  return [...texts, { name: 'file', value: bytes, filename: 'image' }];
}

/** Stores bytes by the newer protocol. */
export async function store(server: WireServer, bytes: Buffer, fields: Record<string, string> = {}) {
  return send(server, 'POST', '/cache', { parts: await formOf(bytes, fields) });
}
