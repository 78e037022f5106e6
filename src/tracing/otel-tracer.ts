import {
  type Context,
  type Span as OtelSpan,
  type Tracer as OtelTracing,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { readTraceContext, writeTraceContext } from './trace-context.js';
import type { Span, SpanEnd, SpanStart, Tracer } from './tracer.js';

/** Makes the spans of OpenTelemetry. Which one runs is known to this tracer alone, not to the process. */
export class OtelTracer implements Tracer {
  readonly #tracing: OtelTracing;
  readonly #contexts = new AsyncLocalStorageContextManager().enable();

  constructor(tracing: OtelTracing) {
    this.#tracing = tracing;
  }

  start({ name, kind = 'INTERNAL', attributes = {}, headers }: SpanStart): Span {
    const active = this.#contexts.active();
    const remote = headers && readTraceContext(headers);
    const parent = remote ? trace.setSpanContext(active, remote) : active;
    const span = this.#tracing.startSpan(name, { kind: SpanKind[kind], attributes }, parent);
    return new RunningSpan(span, trace.setSpan(parent, span), this.#contexts);
  }

  close(): void {
    this.#contexts.disable();
  }
}

class RunningSpan implements Span {
  readonly #span: OtelSpan;
  readonly #context: Context;
  readonly #contexts: AsyncLocalStorageContextManager;

  constructor(span: OtelSpan, context: Context, contexts: AsyncLocalStorageContextManager) {
    this.#span = span;
    this.#context = context;
    this.#contexts = contexts;
  }

  get headers(): Record<string, string> {
    return writeTraceContext(this.#span.spanContext());
  }

  run<T>(work: () => T): T {
    return this.#contexts.with(this.#context, work);
  }

  end({ attributes = {}, error }: SpanEnd = {}): void {
    this.#span.setAttributes(attributes);
    if (error !== undefined) {
      this.#span.setAttribute('error.type', error);
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}
