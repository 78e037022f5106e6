import type { ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type GatewayRequest, requestOf } from '../services/gateway-request.js';

/** How an operation went. */
export interface OperationReport {
  /** `unknown` when it was refused before it was read. */
  kind: NonNullable<GatewayRequest['operation']>['kind'] | 'unknown';
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

const STARTED_AT = Symbol('startedAt');

interface ReportContext {
  res: ServerResponse;
  [STARTED_AT]?: number;
}

/** Which operation it was, the request knows from useOperationNotes. */
export function useOperationReports({
  onOperation,
}: OperationReportsOptions): Plugin<ReportContext, ReportContext> {
  return {
    onParams({ context }) {
      context[STARTED_AT] = performance.now();
    },
    // Also the results of what went wrong before there were parameters come here.
    onResultProcess({ result, serverContext }) {
      if (!Array.isArray(result) && !(Symbol.asyncIterator in result))
        onOperation(reportOn(result, serverContext));
    },
  };
}

/** @param context of the request, once the plugin has seen its parameters */
export function reportOn(result: ExecutionResult, context: ReportContext): OperationReport {
  const { kind = 'unknown', name = null } = requestOf(context.res)?.operation ?? {};
  const startedAt = context[STARTED_AT];
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
