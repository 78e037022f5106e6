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
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

type RootSamplerName = 'always_on' | 'always_off' | 'traceidratio';

export interface TracingOptions {
  /** The address of a collector that takes OTLP over HTTP, without the `/v1/traces`. */
  endpoint: string;
  /** The sampler, as in OTEL_TRACES_SAMPLER: for all spans, or for those without a parent in another process. */
  sampler: RootSamplerName | `parentbased_${RootSamplerName}`;
  /** The part of the traces that a sampler by ratio keeps, 0 to 1. */
  ratio: number;
  /** Gets a line, at most once a minute, where the collector does not take traces. */
  onNotice(notice: string): void;
}

export interface Tracing {
  tracer: Tracer;
  /** Sends the spans that are left, unless the collector takes long. */
  close(): Promise<void>;
}

const EXPORT_TIMEOUT_MS = 5000;
const MAX_CLOSE_MS = 3000;
/** Bounds the texts that clients choose: the path of a request, the name of an operation. */
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
  // These are of the process, and the first ones stay: gateways in one process share them, and each has its own tracer.
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

const MIN_NOTICE_INTERVAL_MS = 60_000;

/** An exporter that reports failed exports, of which nobody else hears, at most once a minute. */
function noteFailures(exporter: SpanExporter, onNotice: (notice: string) => void): SpanExporter {
  let lost = 0;
  let notedAt = Number.NEGATIVE_INFINITY;

  function note(spans: number, error: Error | undefined): void {
    lost += spans;
    if (performance.now() - notedAt < MIN_NOTICE_INTERVAL_MS) return;
    onNotice(
      `${lost} spans of traces were not taken by the collector: ${error?.message ?? 'no reason given'}.`,
    );
    notedAt = performance.now();
    lost = 0;
  }

  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0) note(spans.length, result.error);
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
