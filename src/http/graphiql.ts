import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestScope } from '../request/request-scope.js';
import type { CallSignal } from '../services/call-signal.js';
import { BuiltFiles } from './built-files.js';
import { sendPage } from './built-page.js';
import { readTabs, type Tab } from './graphiql-tabs.js';

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
    return sendPage(req, res, {
      // As src/graphiql/settings.ts reads them.
      settings: { tabs: await this.#tabs, needsKey, publicUrl },
      entry: await this.#files.entry('index.tsx'),
      // The page may be below a path of its host, which is not known here.
      folder: /^[^?]*\/graphql\/(?:\?|$)/.test(req.url ?? '') ? '../graphiql/' : 'graphiql/',
      contentSecurityPolicy: contentSecurityPolicy(publicUrl),
    });
  }

  /** @param name what follows `/graphiql/` in the path */
  serveFile(req: IncomingMessage, res: ServerResponse, name: string): Promise<void> {
    return this.#files.serve(req, res, name);
  }
}

/**
 * The page runs the files of this gateway alone, and speaks to it alone. Pictures may come by the address that is in responses, which
 * can have another name than the page was opened by. The editor writes styles into the page.
 */
function contentSecurityPolicy(publicUrl: string): string {
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
