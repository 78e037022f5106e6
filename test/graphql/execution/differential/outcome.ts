import type { ExecutionResult } from 'graphql';

/** What must be the same whoever runs an operation. */
export interface Outcome {
  /** Text, since the order of keys counts. */
  data: string;
  /** Errors at the place that they made null, with their codes; what is below a null is told once, without code. */
  errors: string[];
}

/**
 * Within what an error made null, executors may tell more errors or fewer: the specification lets them go on or stop. So
 * of these only the place of the null counts.
 */
export function outcomeOf({ data, errors = [] }: ExecutionResult): Outcome {
  const places = errors.map(({ path = [], extensions }) => {
    const depth = depthOfNull(data, path);
    const place = path.slice(0, depth).join('.');
    return depth === path.length ? `${place} ${extensions?.code}` : `${place} by an error below`;
  });
  return { data: JSON.stringify(data) ?? 'none', errors: [...new Set(places)].sort() };
}

/** How many steps of the path lead to the first null. */
function depthOfNull(data: unknown, path: readonly (string | number)[]): number {
  let value = data;
  for (let depth = 0; depth < path.length; depth++) {
    if (value === null || value === undefined) return depth;
    value = (value as Record<string | number, unknown>)[path[depth]!];
  }
  return path.length;
}
