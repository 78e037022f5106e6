import type { SpanExporter } from '@opentelemetry/sdk-trace';

const MIN_INTERVAL_MS = 60_000;

/** Tells of failed exports, which nobody else hears of, at most once a minute. */
export function noteFailures(exporter: SpanExporter, onNotice: (notice: string) => void): SpanExporter {
  let lost = 0;
  let notedAt = Number.NEGATIVE_INFINITY;

  function note(spans: number, error: Error | undefined): void {
    lost += spans;
    if (performance.now() - notedAt < MIN_INTERVAL_MS) return;
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
