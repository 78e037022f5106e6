import type { Tracer } from '@opentelemetry/api';
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Identity } from '../../access/identity.js';
import type { RequestScope } from '../../request/request-scope.js';
import { inSpan } from '../../request/spans.js';
import { Documents, refusal } from './documents.js';
import type { MaskError } from './mask-error.js';
import { whyForbidden } from './mutation-access.js';
import { Operation } from './operation.js';
import type { Variables } from './variables.js';

/** As GraphQL over HTTP names them. */
export interface OperationParams {
  query: string;
  operationName?: string | null;
  variables?: Variables | null;
}

/** Where an operation comes from. */
export interface OperationOrigin<C> {
  /** Of HTTP. */
  method: string;
  identity: Identity;
  /** Takes notes of the operation. */
  scope: Pick<RequestScope, 'id' | 'operation'>;
  /** The context of its resolvers; made only when it runs. */
  context(): C;
}

export interface RunOperationOptions {
  schema: GraphQLSchema;
  /** The highest cost that is run, as queryCost counts it. */
  maxCost: number;
  /** Lets clients ask for the schema. */
  introspection: boolean;
  maskError: MaskError;
  tracer?: Tracer | undefined;
}

export type RunOperation<C> = (
  params: OperationParams,
  origin: OperationOrigin<C>,
) => Promise<ExecutionResult>;

/**
 * Reads, checks and runs operations. What can be found out of a document once is found out once: who asks for it again
 * pays for the check of its variables, their cost where it depends on them, and the run.
 */
export function createRunOperation<C>({
  schema,
  maxCost,
  introspection,
  maskError,
  tracer,
}: RunOperationOptions): RunOperation<C> {
  const documents = new Documents({ schema, introspection });

  function execute(operation: Operation, context: C, variables: Variables) {
    const { kind, name } = operation;
    if (!tracer) return operation.execute(context, variables);
    const attributes = { 'graphql.operation.type': kind, ...(name && { 'graphql.operation.name': name }) };
    return inSpan(tracer, { name: kind, attributes }, () => operation.execute(context, variables));
  }

  return async (params, { method, identity, scope, context }) => {
    const startedAt = performance.now();
    const operation = documents.operation(params.query, params.operationName, method);
    if (!(operation instanceof Operation)) return operation;
    const { kind, name, changes } = operation;
    scope.operation = { kind, name, cost: undefined, startedAt };
    const forbidden = whyForbidden(changes, identity);
    if (forbidden) return refusal(forbidden);
    const read = operation.readVariables(params.variables ?? {});
    if ('errors' in read) return read;
    const cost = operation.cost(read.variables);
    scope.operation.cost = cost;
    if (cost > maxCost) return refusal(tooCostly(cost, maxCost));
    const { data, errors } = await execute(operation, context(), read.variables);
    const shown = errors?.map((error) => maskError(error, scope.id));
    // Without data nothing was run.
    if (data === undefined) return { ...(shown && { errors: shown }) };
    return { data, ...(shown && { errors: shown }), extensions: { cost } };
  };
}

function tooCostly(cost: number, limit: number): GraphQLError {
  return new GraphQLError(
    `The query may cost ${cost}, and the limit is ${limit}. Ask for fewer items in its nested lists.`,
    { extensions: { code: 'COST_LIMIT_EXCEEDED', cost, limit, http: { spec: true, status: 400 } } },
  );
}
