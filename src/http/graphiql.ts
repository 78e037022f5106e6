import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestScope } from '../request/request-scope.js';
import type { CallSignal } from '../services/call-signal.js';
import { acceptedMediaType, GRAPH_MEDIA_TYPES } from './accepted-media-type.js';
import { BuiltFiles } from './built-files.js';
import { codingFor, encode } from './content-coding.js';
import { isKnown, weakEtag } from './etag.js';
import { contentSecurityPolicy, renderPage } from './graphiql-page.js';
import { readTabs, type Tab } from './graphiql-tabs.js';

const PAGE = 'text/html';

/** Whether a browser opens the address, rather than a program that sends a query. */
export function wantsGraphiQL({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return acceptedMediaType(headers.accept, [...GRAPH_MEDIA_TYPES, PAGE]) === PAGE;
}

export interface GraphiQLOptions {
  /** Whether the graph answers nothing without a key. */
  needsKey: boolean;
  /** The base of the addresses in responses. */
  publicUrl(): string;
  /** Gives a collection for the examples, where the page may name one. */
  findCollectionId(signal: CallSignal): Promise<string | undefined>;
}

/** Serves GraphiQL, which `npm run build` builds from src/graphiql: a small page, and the files that it names. */
export class GraphiQL {
  readonly #options: GraphiQLOptions;
  readonly #files = new BuiltFiles(new URL('../graphiql/', import.meta.url));
  #tabs: Promise<readonly Tab[]> | undefined;

  constructor(options: GraphiQLOptions) {
    this.#options = options;
  }

  async servePage(req: IncomingMessage, res: ServerResponse, scope: RequestScope): Promise<void> {
    // It goes on when the client has gone: the tabs are for those who come later too.
    this.#tabs ??= this.#options.findCollectionId(scope.changes('VISUALSNOOP')).then(readTabs);
    const { needsKey } = this.#options;
    const publicUrl = this.#options.publicUrl();
    const page = Buffer.from(
      renderPage({
        settings: { tabs: await this.#tabs, needsKey, publicUrl },
        entry: await this.#files.entry('index.tsx'),
        // The page may be below a path of its host, which is not known here.
        folder: /^[^?]*\/graphql\/(?:\?|$)/.test(req.url ?? '') ? '../graphiql/' : 'graphiql/',
      }),
    );
    const etag = weakEtag(page);
    res.setHeaders(
      new Map([
        ['cache-control', 'no-cache'],
        ['content-security-policy', contentSecurityPolicy(publicUrl)],
        ['etag', etag],
        ['vary', 'Accept, Accept-Encoding'],
        ['x-content-type-options', 'nosniff'],
      ]),
    );
    if (isKnown(req, etag)) return void res.writeHead(304).end();
    const coding = codingFor(req, page.length);
    const body = await encode(page, coding);
    if (coding !== 'identity') res.setHeader('content-encoding', coding);
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length });
    res.end(body);
  }

  /** @param name what follows `/graphiql/` in the path */
  serveFile(req: IncomingMessage, res: ServerResponse, name: string): Promise<void> {
    return this.#files.serve(req, res, name);
  }
}
