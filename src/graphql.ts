import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import { createLoaders } from './loaders/loaders.js';
import { createMaskError } from './plugins/mask-error.js';
import { useArgumentErrors } from './plugins/use-argument-errors.js';
import { useJit } from './plugins/use-jit.js';
import { useJsonBody } from './plugins/use-json-body.js';
import { useQueryLimit } from './plugins/use-query-limit.js';
import { useStreamingUploads } from './plugins/use-streaming-uploads.js';
import type { GraphContext } from './schema/context.js';
import { schema } from './schema/schema.js';
import { goneSignal } from './services/gone-signal.js';

const MAX_JSON_BYTES = 2 * 1024 * 1024;
const MAX_QUERY_BYTES = 100_000;
const MAX_FILES = 10;

export interface GraphQLHandlerOptions extends Omit<GraphContext, 'loaders' | 'signal'> {
  /** Takes what clients see as an unexpected error. */
  onError(error: unknown): void;
}

interface NodeContext {
  req: IncomingMessage;
  res: ServerResponse;
}

/** GraphQL over HTTP, for `/graphql`. */
export function createGraphQLHandler({
  onError,
  ...parts
}: GraphQLHandlerOptions): YogaServerInstance<NodeContext, GraphContext> {
  return createYoga<NodeContext, GraphContext>({
    schema,
    context: ({ res }) => {
      const signal = goneSignal(res);
      return { ...parts, signal, loaders: createLoaders(parts, signal) };
    },
    plugins: [
      useJsonBody({ maxBytes: MAX_JSON_BYTES }),
      useStreamingUploads({
        maxFileSize: parts.maxUploadBytes,
        maxFiles: MAX_FILES,
        maxFieldSize: MAX_JSON_BYTES,
      }),
      useQueryLimit({ maxBytes: MAX_QUERY_BYTES }),
      useArgumentErrors(),
      useJit(),
    ],
    maskedErrors: { maskError: createMaskError(onError) },
    // The plugins read the bodies, and http/ shows GraphiQL.
    multipart: false,
    maxRequestBodySize: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    cors: false,
  });
}
