import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { RequestScope } from '../request/request-scope.js';
import type { CallSignal } from '../services/call-signal.js';
import { acceptedMediaType, GRAPH_MEDIA_TYPES } from './accepted-media-type.js';

/** The page brings all it needs: it runs its own scripts, and requests go to this server only. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval'",
  "style-src 'unsafe-inline'",
  'worker-src blob:',
  'font-src data:',
  'img-src data: blob:',
  "connect-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = 'text/html';

/** Whether a browser opens the address, rather than a program that sends a query. */
export function wantsGraphiQL({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return acceptedMediaType(headers.accept, [...GRAPH_MEDIA_TYPES, PAGE]) === PAGE;
}

/** Serves the GraphiQL page, with a tab for each everyday task. */
export class GraphiQLPage {
  readonly #findCollectionId: (signal: CallSignal) => Promise<string | undefined>;
  #page: Promise<Buffer> | undefined;

  /** @param findCollectionId gives a collection for the examples, where the page may name one */
  constructor(findCollectionId: (signal: CallSignal) => Promise<string | undefined>) {
    this.#findCollectionId = findCollectionId;
  }

  async serve(req: IncomingMessage, res: ServerResponse, scope: RequestScope): Promise<void> {
    // It goes on when the client has gone: the page is for those who come later too.
    this.#page ??= render(await this.#findCollectionId(scope.changes('VISUALSNOOP')));
    const zipped = await this.#page;
    res.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'content-length': zipped.length,
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      vary: 'accept',
    });
    res.end(req.method === 'HEAD' ? undefined : zipped);
  }
}

/** The page, compressed. It has 9 MB of script, so that it is loaded when a browser first asks for it. */
async function render(collectionId = EXAMPLE_COLLECTION_ID): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const page = renderGraphiQL({
    title: 'Lookalike',
    endpoint: '/graphql',
    defaultTabs: readTabs(collectionId),
    shouldPersistHeaders: true,
  });
  return promisify(gzip)(page);
}

/** The collection in the variables beside the operations. */
const EXAMPLE_COLLECTION_ID = '6b7c9142';

/**
 * A tab for each everyday task: an operation in `schema/operations` with the variables that stand beside it. GraphiQL opens
 * the first tab without its variables, so that the first one has none.
 */
const TABS = [
  'services',
  'collections',
  'create-collection',
  'store-entry',
  'ingest-image',
  'add-image',
  'similar',
  'entries',
  'entry-by-url',
] as const;

function readTabs(collectionId: string): { query: string; variables: string }[] {
  const folder = new URL('../../schema/operations/', import.meta.url);
  return TABS.map((task) => {
    const variables = new URL(`${task}.variables.json`, folder);
    return {
      query: readFileSync(new URL(`${task}.graphql`, folder), 'utf8'),
      variables: existsSync(variables)
        ? readFileSync(variables, 'utf8').replaceAll(EXAMPLE_COLLECTION_ID, collectionId)
        : '',
    };
  });
}
