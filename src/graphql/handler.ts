import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tracer } from '@opentelemetry/api';
import { createYoga } from 'graphql-yoga';
import type { Identity } from '../access/identity.js';
import { restrictTo } from '../access/restricted-visualsnoop.js';
import { requestOf } from '../request/gateway-request.js';
import type { SignalsOf } from '../request/request-signals.js';
import { createMaskError } from './execution/mask-error.js';
import { type OperationReport, reportOn } from './execution/operation-report.js';
import { createRunOperation, type OperationParams } from './execution/run-operation.js';
import { createGraphQLPost } from './http.js';
import { Loaders } from './loaders/loaders.js';
import type { GraphContext } from './schema/context.js';
import { schema } from './schema/schema.js';
import { createTracedSchema } from './schema/traced-schema.js';
import { useStreamingUploads } from './uploads.js';
import { useAddressParams } from './use-address-params.js';
import { maskLater, useErrorsForClients } from './use-errors-for-clients.js';
import { useHttp } from './use-http.js';
import { useJsonBody } from './use-json-body.js';
import { useNoPersistedQueries } from './use-no-persisted-queries.js';
import { useOperationReports } from './use-operation-reports.js';
import { useOperations } from './use-operations.js';
import { useTrustedDocuments } from './use-trusted-documents.js';

const MAX_JSON_BYTES = 2 * 1024 * 1024;
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
  const runOperation = createRunOperation<GraphContext>({
    schema: tracer ? createTracedSchema(tracer) : schema,
    maxCost,
    introspection,
    maskError,
    tracer,
  });
  const contextOf = ({ req, res, identity }: NodeContext): GraphContext => {
    const { collections } = identity;
    const visualsnoop = collections ? restrictTo(collections, parts.visualsnoop) : parts.visualsnoop;
    const signals = signalsOf(req, res);
    const loaders = new Loaders(parts.imgcache, visualsnoop, signals);
    return { ...parts, visualsnoop, identity, signals, loaders };
  };
  const run = (params: OperationParams, method: string, context: NodeContext) =>
    runOperation(params, {
      method,
      identity: context.identity,
      request: requestOf(context.res),
      context: () => contextOf(context),
    });
  const yoga = createYoga<NodeContext>({
    plugins: [
      useHttp(),
      useErrorsForClients({ maskError }),
      onOperation ? useOperationReports({ onOperation }) : {},
      useAddressParams(),
      useJsonBody({ maxBytes: MAX_JSON_BYTES }),
      useStreamingUploads({
        maxFileSize: parts.maxUploadBytes,
        maxFiles: MAX_FILES,
        maxFieldSize: MAX_JSON_BYTES,
      }),
      trustedDocuments ? useTrustedDocuments({ documents: trustedDocuments }) : useNoPersistedQueries(),
      useOperations({ run }),
    ],
    maskedErrors: { maskError: maskLater },
    // The plugins read the bodies, and http/ shows GraphiQL.
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    cors: false,
  });
  const answerPost = createGraphQLPost<NodeContext>({
    yoga,
    run: trustedDocuments ? null : run,
    maxBytes: MAX_JSON_BYTES,
    maskError,
    onResult: onOperation && ((result, { res }) => onOperation(reportOn(result, requestOf(res)))),
  });
  return (req, res, identity) => answerPost({ req, res, identity }) || yoga(req, res, { identity });
}
