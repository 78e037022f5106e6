import type { Registry } from 'prom-client';
import type { OperationReport } from '../graphql/execution/operation-report.js';
import { RequestCounter, RequestHistogram } from './request-series.js';

/** The error codes of the gateway. Those of libraries count as OTHER: the values of a label must be bounded. */
export const ERROR_CODES: ReadonlySet<unknown> = new Set([
  'ALIAS_LIMIT_EXCEEDED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'BATCH_LIMIT_EXCEEDED',
  'COST_LIMIT_EXCEEDED',
  'DEPTH_LIMIT_EXCEEDED',
  'DOCUMENT_NOT_TRUSTED',
  'FIELD_LIMIT_EXCEEDED',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'INTERNAL_SERVER_ERROR',
  'INTROSPECTION_DISABLED',
  'NESTING_LIMIT_EXCEEDED',
  'NOT_ACCEPTABLE',
  'NOT_FOUND',
  'OPERATION_RESOLUTION_FAILURE',
  'PAYLOAD_TOO_LARGE',
  'PERSISTED_QUERY_MISMATCH',
  'PERSISTED_QUERY_NOT_FOUND',
  'SERVICE_BAD_RESPONSE',
  'SERVICE_REFUSED',
  'SERVICE_TIMEOUT',
  'SERVICE_UNAVAILABLE',
  'SERVICE_UNSUPPORTED',
  'STORAGE_FULL',
  'TOKEN_LIMIT_EXCEEDED',
  'UNSUPPORTED_MEDIA_TYPE',
]);

/** @param showsNames whether the names of operations are known beforehand now, so that they can be a label */
export function createOperationMetrics(
  registry: Registry,
  showsNames: () => boolean,
): (report: OperationReport) => void {
  const labelNames = ['kind', 'operation'] as const;
  const operations = new RequestCounter(registry, {
    name: 'lookalike_graphql_operations_total',
    help: 'GraphQL operations: OK, PARTIAL (data and errors), FAILED (errors alone), REFUSED (nothing was run).',
    labelNames: [...labelNames, 'outcome'],
  });
  const durations = new RequestHistogram(registry, {
    name: 'lookalike_graphql_operation_duration_seconds',
    help: 'From the parameters of an operation to its result, with parsing and validation. Not of what was refused before.',
    labelNames,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const costs = new RequestHistogram(registry, {
    name: 'lookalike_graphql_operation_cost',
    help: 'The cost of operations in points, also of those that were refused for it.',
    labelNames,
    buckets: [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000],
  });
  const errors = new RequestCounter(registry, {
    name: 'lookalike_graphql_errors_total',
    help: 'Errors in answers, by extensions.code.',
    labelNames: ['code'],
  });

  return ({ kind, name, outcome, durationMs, cost, codes }) => {
    const operation = showsNames() ? (name ?? '') : undefined;
    operations.inc([kind, operation, outcome]);
    if (durationMs !== null) durations.observe([kind, operation], durationMs / 1000);
    if (cost !== null) costs.observe([kind, operation], cost);
    for (const code of codes) errors.inc([ERROR_CODES.has(code) ? String(code) : 'OTHER']);
  };
}
