import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tracer } from '@opentelemetry/api';
import type { Identity } from '../access/identity.js';
import { restrictToBuckets } from '../access/restricted-imgcache.js';
import { restrictTo } from '../access/restricted-visualsnoop.js';
import type { RequestScope } from '../request/request-scope.js';
import { createMaskError } from './execution/mask-error.js';
import type { OperationReport } from './execution/operation-report.js';
import { createPrepareOperation } from './execution/prepare-operation.js';
import { createGraphQLOverHttp } from './http.js';
import { Loaders } from './loaders/loaders.js';
import { readJsonBody } from './params.js';
import { createFinish } from './result.js';
import type { GraphContext } from './schema/context.js';
import { schema } from './schema/schema.js';
import { createTracedSchema } from './schema/traced-schema.js';
import type { NodeContext } from './steps.js';
import { findAllowed, type TrustedDocuments } from './trusted-documents.js';
import { readMultipart } from './uploads.js';

const MAX_JSON_BYTES = 2 * 1024 * 1024;

export interface GraphQLHandlerOptions extends Omit<GraphContext, 'identity' | 'loaders' | 'scope'> {
  /** The highest cost of a query. */
  maxCost: number;
  /** Whether clients may ask for the schema. */
  introspection: boolean;
  /**
   * The only documents that run at present.
   * @default any does
   */
  trustedDocuments?(): TrustedDocuments;
  /** Takes what clients see as an unexpected error. */
  onError(error: unknown, requestId?: string): void;
  /** Told of each operation at its end. */
  onOperation?(report: OperationReport): void;
  tracer?: Tracer | undefined;
}

export type GraphQLHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  scope: RequestScope,
  identity: Identity,
) => unknown;

/** Puts together GraphQL over HTTP, for `/graphql`: the schema, its context, and the steps of a request. */
export function createGraphQLHandler({
  maxCost,
  introspection,
  trustedDocuments = () => undefined,
  onError,
  onOperation,
  tracer,
  ...parts
}: GraphQLHandlerOptions): GraphQLHandler {
  const maskError = createMaskError(onError);
  const prepareOperation = createPrepareOperation<GraphContext>({
    schema: tracer ? createTracedSchema(tracer) : schema,
    maxCost,
    introspection,
    maskError,
    tracer,
  });
  const { services, staging, maxUploadBytes, pictures, addressOf } = parts;
  const contextOf = ({ scope, identity }: NodeContext): GraphContext => {
    const { collections, buckets } = identity;
    const visualsnoop = collections ? restrictTo(collections, parts.visualsnoop) : parts.visualsnoop;
    const imgcache = buckets ? restrictToBuckets(buckets, parts.imgcache) : parts.imgcache;
    // Groups are of entries of the bucket that is meant without a name.
    const duplicates = buckets ? null : parts.duplicates;
    const loaders = new Loaders({ imgcache, visualsnoop, pictures }, scope);
    // Each by its name: spreading the parts would take fifty times as long.
    return {
      identity,
      imgcache,
      visualsnoop,
      duplicates,
      services,
      staging,
      maxUploadBytes,
      pictures,
      addressOf,
      loaders,
      scope,
    };
  };
  const uploads = {
    staging,
    maxFileSize: maxUploadBytes,
    maxFieldSize: MAX_JSON_BYTES,
  };
  const handle = createGraphQLOverHttp({
    readJson: (req) => readJsonBody(req, MAX_JSON_BYTES),
    readMultipart: ({ req, res }) => readMultipart(req, res, uploads),
    findDocument: findAllowed(trustedDocuments),
    prepare: (params, method, context) =>
      prepareOperation(params, {
        method,
        identity: context.identity,
        requestId: context.scope.id,
        context: () => contextOf(context),
      }),
    maxCost,
    finish: createFinish({ maskError, onOperation }),
  });
  return (req, res, scope, identity) => handle({ req, res, scope, identity });
}
