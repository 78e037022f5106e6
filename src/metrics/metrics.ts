import type { IncomingMessage, ServerResponse } from 'node:http';
import { Registry } from 'prom-client';
import type { DecodeReport, PicturePool } from '../embedded/picture/picture-pool.js';
import type { OnSql } from '../embedded/store/sql-report.js';
import type { OperationReport } from '../graphql/execution/operation-report.js';
import type { CallReport } from '../remote/http/client.js';
import type { ServiceName } from '../services/errors.js';
import { createHttpMetrics, type RequestObserver } from './http-metrics.js';
import { createOperationMetrics } from './operation-metrics.js';
import { createPictureMetrics } from './picture-metrics.js';
import { processMetrics } from './process-metrics.js';
import { createServiceMetrics, type RemoteService } from './service-metrics.js';
import { createSqlMetrics } from './sql-metrics.js';
import { type CountUploads, createUploadMetrics } from './upload-metrics.js';

export interface MetricsOptions {
  /** Makes the names of operations a label: only where trusted documents alone run, so that they are few. */
  showsOperationNames: boolean;
}

/** The metrics of one gateway, as hooks for its parts. */
export interface Metrics {
  onRequest: RequestObserver;
  onOperation(report: OperationReport): void;
  onCall(service: ServiceName, report: CallReport): void;
  onDecode(report: DecodeReport): void;
  onSql: OnSql;
  countUploads: CountUploads;
  /** Reads the gauges of these parts at each scrape. */
  watch(parts: { pictures: PicturePool; remotes: readonly RemoteService[] }): void;
  /** Responds to a scrape, in Prometheus' text format. */
  serve(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

export function createMetrics({ showsOperationNames }: MetricsOptions): Metrics {
  const registry = new Registry();
  const services = createServiceMetrics(registry);
  const pictures = createPictureMetrics(registry);
  processMetrics();
  return {
    onRequest: createHttpMetrics(registry),
    onOperation: createOperationMetrics(registry, showsOperationNames),
    onCall: services.onCall,
    onDecode: pictures.onDecode,
    onSql: createSqlMetrics(registry),
    countUploads: createUploadMetrics(registry),
    watch(parts) {
      services.watch(parts.remotes);
      pictures.watch(parts.pictures);
    },
    async serve(_req, res) {
      const text = await Registry.merge([registry, processMetrics()]).metrics();
      res.writeHead(200, { 'content-type': registry.contentType, 'content-length': Buffer.byteLength(text) });
      res.end(text);
    },
  };
}
