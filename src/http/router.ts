import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceProbe } from '../schema/context.js';
import type { ImgCache } from '../services/imgcache/api.js';
import { discardUnreadBody, sendJson } from './answers.js';
import { refuseForgery } from './csrf.js';
import { serveFile } from './files.js';
import { GraphiQLPage, wantsGraphiQL } from './graphiql.js';
import { serveHealth, serveReady } from './health.js';

/** The original's own paths begin with the version too. */
const VISUALSNOOP = '/visualsnoop/api/v1/';

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;
type MountedHandler = (req: IncomingMessage, res: ServerResponse, path: string) => unknown;

export interface RouterOptions {
  imgcache: ImgCache;
  services: readonly ServiceProbe[];
  graphql: Handler;
  imgcacheWire: MountedHandler;
  visualsnoopWire: MountedHandler;
  /** Takes what was answered with 500. */
  onError(error: unknown): void;
}

/** What every request passes, whichever way it goes. */
export function createRouter(options: RouterOptions): Handler {
  const route = createRoutes(options);
  return async (req, res) => {
    discardUnreadBody(req, res);
    try {
      await route(req, res);
    } catch (error) {
      if (res.destroyed) return;
      options.onError(error);
      if (res.headersSent) res.destroy();
      else sendJson(res, 500, { error: 'Internal server error.' });
    }
  };
}

function createRoutes({
  imgcache,
  services,
  graphql,
  imgcacheWire,
  visualsnoopWire,
}: RouterOptions): Handler {
  const graphiql = new GraphiQLPage();
  return (req, res) => {
    const [path = '/'] = (req.url ?? '/').split('?', 1);
    if (path === '/graphql') {
      if (wantsGraphiQL(req)) return graphiql.serve(req, res);
      return refuseForgery(req, res) || graphql(req, res);
    }
    if (path.startsWith('/files/')) return serveFile(imgcache, req, res, path.slice('/files/'.length));
    if (path.startsWith('/imgcache/')) return imgcacheWire(req, res, path.slice('/imgcache'.length));
    if (path.startsWith(VISUALSNOOP)) return visualsnoopWire(req, res, path.slice(VISUALSNOOP.length - 1));
    if (path === '/health') return serveHealth(req, res);
    if (path === '/ready') return serveReady(services, res);
    if (path === '/') return void res.writeHead(302, { location: '/graphql' }).end();
    return sendJson(res, 404, { error: 'There is nothing here. The graph is at /graphql.' });
  };
}
