import type { IncomingHttpHeaders } from 'node:http';

/** Values of few bytes, without secrets: they leave the process. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface SpanStart {
  /** One of few: nothing that a client says. */
  name: string;
  /** SERVER: a request that came in. CLIENT: one that goes out. INTERNAL by default. */
  kind?: 'SERVER' | 'CLIENT' | 'INTERNAL';
  attributes?: SpanAttributes;
  /** Of a request that came in: they may name the span, in another process, that this one is a part of. */
  headers?: IncomingHttpHeaders;
}

export interface SpanEnd {
  attributes?: SpanAttributes;
  /** What went wrong, as one of few words. */
  error?: string | undefined;
}

/** A piece of work in a trace. */
export interface Span {
  /** What a request takes to another process, so that what is done there is a part of this. */
  readonly headers: Readonly<Record<string, string>>;
  /** Spans that start in the work, or in what it leads to, are parts of this one. */
  run<T>(work: () => T): T;
  end(end?: SpanEnd): void;
}

/** Follows work as spans. Whoever has none to give it to does not trace. */
export interface Tracer {
  /** Starts a span, as a part of the one that runs. */
  start(start: SpanStart): Span;
}

/** Runs work in a span that ends with it. */
export async function inSpan<T>(tracer: Tracer, start: SpanStart, work: () => Promise<T> | T): Promise<T> {
  const span = tracer.start(start);
  try {
    const result = await span.run(work);
    span.end();
    return result;
  } catch (error) {
    span.end({ error: error instanceof Error ? error.name : 'Error' });
    throw error;
  }
}
