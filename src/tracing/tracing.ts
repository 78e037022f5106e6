import { setTimeout as sleep } from 'node:timers/promises';
import { context, propagation, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { noteFailures } from './note-failures.js';

type RootSamplerName = 'always_on' | 'always_off' | 'traceidratio';

export interface TracingOptions {
  /** Of a collector that takes OTLP over HTTP, without the `/v1/traces`. */
  endpoint: string;
  /** As OTEL_TRACES_SAMPLER names it: for all spans, or for those without a parent in another process. */
  sampler: RootSamplerName | `parentbased_${RootSamplerName}`;
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
  // For the whole process, where the first stands: gateways in one process share them, and each has its own tracer.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return {
    tracer: provider.getTracer('lookalike'),
    async close() {
      const stopped = provider.shutdown().catch(() => {});
      await Promise.race([stopped, sleep(MAX_CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

function createSampler(name: TracingOptions['sampler'], ratio: number): Sampler {
  const root = name.replace('parentbased_', '') as RootSamplerName; // All that is left of such a name.
  const sampler = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  }[root]();
  return root === name ? sampler : new ParentBasedSampler({ root: sampler });
}
