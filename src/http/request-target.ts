import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from './respond.js';

const ABSOLUTE_FORM = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/is;

/**
 * Takes the absolute form of a request target, `http://host/path`, for its path and its host, as a server must: what
 * comes after sees the usual form alone.
 */
export function takeAbsoluteForm(req: IncomingMessage): void {
  const { url = '/' } = req;
  if (url.startsWith('/')) return;
  const [, host, path = ''] = ABSOLUTE_FORM.exec(url) ?? [];
  if (host === undefined) return;
  req.url = path.startsWith('/') ? path : `/${path}`;
  req.headers.host = host;
}

/** True for a request whose Host names no host; it has been answered then, as RFC 9112 has it. */
export function refuseHost({ headers: { host = '' } }: IncomingMessage, res: ServerResponse): boolean {
  if (host === '' || (!/[/?#@\\]/.test(host) && URL.canParse(`http://${host}`))) return false;
  sendJson(res, 400, { error: 'The Host header names no host.' });
  return true;
}
