import { join } from 'node:path';
import { createAuthenticator } from './access/authenticator.js';
import { createLinkSigner, linkKey } from './access/link-signer.js';
import { isLoopback } from './access/loopback.js';
import { type Config, ConfigError } from './config.js';
import { makeFolder } from './embedded/make-folder.js';
import { createPicturePool } from './embedded/picture/picture-pool.js';
import { openScratch } from './embedded/scratch.js';
import { createFileStaging } from './embedded/staging.js';
import { keptNames, StoredPictures } from './embedded/thumbnails/stored-pictures.js';
import { ThumbnailCache } from './embedded/thumbnails/thumbnail-cache.js';
import { createGraphQLHandler } from './graphql/handler.js';
import { createAccessLog } from './http/access-log.js';
import { createBodyRate } from './http/body-rate.js';
import { createAddressOf } from './http/picture-paths.js';
import { createRouter } from './http/router.js';
import { addressOf, createHttpServer, listen, respondTo, stop } from './http/server.js';
import { traceRequests } from './http/trace-requests.js';
import type { Log } from './log/log.js';
import { createServiceLog, type ServiceObserver } from './log/service-log.js';
import { createStorageLog } from './log/storage-log.js';
import { createMetrics } from './metrics/metrics.js';
import { openServices } from './open-services.js';
import { createImgCacheWire } from './protocols/imgcache/handler.js';
import { createVisualSnoopWire } from './protocols/visualsnoop/handler.js';
import { requestDeadline } from './request/request-scope.js';
import type { ServiceName } from './services/errors.js';
import { StorageError } from './services/storage-error.js';
import type { Collection } from './services/visualsnoop.js';
import type { Tracing } from './tracing/tracing.js';

export interface GatewayOptions {
  /** Gets the errors that nobody expects, of requests and of work in the background. */
  onError(error: unknown, requestId?: string): void;
  /**
   * Gets lines about work in the background.
   * @default they are dropped
   */
  onNotice?(notice: string): void;
  /**
   * Gets a line for each request, and warnings of what is slow or fails.
   * @default nothing is logged
   */
  log?: Log;
}

/** The whole gateway, not yet listening. */
export interface Gateway {
  /** The collection that was created because there was none. */
  newCollection: Collection | null;
  /** Resolves to the address without a trailing slash. */
  listen(): Promise<string>;
  /**
   * Takes the keys, the CORS origins and the trusted documents of a config for all requests that come from now on.
   * @throws ConfigError when everybody could reach it without keys; then all stay as they are
   */
  reload(config: Config): void;
  /** Lets requests in flight finish within a grace time and releases everything. */
  close(): Promise<void>;
}

/** @throws ConfigError when everybody could reach a gateway of this config, and no keys are set */
export function requireKeys({ host, insecure, apiKeys = [], jwtIssuer }: Config): void {
  if (apiKeys.length === 0 && !jwtIssuer && !insecure && !isLoopback(host))
    throw new ConfigError(
      'HOST is beyond loopback, which needs keys: set LOOKALIKE_API_KEYS, or LOOKALIKE_INSECURE=1 to serve everybody.',
    );
}

/**
 * Builds everything that a config names. What was built before something failed is released.
 * @throws ConfigError when everybody could reach it and no keys are set
 */
export async function createGateway(config: Config, options: GatewayOptions): Promise<Gateway> {
  const { onError, onNotice, log } = options;
  const { slowMs } = config;
  requireKeys(config);
  const authenticator = createAuthenticator(config);
  let { corsOrigins, trustedDocuments } = config;
  const cleanup: (() => unknown)[] = [];
  const release = async () => {
    for (let undo = cleanup.pop(); undo; undo = cleanup.pop()) await undo();
  };
  try {
    await makeFolder(config.dataDir);
    const metrics = createMetrics({ showsOperationNames: () => trustedDocuments !== undefined });
    const { onDecode, onCall, onObjectCall, onSql, onOperation, countUploads } = metrics;
    const tracing = await startTracing(config, options);
    cleanup.push(() => tracing?.close());
    const tracer = tracing?.tracer;
    const pool = createPicturePool({ maxPixels: config.maxPixels, onDecode, tracer });
    cleanup.push(() => pool.close());
    const scratch = await openScratch(join(config.dataDir, 'incoming'));
    cleanup.push(() => scratch.close());
    let needsBlake3 = () => false;
    const staging = createFileStaging(scratch.folder, pool, () => needsBlake3());
    const observe = (service: ServiceName): ServiceObserver => {
      const logged = log && createServiceLog(log, slowMs, service);
      return {
        onBreaker: (state) => logged?.onBreaker(state),
        onCall: (report) => {
          logged?.onCall(report);
          onCall(service, report);
        },
      };
    };
    const storageLog = log && createStorageLog(log, slowMs);
    // Only an engine on a folder keeps other processes out of it.
    const ownsFolder = !config.databaseUrl && !(config.imgcacheUrl && config.visualsnoopUrl);
    const cache = new ThumbnailCache({
      folder: join(ownsFolder ? config.dataDir : scratch.folder, 'thumbnails'),
      maxBytes: config.thumbnailBytes,
    });
    const opened = await openServices(config, pool, {
      onSwept: (contentHash) => void cache.forget(keptNames(contentHash)).catch(onError),
      // A failure of the storage is told once, by hooks of its own.
      onError: (error) => void (error instanceof StorageError || onError(error)),
      ...(onNotice && { onNotice }),
      scratchDir: scratch.folder,
      onSql,
      ...storageLog,
      onObjectCall: (call) => {
        storageLog?.onObjectCall(call);
        onObjectCall(call);
      },
      tracer,
      observe,
    });
    cleanup.push(() => opened.close());
    needsBlake3 = opened.needsBlake3;
    storageLog?.begin();
    const { imgcache, visualsnoop, collectionKeys, probes: services, remotes, engine } = opened;
    const pictures = new StoredPictures({
      pictures: pool,
      files: opened.files,
      cache,
      onThumbnail: metrics.onThumbnail,
      onError,
    });
    const linksOfKeys = () =>
      authenticator.open
        ? null
        : createLinkSigner({ key: linkKey(opened.linkSecrets, authenticator), ttlSeconds: config.linkTtl });
    let links = linksOfKeys();
    metrics.watch({ pool, pictures, remotes, storage: engine?.storage ?? null });
    if (engine?.storage.figures && !config.publicUrl)
      log?.warn(
        'PUBLIC_URL is not set: addresses in responses are those of this gateway, not of all that share its database',
      );
    const { maxUploadBytes, maxCost, introspection } = config;
    const server = createHttpServer();
    const bodyRate = createBodyRate();
    cleanup.push(() => bodyRate.close());
    const publicUrl = () => config.publicUrl ?? addressOf(server, config);
    const graphql = createGraphQLHandler({
      imgcache,
      visualsnoop,
      duplicates: opened.duplicates,
      services,
      staging: countUploads(staging, 'graphql'),
      maxUploadBytes,
      pictures,
      addressOf: createAddressOf(publicUrl, () => links),
      maxCost,
      introspection,
      trustedDocuments: () => trustedDocuments,
      onError,
      onOperation,
      tracer,
    });
    const imgcacheWire = createImgCacheWire({
      imgcache,
      staging: countUploads(staging, 'imgcache'),
      maxUploadBytes,
      onError,
    });
    const visualsnoopWire = createVisualSnoopWire({
      visualsnoop,
      keys: collectionKeys,
      staging: countUploads(staging, 'visualsnoop'),
      maxUploadBytes,
      onError,
    });
    const router = createRouter({
      imgcache,
      visualsnoop,
      pictures,
      services,
      graphql,
      imgcacheWire,
      visualsnoopWire,
      serveMetrics: metrics.serve,
      authenticator,
      links: () => links,
      corsOrigins: () => corsOrigins,
      deadline: requestDeadline(services, config.serviceTimeoutMs),
      bodyRate,
      publicUrl,
      gallery: config.gallery,
      accessLog: log && createAccessLog({ log, slowMs }),
      onError,
    });
    const handle = tracer ? traceRequests(tracer, router) : router;
    respondTo(server, (req, res) => {
      metrics.onRequest(req, res);
      handle(req, res);
    });
    return {
      listen: () => listen(server, config),
      newCollection: engine?.defaultCollection?.collection ?? null,
      reload(next) {
        requireKeys({ ...config, apiKeys: next.apiKeys });
        authenticator.useKeys(next.apiKeys);
        links = linksOfKeys();
        ({ corsOrigins, trustedDocuments } = next);
      },
      async close() {
        await stop(server);
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Loads OpenTelemetry's SDK, which takes long, only where there is a collector. */
async function startTracing(
  { otlpEndpoint, tracesSampler: sampler, tracesSamplerArg: ratio }: Config,
  { onNotice = () => {} }: GatewayOptions,
): Promise<Tracing | null> {
  if (!otlpEndpoint) return null;
  const { openTracing } = await import('./tracing/tracing.js');
  return openTracing({ endpoint: otlpEndpoint, sampler, ratio, onNotice });
}
