import type { Registry } from 'prom-client';
import type { OperationReport } from '../plugins/use-operation-reports.js';
import { Counts, Distributions } from './series.js';

/** All that the gateway gives. Others, should a library bring them, count as OTHER: a label must not grow without bound. */
const CODES: ReadonlySet<unknown> = new Set([
  'ALIAS_LIMIT_EXCEEDED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'COST_LIMIT_EXCEEDED',
  'DEPTH_LIMIT_EXCEEDED',
  'DOCUMENT_NOT_TRUSTED',
  'FIELD_LIMIT_EXCEEDED',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'INTERNAL_SERVER_ERROR',
  'INTROSPECTION_DISABLED',
  'NOT_FOUND',
  'PAYLOAD_TOO_LARGE',
  'SERVICE_BAD_RESPONSE',
  'SERVICE_REFUSED',
  'SERVICE_TIMEOUT',
  'SERVICE_UNAVAILABLE',
  'SERVICE_UNSUPPORTED',
  'TOKEN_LIMIT_EXCEEDED',
  'UNSUPPORTED_MEDIA_TYPE',
]);

/** @param showsNames whether the names of operations are known beforehand, so that they can be a label */
export function createOperationMetrics(
  registry: Registry,
  showsNames: boolean,
): (report: OperationReport) => void {
  const operations = new Counts({
    name: 'lookalike_graphql_operations_total',
    help: 'GraphQL operations: OK, PARTIAL (data and errors), FAILED (errors alone), REFUSED (nothing was run).',
    labelNames: ['kind', 'operation', 'outcome'],
    registry,
  });
  const durations = new Distributions({
    name: 'lookalike_graphql_operation_duration_seconds',
    help: 'From the parameters of an operation to its result, parsing and validation included.',
    labelNames: ['kind', 'operation'],
    bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registry,
  });
  const costs = new Distributions({
    name: 'lookalike_graphql_operation_cost',
    help: 'The cost of operations in points, also of those that were refused for it.',
    labelNames: ['kind', 'operation'],
    bounds: [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000],
    registry,
  });
  const errors = new Counts({
    name: 'lookalike_graphql_errors_total',
    help: 'Errors in answers, by extensions.code.',
    labelNames: ['code'],
    registry,
  });

  return ({ kind, name, outcome, durationMs, cost, codes }) => {
    const operation = showsNames ? (name ?? '') : '';
    operations.with(kind, operation, outcome).add();
    if (durationMs !== null) durations.with(kind, operation).observe(durationMs / 1000);
    if (cost !== null) costs.with(kind, operation).observe(cost);
    for (const code of codes) errors.with(CODES.has(code) ? String(code) : 'OTHER').add();
  };
}
