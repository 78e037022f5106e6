import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator } from '../access/authenticator.js';
import type { Identity } from '../access/identity.js';
import type { ServiceProbe } from '../schema/context.js';
import type { ImgCache } from '../services/imgcache/api.js';
import type { VisualSnoop } from '../services/visualsnoop/api.js';
import { createAdmission } from './access.js';
import { discardUnreadBody, sendJson } from './answers.js';
import type { BodyRate } from './body-rate.js';
import { answerCors, type CorsOrigins } from './cors.js';
import { refuseForeignForm, refuseForgery } from './csrf.js';
import { serveFile } from './files.js';
import { GraphiQLPage, wantsGraphiQL } from './graphiql.js';
import { serveHealth, serveReady } from './health.js';

/** The original's own paths begin with the version too. */
const VISUALSNOOP = '/visualsnoop/api/v1/';

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;
type IdentityHandler = (req: IncomingMessage, res: ServerResponse, identity: Identity) => unknown;
type MountedHandler = (req: IncomingMessage, res: ServerResponse, path: string) => unknown;

export interface RouterOptions {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  services: readonly ServiceProbe[];
  graphql: IdentityHandler;
  imgcacheWire: MountedHandler;
  visualsnoopWire: MountedHandler;
  authenticator: Authenticator;
  corsOrigins: CorsOrigins;
  bodyRate: BodyRate;
  /** The address of this gateway. */
  publicUrl(): string;
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

function createRoutes(options: RouterOptions): Handler {
  const { imgcache, services, graphql, imgcacheWire, visualsnoopWire } = options;
  const { authenticator, corsOrigins, bodyRate, publicUrl } = options;
  const graphiql = new GraphiQLPage(() => findFirstCollection(options));
  const admit = createAdmission(authenticator, options.onError);
  return async (req, res) => {
    const [path = '/'] = (req.url ?? '/').split('?', 1);
    bodyRate.watch(req, res, path);
    if (path === '/graphql' && wantsGraphiQL(req)) return graphiql.serve(req, res);
    if (answerCors(corsOrigins, req, res, path)) return;
    const identity = await admit(req, res, path);
    if (!identity || req.socket.destroyed) return;
    if (path === '/graphql') return refuseForgery(req, res) || graphql(req, res, identity);
    if (path.startsWith('/files/'))
      return serveFile(imgcache, req, res, path.slice('/files/'.length), authenticator.open);
    if (path.startsWith('/imgcache/'))
      return (
        refuseForeignForm(req, res, publicUrl()) || imgcacheWire(req, res, path.slice('/imgcache'.length))
      );
    if (path.startsWith(VISUALSNOOP)) return visualsnoopWire(req, res, path.slice(VISUALSNOOP.length - 1));
    if (path === '/health') return serveHealth(req, res);
    if (path === '/ready') return serveReady(services, res);
    if (path === '/') return void res.writeHead(302, { location: '/graphql' }).end();
    return sendJson(res, 404, { error: 'There is nothing here. The graph is at /graphql.' });
  };
}

/** The page is open to everybody, so it names a collection only where everybody may see them all. */
async function findFirstCollection({
  authenticator,
  visualsnoop,
}: RouterOptions): Promise<string | undefined> {
  if (!authenticator.open) return undefined;
  const [first] = await visualsnoop.listCollections({ limit: 1 }).catch(() => []);
  return first?.collectionId;
}
