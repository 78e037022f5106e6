import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator } from '../access/authenticator.js';
import type { Identity } from '../access/identity.js';
import type { LinkSigner } from '../access/link-signer.js';
import { restrictToBuckets } from '../access/restricted-imgcache.js';
import { type RequestDeadline, RequestScope } from '../request/request-scope.js';
import type { CallSignal } from '../services/call-signal.js';
import type { ImgCache } from '../services/imgcache.js';
import type { Pictures } from '../services/pictures.js';
import type { ServiceProbe } from '../services/service-probe.js';
import type { VisualSnoop } from '../services/visualsnoop.js';
import { createAdmission } from './access.js';
import type { AccessLog } from './access-log.js';
import type { BodyRate } from './body-rate.js';
import { wantsPage } from './built-page.js';
import { applyCors, type CorsOrigins } from './cors.js';
import { refuseForeignForm, refuseForgery } from './csrf.js';
import { expectedError, unexpectedError } from './errors.js';
import { servePicture } from './files.js';
import { Gallery, isGalleryPath } from './gallery.js';
import { GraphiQL } from './graphiql.js';
import { serveHealth, serveReady } from './health.js';
import { isPicturePath } from './picture-paths.js';
import { refuseCompressed, refuseGraphQLMethod, refuseHost } from './refusals.js';
import { identifyRequest } from './request-id.js';
import { discardUnreadBody, sendJson } from './respond.js';

const GALLERY = '/gallery/';
const GRAPHIQL = '/graphiql/';
/** The original's own paths begin with the version too. */
const VISUALSNOOP = '/visualsnoop/api/v1/';

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;
type ScopedHandler = (req: IncomingMessage, res: ServerResponse, scope: RequestScope) => unknown;
type GraphQLHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  scope: RequestScope,
  identity: Identity,
) => unknown;
type MountedHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  scope: RequestScope,
  path: string,
) => unknown;

export interface RouterOptions {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  pictures: Pictures;
  services: readonly ServiceProbe[];
  graphql: GraphQLHandler;
  /** @param visible the imgcache as whoever asks may see it */
  imgcacheWire: (...args: [...Parameters<MountedHandler>, visible: ImgCache]) => unknown;
  visualsnoopWire: MountedHandler;
  serveMetrics: Handler;
  authenticator: Authenticator;
  /** Null where no keys are set. */
  links(): LinkSigner | null;
  corsOrigins(): CorsOrigins;
  deadline: RequestDeadline;
  bodyRate: BodyRate;
  /** The address of this gateway. */
  publicUrl(): string;
  /** Whether browsers get the gallery. */
  gallery: boolean;
  accessLog?: AccessLog | undefined;
  /** Gets the errors whose response was a 500. */
  onError(error: unknown, requestId?: string): void;
}

/** The listener for all requests: gives each its id and its line in the log, and responds to it, whatever fails. */
export function createRouter(options: RouterOptions): Handler {
  const { deadline } = options;
  const route = createRoutes(options);
  return async (req, res) => {
    const scope = new RequestScope(req, res, { id: identifyRequest(req, res), deadline });
    options.accessLog?.(req, res, scope);
    discardUnreadBody(req, res);
    try {
      await route(req, res, scope);
    } catch (error) {
      if (res.destroyed) return;
      const expected = expectedError(error);
      if (!expected) options.onError(error, scope.id);
      if (res.headersSent) return void res.destroy();
      const { status, message, headers } = expected ?? unexpectedError(error, 'Internal server error.');
      sendJson(res, status, { error: message }, headers);
    }
  };
}

function createRoutes(options: RouterOptions): ScopedHandler {
  const { services, graphql, imgcacheWire, visualsnoopWire, serveMetrics } = options;
  const { authenticator, corsOrigins, bodyRate, publicUrl } = options;
  const needsKey = !authenticator.open;
  const gallery = options.gallery ? new Gallery({ needsKey, publicUrl }) : null;
  const graphiql = new GraphiQL({
    needsKey,
    publicUrl,
    findCollectionId: (signal) => findFirstCollection(options, signal),
  });
  const admit = createAdmission(authenticator, options.links, options.onError);
  return async (req, res, scope) => {
    const path = pathOf(req);
    bodyRate.watch(req, res, path);
    if (refuseHost(req, res)) return;
    if (path === '/graphql' && wantsPage(req)) return graphiql.servePage(req, res, scope);
    if (gallery && isGalleryPath(path) && wantsPage(req)) return gallery.servePage(req, res, path);
    if (gallery && path.startsWith(GALLERY)) return gallery.serveFile(req, res, path.slice(GALLERY.length));
    if (path.startsWith(GRAPHIQL)) return graphiql.serveFile(req, res, path.slice(GRAPHIQL.length));
    if (applyCors(corsOrigins(), req, res, path)) return;
    if (path === '/graphql' && refuseGraphQLMethod(req, res)) return;
    const identity = await admit(req, res, path, scope);
    if (!identity || req.socket.destroyed || refuseCompressed(req, res, path)) return;
    if (path === '/graphql') return refuseForgery(req, res) || graphql(req, res, scope, identity);
    if (isPicturePath(path))
      return servePicture(options, req, res, path, { identity, scope, isPublic: authenticator.open });
    if (path.startsWith('/imgcache/'))
      return (
        refuseForeignForm(req, res, publicUrl) ||
        imgcacheWire(req, res, scope, path.slice('/imgcache'.length), visibleTo(identity, options.imgcache))
      );
    if (path.startsWith(VISUALSNOOP))
      return visualsnoopWire(req, res, scope, path.slice(VISUALSNOOP.length - 1));
    if (path === '/health') return serveHealth(req, res);
    if (path === '/ready') return serveReady(services, res, scope);
    if (path === '/metrics') return serveMetrics(req, res);
    if (path === '/') {
      res.appendHeader('vary', 'Accept');
      return void res.writeHead(302, { location: 'graphql' }).end();
    }
    return sendJson(res, 404, { error: 'There is nothing here. The graph is at /graphql.' });
  };
}

function visibleTo({ buckets }: Identity, imgcache: ImgCache): ImgCache {
  return buckets ? restrictToBuckets(buckets, imgcache) : imgcache;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return path === '/graphql/' ? '/graphql' : path;
}

/** A collection for GraphiQL's examples. The page is open to everybody, so it names one only where everybody may see all. */
async function findFirstCollection(
  { authenticator, visualsnoop }: RouterOptions,
  signal: CallSignal,
): Promise<string | undefined> {
  if (!authenticator.open) return undefined;
  const [first] = await visualsnoop.listCollections({ limit: 1 }, signal).catch(() => []);
  return first?.collectionId;
}
