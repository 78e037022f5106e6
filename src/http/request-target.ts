import type { IncomingMessage } from 'node:http';

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
