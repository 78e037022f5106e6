import type { Entry } from './built-files.js';
import type { Tab } from './graphiql-tabs.js';

/**
 * The page runs the files of this gateway alone, and speaks to it alone. Pictures may come by the address that is in responses, which
 * can have another name than the page was opened by. The editor writes styles into the page.
 */
export function contentSecurityPolicy(publicUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "worker-src 'self'",
    "font-src 'self' data:",
    `img-src 'self' data: ${new URL(publicUrl).origin}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export interface Page {
  /** As src/graphiql/settings.ts reads them. */
  settings: { tabs: readonly Tab[]; needsKey: boolean; publicUrl: string };
  entry: Entry;
  /** Of the files, relative to the page. */
  folder: string;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='11' height='11' rx='2' fill='%23e10098'/%3E%3Crect x='5' y='5' width='11' height='11' rx='2' fill='%23335'/%3E%3C/svg%3E";

export function renderPage({ settings, entry, folder }: Page): string {
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
