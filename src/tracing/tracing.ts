import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { noteFailures } from './note-failures.js';
import { OtelTracer } from './otel-tracer.js';
import { createSampler, type SamplerName } from './sampler.js';
import type { Tracer } from './tracer.js';

export interface TracingOptions {
  /** Of a collector that takes OTLP over HTTP, without the `/v1/traces`. */
  endpoint: string;
  sampler: SamplerName;
  /** Of the traces that a sampler by ratio keeps. */
  ratio: number;
  /** Told once in a while that traces are lost. */
  onNotice(notice: string): void;
}

export interface Tracing {
  tracer: Tracer;
  /** Sends what is left, if the collector takes it soon. */
  close(): Promise<void>;
}

const EXPORT_TIMEOUT_MS = 5000;
const MAX_CLOSE_MS = 3000;
/** A client chooses the path of a request and the name of an operation. */
const MAX_ATTRIBUTE_LENGTH = 256;

/**
 * Sends spans to a collector. The exporter reads its further settings from the environment by itself, such as
 * OTEL_EXPORTER_OTLP_HEADERS, and so does what describes this process: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
 */
export function openTracing({ endpoint, sampler, ratio, onNotice }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'lookalike' }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    sampler: createSampler(sampler, ratio),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH },
    spanProcessors: [new BatchSpanProcessor({ exporter: noteFailures(exporter, onNotice) })],
  });
  const tracer = new OtelTracer(provider.getTracer('lookalike'));
  return {
    tracer,
    async close() {
      const stopped = provider.shutdown().catch(() => {});
      await Promise.race([stopped, sleep(MAX_CLOSE_MS, undefined, { ref: false })]);
      tracer.close();
    },
  };
}
