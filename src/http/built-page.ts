import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptedMediaType, GRAPH_MEDIA_TYPES } from './accepted-media-type.js';
import type { Entry } from './built-files.js';
import { codingFor, encode } from './content-coding.js';
import { isKnown, weakEtag } from './etag.js';

const PAGE = 'text/html';

/** Whether a browser opens the address, rather than a program. */
export function wantsPage({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return acceptedMediaType(headers.accept, [...GRAPH_MEDIA_TYPES, PAGE]) === PAGE;
}

/** A page that a bundler built: the files that it begins with, and what its script is told. */
export interface BuiltPage {
  /** JSON in the element `#settings`. */
  settings: object;
  entry: Entry;
  /** Of the files, relative to the page. */
  folder: string;
  contentSecurityPolicy: string;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='11' height='11' rx='2' fill='%23e10098'/%3E%3Crect x='5' y='5' width='11' height='11' rx='2' fill='%23335'/%3E%3C/svg%3E";

function render({ settings, entry, folder }: BuiltPage): string {
  const styles = entry.css.map((name) => `<link rel="stylesheet" href="${folder}${name}">`).join('');
  // No text in it can end the element.
  const json = JSON.stringify(settings).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lookalike</title>
<link rel="icon" href="${ICON}">
${styles}
<div id="root"></div>
<noscript>This page needs JavaScript.</noscript>
<script type="application/json" id="settings">${json}</script>
<script type="module" src="${folder}${entry.file}"></script>
</html>
`;
}

/** Sends a page, which browsers ask for again by its ETag: its files never change, but it does. */
export async function sendPage(req: IncomingMessage, res: ServerResponse, page: BuiltPage): Promise<void> {
  const text = Buffer.from(render(page));
  const etag = weakEtag(text);
  res.setHeaders(
    new Map([
      ['cache-control', 'no-cache'],
      ['content-security-policy', page.contentSecurityPolicy],
      ['etag', etag],
      ['vary', 'Accept, Accept-Encoding'],
      ['x-content-type-options', 'nosniff'],
    ]),
  );
  if (isKnown(req, etag)) return void res.writeHead(304).end();
  const coding = codingFor(req, text.length);
  const body = await encode(text, coding);
  if (coding !== 'identity') res.setHeader('content-encoding', coding);
  res.writeHead(200, { 'content-type': `${PAGE}; charset=utf-8`, 'content-length': body.length });
  res.end(body);
}
