import type { IncomingMessage, ServerResponse } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { OpenStorage } from '../embedded/open-storage.js';
import type { PicturePool } from '../embedded/picture/picture-pool.js';
import type { OperationReport } from '../graphql/execution/operation-report.js';
import type { CallReport } from '../remote/http/client.js';
import type { ServiceName } from '../services/errors.js';
import { createDatabaseMetrics } from './database-metrics.js';
import { createEmbeddedMetrics, type EmbeddedMetrics } from './embedded-metrics.js';
import { createHttpMetrics, type RequestObserver } from './http-metrics.js';
import { createObjectMetrics, type ObjectMetrics } from './object-metrics.js';
import { createOperationMetrics } from './operation-metrics.js';
import { createServiceMetrics, type RemoteService } from './service-metrics.js';
import {
  createThumbnailMetrics,
  type ThumbnailMetrics,
  type WatchedThumbnails,
} from './thumbnail-metrics.js';
import { type CountUploads, createUploadMetrics } from './upload-metrics.js';

export interface MetricsOptions {
  /** Whether the names of operations are a label now: only where trusted documents alone run, so that they are few. */
  showsOperationNames(): boolean;
}

/** The parts whose state is read at each scrape. */
export interface WatchedParts {
  pool: PicturePool;
  pictures: WatchedThumbnails;
  remotes: readonly RemoteService[];
  /** Of the embedded services; null where there are none. */
  storage: Pick<OpenStorage, 'figures' | 'objectStatus'> | null;
}

/** The metrics of one gateway, as hooks that its parts call. */
export interface Metrics
  extends Pick<EmbeddedMetrics, 'onSql' | 'onDecode'>,
    Pick<ObjectMetrics, 'onObjectCall'>,
    Pick<ThumbnailMetrics, 'onThumbnail'> {
  onRequest: RequestObserver;
  onOperation(report: OperationReport): void;
  onCall(service: ServiceName, report: CallReport): void;
  countUploads: CountUploads;
  /** Reads the gauges of these parts at each scrape. */
  watch(parts: WatchedParts): void;
  /** Responds to a scrape, in Prometheus' text format. */
  serve(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

export function createMetrics({ showsOperationNames }: MetricsOptions): Metrics {
  const registry = new Registry();
  const services = createServiceMetrics(registry);
  const embedded = createEmbeddedMetrics(registry);
  const database = createDatabaseMetrics(registry);
  const objects = createObjectMetrics(registry);
  const thumbnails = createThumbnailMetrics(registry);
  processMetrics();
  return {
    onRequest: createHttpMetrics(registry),
    onOperation: createOperationMetrics(registry, showsOperationNames),
    onCall: services.onCall,
    onDecode: embedded.onDecode,
    onSql: embedded.onSql,
    onObjectCall: objects.onObjectCall,
    onThumbnail: thumbnails.onThumbnail,
    countUploads: createUploadMetrics(registry),
    watch({ pool, pictures, remotes, storage }) {
      services.watch(remotes);
      embedded.watch(pool);
      thumbnails.watch(pictures);
      if (storage?.figures) database.watch(storage.figures);
      if (storage?.objectStatus) objects.watch(storage.objectStatus);
    },
    async serve(_req, res) {
      const text = await Registry.merge([registry, processMetrics()]).metrics();
      res.writeHead(200, { 'content-type': registry.contentType, 'content-length': Buffer.byteLength(text) });
      res.end(text);
    },
  };
}

let processRegistry: Registry | undefined;

/**
 * CPU, memory, the event loop, garbage collection. They are of the process, and their observers are never released, so
 * that all gateways in a process share one registry.
 */
function processMetrics(): Registry {
  if (processRegistry) return processRegistry;
  processRegistry = new Registry();
  collectDefaultMetrics({ register: processRegistry });
  return processRegistry;
}
