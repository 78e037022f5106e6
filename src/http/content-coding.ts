import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBody, sendRefusal } from './respond.js';

/** True for a compressed body, which no path understands; it has been answered then. */
export function refuseCoded(req: IncomingMessage, res: ServerResponse, path: string): boolean {
  const { 'content-encoding': coding = 'identity' } = req.headers;
  if (/^\s*(?:identity)?\s*$/i.test(coding) || !hasBody(req)) return false;
  res.setHeader('accept-encoding', 'identity');
  const message = 'Compressed bodies are not understood: send it without Content-Encoding.';
  sendRefusal(res, path, 415, 'UNSUPPORTED_MEDIA_TYPE', message);
  return true;
}
