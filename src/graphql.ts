import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga } from 'graphql-yoga';
import type { Identity } from './access/identity.js';
import { createGraphQLPost } from './graphql-post.js';
import { createLoaders } from './loaders/loaders.js';
import { createMaskError } from './plugins/mask-error.js';
import { useAccess } from './plugins/use-access.js';
import { useArgumentErrors } from './plugins/use-argument-errors.js';
import { useCostLimit } from './plugins/use-cost-limit.js';
import { useDocumentLimits } from './plugins/use-document-limits.js';
import { useJit } from './plugins/use-jit.js';
import { useJsonBody } from './plugins/use-json-body.js';
import { useMaskedErrors } from './plugins/use-masked-errors.js';
import { useNoIntrospection } from './plugins/use-no-introspection.js';
import { useOperationNotes } from './plugins/use-operation-notes.js';
import { type OperationReport, reportOn, useOperationReports } from './plugins/use-operation-reports.js';
import { useQueryLimit } from './plugins/use-query-limit.js';
import { useStreamingUploads } from './plugins/use-streaming-uploads.js';
import { useTracing } from './plugins/use-tracing.js';
import { useTrustedDocuments } from './plugins/use-trusted-documents.js';
import type { GraphContext } from './schema/context.js';
import { schema } from './schema/schema.js';
import { createTracedSchema } from './schema/traced-schema.js';
import type { SignalsOf } from './services/request-signals.js';
import type { Tracer } from './services/tracer.js';
import { restrictTo } from './services/visualsnoop/restricted.js';

const MAX_JSON_BYTES = 2 * 1024 * 1024;
const MAX_QUERY_BYTES = 100_000;
const MAX_FILES = 10;

export interface GraphQLHandlerOptions extends Omit<GraphContext, 'identity' | 'loaders' | 'signals'> {
  /** The highest cost of a query. */
  maxCost: number;
  /** Whether clients may ask for the schema. */
  introspection: boolean;
  /** By id: then only these run. */
  trustedDocuments?: ReadonlyMap<string, string> | undefined;
  signalsOf: SignalsOf;
  /** Takes what clients see as an unexpected error. */
  onError(error: unknown, requestId?: string): void;
  /** Told of each operation at its end. */
  onOperation?(report: OperationReport): void;
  tracer?: Tracer | undefined;
}

interface NodeContext {
  req: IncomingMessage;
  res: ServerResponse;
  identity: Identity;
}

export type GraphQLHandler = (req: IncomingMessage, res: ServerResponse, identity: Identity) => unknown;

/** GraphQL over HTTP, for `/graphql`. */
export function createGraphQLHandler({
  maxCost,
  introspection,
  trustedDocuments,
  signalsOf,
  onError,
  onOperation,
  tracer,
  ...parts
}: GraphQLHandlerOptions): GraphQLHandler {
  const maskError = createMaskError(onError);
  const yoga = createYoga<NodeContext, GraphContext>({
    schema: tracer ? createTracedSchema(tracer) : schema,
    context: ({ req, res, identity }) => {
      const signals = signalsOf(req, res);
      const visualsnoop = identity.collections
        ? restrictTo(identity.collections, parts.visualsnoop)
        : parts.visualsnoop;
      const seen = { ...parts, visualsnoop };
      return { ...seen, identity, signals, loaders: createLoaders(seen, signals) };
    },
    plugins: [
      onOperation ? useOperationReports({ onOperation }) : {},
      useJsonBody({ maxBytes: MAX_JSON_BYTES }),
      useStreamingUploads({
        maxFileSize: parts.maxUploadBytes,
        maxFiles: MAX_FILES,
        maxFieldSize: MAX_JSON_BYTES,
      }),
      trustedDocuments ? useTrustedDocuments({ documents: trustedDocuments }) : {},
      useQueryLimit({ maxBytes: MAX_QUERY_BYTES }),
      useDocumentLimits(),
      introspection ? {} : useNoIntrospection(),
      useOperationNotes(),
      useAccess(),
      useArgumentErrors(),
      useCostLimit({ maxCost }),
      useJit({ hideSuggestions: !introspection }),
      useMaskedErrors(maskError),
      tracer ? useTracing({ tracer }) : {},
    ],
    // What goes wrong before anything is run. Yoga gives more arguments, which mean other things.
    maskedErrors: { maskError: (error) => maskError(error) },
    // The plugins read the bodies, and http/ shows GraphiQL.
    multipart: false,
    maxRequestBodySize: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    cors: false,
  });
  const answerPost = createGraphQLPost<NodeContext>({
    yoga,
    maxBytes: MAX_JSON_BYTES,
    maskError,
    onResult: onOperation && ((result, context) => onOperation(reportOn(result, context))),
  });
  return (req, res, identity) => answerPost({ req, res, identity }) || yoga(req, res, { identity });
}
