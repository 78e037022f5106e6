import type { ExecutionResult, GraphQLError } from 'graphql';
import type { RunningOperation } from '../../request/request-scope.js';

/** How an operation went. */
export interface OperationReport {
  /** `unknown` when it was refused before it was read. */
  kind: RunningOperation['kind'] | 'unknown';
  /** The client's word for it. */
  name: string | null;
  /** PARTIAL: data and errors; FAILED: null and errors; REFUSED: nothing was run. */
  outcome: 'OK' | 'PARTIAL' | 'FAILED' | 'REFUSED';
  /** From its parameters to its result; null when it was refused before it was read. */
  durationMs: number | null;
  /** Null when it was not counted. */
  cost: number | null;
  /** `extensions.code` of each error. */
  codes: readonly unknown[];
}

/** @param operation that the result is of; null when it was refused before it was read */
export function reportOn(
  { data, errors = [] }: ExecutionResult,
  operation: RunningOperation | null,
): OperationReport {
  const { kind = 'unknown', name, cost, startedAt } = operation ?? {};
  return {
    kind,
    name: name ?? null,
    outcome: outcomeOf(data, errors),
    durationMs: startedAt === undefined ? null : performance.now() - startedAt,
    cost: cost ?? null,
    codes: errors.map((error) => error.extensions.code),
  };
}

function outcomeOf(data: unknown, errors: readonly GraphQLError[]): OperationReport['outcome'] {
  if (errors.length === 0) return 'OK';
  if (data === undefined) return 'REFUSED';
  return data === null ? 'FAILED' : 'PARTIAL';
}
