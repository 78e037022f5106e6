import type { Tracer } from '@opentelemetry/api';
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Identity } from '../../access/identity.js';
import type { RunningOperation } from '../../request/request-scope.js';
import { inSpan } from '../../request/spans.js';
import { Documents, type Refusal } from './documents.js';
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
  requestId: string;
  /** The context of its resolvers; made only when it runs. */
  context(): C;
}

export interface PrepareOperationOptions {
  schema: GraphQLSchema;
  /** The highest cost that is run, as queryCost counts it. */
  maxCost: number;
  /** Lets clients ask for the schema. */
  introspection: boolean;
  maskError: MaskError;
  tracer?: Tracer | undefined;
}

/** An operation that was read and checked, or refused. */
export interface PreparedOperation {
  /** What log and metrics tell of it; null when it could not be read. */
  note: RunningOperation | null;
  /** Why it does not run, null when it does. */
  refusal: Refusal | null;
  /** Runs it, to be called once; gives the errors of a refusal. */
  run(): Promise<ExecutionResult>;
}

export type PrepareOperation<C> = (params: OperationParams, origin: OperationOrigin<C>) => PreparedOperation;

/**
 * Reads and checks operations, so that they can be run. What can be found out of a document once is found out once: who asks
 * for it again pays for the check of its variables, their cost where it depends on them, and the run.
 */
export function createPrepareOperation<C>({
  schema,
  maxCost,
  introspection,
  maskError,
  tracer,
}: PrepareOperationOptions): PrepareOperation<C> {
  const documents = new Documents({ schema, introspection });

  function execute(operation: Operation, context: C, variables: Variables) {
    const { kind, name } = operation;
    if (!tracer) return operation.execute(context, variables);
    const attributes = { 'graphql.operation.type': kind, ...(name && { 'graphql.operation.name': name }) };
    return inSpan(tracer, { name: kind, attributes }, () => operation.execute(context, variables));
  }

  return (params, { method, identity, requestId, context }) => {
    const startedAt = performance.now();
    const operation = documents.operation(params.query, params.operationName, method);
    if (!(operation instanceof Operation)) return refused(operation.errors);
    const { kind, name, changes } = operation;
    const note: RunningOperation = { kind, name, cost: undefined, startedAt };
    const forbidden = whyForbidden(changes, identity);
    if (forbidden) return refused([forbidden], note);
    const read = operation.readVariables(params.variables ?? {});
    if ('errors' in read) return refused(read.errors, note);
    const cost = operation.cost(read.variables);
    note.cost = cost;
    if (cost > maxCost) return refused([tooCostly(`The query may cost ${cost}`, cost, maxCost)], note);
    const run = async () => {
      const { data, errors } = await execute(operation, context(), read.variables);
      const shown = errors?.map((error) => maskError(error, requestId));
      // Without data nothing was run.
      if (data === undefined) return { ...(shown && { errors: shown }) };
      return { data, ...(shown && { errors: shown }), extensions: { cost } };
    };
    return { note, refusal: null, run };
  };
}

/** @param note null when it could not be read */
export function refused(
  errors: readonly GraphQLError[],
  note: RunningOperation | null = null,
): PreparedOperation {
  const refusal = { errors };
  return { note, refusal, run: async () => refusal };
}

/** @param problem the beginning of the message */
export function tooCostly(problem: string, cost: number, limit: number): GraphQLError {
  return new GraphQLError(`${problem}, and the limit is ${limit}. Ask for fewer items in its nested lists.`, {
    extensions: { code: 'COST_LIMIT_EXCEEDED', cost, limit, http: { spec: true, status: 400 } },
  });
}
