import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** How an operation went. */
export interface OperationReport {
  /** `unknown` when it was refused before it was read. */
  kind: 'query' | 'mutation' | 'subscription' | 'unknown';
  /** The client's word for it. */
  name: string | null;
  /** PARTIAL: data and errors; FAILED: null and errors; REFUSED: nothing was run. */
  outcome: 'OK' | 'PARTIAL' | 'FAILED' | 'REFUSED';
  /** From its parameters to its result; null when there were none. */
  durationMs: number | null;
  /** Null when it was not counted. */
  cost: number | null;
  /** `extensions.code` of each error. */
  codes: readonly unknown[];
}

export interface OperationReportsOptions {
  /** Told of each operation at its end. */
  onOperation(report: OperationReport): void;
}

const BEGUN = Symbol('begun');

/** What is known of an operation so far, kept in the context of its request. */
interface ReportContext {
  [BEGUN]?: Pick<OperationReport, 'kind' | 'name'> & { startedAt: number };
}

/** Comes before the plugins that refuse to execute, so that it sees what they refuse. */
export function useOperationReports({
  onOperation,
}: OperationReportsOptions): Plugin<ReportContext, ReportContext> {
  return {
    onParams({ context }) {
      context[BEGUN] = { kind: 'unknown', name: null, startedAt: performance.now() };
    },
    onExecute({ args: { document, operationName, contextValue } }) {
      const operation = getOperationAST(document, operationName);
      const begun = contextValue[BEGUN];
      if (!operation || !begun) return;
      begun.kind = operation.operation;
      begun.name = operation.name?.value ?? null;
    },
    // Also the results of what went wrong before there were parameters come here.
    onResultProcess({ result, serverContext }) {
      if (!Array.isArray(result) && !(Symbol.asyncIterator in result))
        onOperation(reportOn(result, serverContext));
    },
  };
}

/** @param context of the request, once the plugin has seen its parameters */
export function reportOn(result: ExecutionResult, context: object): OperationReport {
  const { kind = 'unknown', name = null, startedAt } = (context as ReportContext)[BEGUN] ?? {};
  const durationMs = startedAt === undefined ? null : performance.now() - startedAt;
  return { kind, name, durationMs, ...readResult(result) };
}

function readResult({
  data,
  errors = [],
  extensions,
}: ExecutionResult): Pick<OperationReport, 'outcome' | 'cost' | 'codes'> {
  const cost = extensions?.cost ?? errors[0]?.extensions.cost;
  return {
    outcome: outcomeOf(data, errors),
    cost: typeof cost === 'number' ? cost : null,
    codes: errors.map((error) => error.extensions.code),
  };
}

function outcomeOf(data: unknown, errors: readonly GraphQLError[]): OperationReport['outcome'] {
  if (errors.length === 0) return 'OK';
  if (data === undefined) return 'REFUSED';
  return data === null ? 'FAILED' : 'PARTIAL';
}
