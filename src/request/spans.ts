import { type Attributes, type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';

/** Runs work in a span that ends with it, as a part of the active one. Spans that start in the work are parts of it. */
export function inSpan<T>(
  tracer: Tracer,
  { name, attributes = {} }: { name: string; attributes?: Attributes },
  work: () => Promise<T> | T,
): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      failSpan(span, error instanceof Error ? error.name : 'Error');
      throw error;
    } finally {
      span.end();
    }
  });
}

/** @param reason one of few words: no text of a client's, and no secret */
export function failSpan(span: Span, reason: string): void {
  span.setAttribute('error.type', reason);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
