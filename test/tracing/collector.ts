import { FaultyServer, json } from '../fakes/faulty-server.js';

export interface CollectedSpan {
  name: string;
  /** 1: within the process; 2: of a request that came in; 3: of one that went out. */
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  attributes: Record<string, unknown>;
  failed: boolean;
}

/** What takes traces by OTLP as JSON. */
export class Collector implements AsyncDisposable {
  readonly server: FaultyServer;

  private constructor(server: FaultyServer) {
    this.server = server;
  }

  static async start(): Promise<Collector> {
    return new Collector(await FaultyServer.start(json({})));
  }

  /** All that it was sent, as text. */
  get text(): string {
    return this.server.requests.map(({ body }) => body.toString()).join('\n');
  }

  get spans(): CollectedSpan[] {
    return this.server.requests.flatMap(({ body }) => readSpans(JSON.parse(body.toString())));
  }

  /** @throws when there is not exactly one of this name */
  span(name: string): CollectedSpan {
    const [span, ...more] = this.spans.filter((each) => each.name === name);
    if (!span || more.length > 0)
      throw new Error(`One span named ${name} among ${this.spans.map((each) => each.name).join(', ')}?`);
    return span;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }
}

interface Export {
  resourceSpans: { scopeSpans: { spans: RawSpan[] }[] }[];
}

interface RawSpan extends Omit<CollectedSpan, 'attributes' | 'failed'> {
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code: number };
}

function readSpans({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map(({ attributes, status, ...span }) => ({
      ...span,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
      failed: status.code === 2,
    }));
}
