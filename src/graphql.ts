import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga } from 'graphql-yoga';
import type { Identity } from './access/identity.js';
import { createLoaders } from './loaders/loaders.js';
import { createMaskError } from './plugins/mask-error.js';
import { useAccess } from './plugins/use-access.js';
import { useArgumentErrors } from './plugins/use-argument-errors.js';
import { useJit } from './plugins/use-jit.js';
import { useJsonBody } from './plugins/use-json-body.js';
import { useQueryLimit } from './plugins/use-query-limit.js';
import { useStreamingUploads } from './plugins/use-streaming-uploads.js';
import type { GraphContext } from './schema/context.js';
import { schema } from './schema/schema.js';

const MAX_JSON_BYTES = 2 * 1024 * 1024;
const MAX_QUERY_BYTES = 100_000;
const MAX_FILES = 10;

export interface GraphQLHandlerOptions
  extends Pick<GraphContext, 'imgcache' | 'services' | 'staging' | 'maxUploadBytes' | 'publicUrl'> {
  /** Takes what clients see as an unexpected error. */
  onError(error: unknown): void;
}

interface NodeContext {
  req: IncomingMessage;
  res: ServerResponse;
  identity: Identity;
}

export type GraphQLHandler = (req: IncomingMessage, res: ServerResponse, identity: Identity) => unknown;

/** GraphQL over HTTP, for `/graphql`. */
export function createGraphQLHandler({ onError, ...parts }: GraphQLHandlerOptions): GraphQLHandler {
  const yoga = createYoga<NodeContext, GraphContext>({
    schema,
    context: ({ res, identity }) => {
      const gone = new AbortController();
      res.once('close', () => gone.abort());
      return { ...parts, identity, signal: gone.signal, loaders: createLoaders(parts, gone.signal) };
    },
    plugins: [
      useJsonBody({ maxBytes: MAX_JSON_BYTES }),
      useStreamingUploads({
        maxFileSize: parts.maxUploadBytes,
        maxFiles: MAX_FILES,
        maxFieldSize: MAX_JSON_BYTES,
      }),
      useQueryLimit({ maxBytes: MAX_QUERY_BYTES }),
      useAccess(),
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
  return (req, res, identity) => yoga(req, res, { identity });
}
