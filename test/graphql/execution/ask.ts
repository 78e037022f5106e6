import type { ExecutionResult } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { anonymous } from '#src/access/identity.js';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import {
  createPrepareOperation,
  type OperationOrigin,
  type OperationParams,
  type PrepareOperationOptions,
} from '#src/graphql/execution/prepare-operation.js';
import type { RunningOperation } from '#src/request/request-scope.js';

export interface Answer {
  data?: unknown;
  errors?: {
    message: string;
    path?: (string | number)[];
    /** `http` among them, which HTTP takes out. */
    extensions?: Record<string, unknown>;
  }[];
  extensions?: Record<string, unknown>;
}

/** The notes of a request. */
export interface Scope {
  id: string;
  operation: RunningOperation | null;
}

type Origin = Partial<OperationOrigin<object>> & { scope?: Scope };

/** What refused documents have: 400, but for clients of application/json. */
export const BAD_DOCUMENT = { spec: true, status: 400 };

/** Runs operations over a small schema. Unless told otherwise, they come by POST from somebody who may do everything. */
export function createRun(
  parts: Parameters<typeof createSchema>[0],
  options: Partial<PrepareOperationOptions> = {},
): (params: OperationParams, origin?: Origin) => Promise<ExecutionResult> {
  const prepare = createPrepareOperation<object>({
    schema: createSchema(parts),
    maxCost: Number.MAX_SAFE_INTEGER,
    introspection: true,
    maskError: createMaskError(() => {}),
    ...options,
  });
  const usual = {
    method: 'POST',
    identity: anonymous,
    context: () => ({}),
  };
  return (params, { scope = { id: 'test', operation: null }, ...origin } = {}) => {
    const operation = prepare(params, { ...usual, requestId: scope.id, ...origin });
    scope.operation = operation.note;
    return operation.run();
  };
}

/** Gives the answers to operations as they are written. */
export function createAsk(
  ...parts: Parameters<typeof createRun>
): (params: OperationParams, origin?: Origin) => Promise<Answer> {
  const run = createRun(...parts);
  return async (params, origin) => JSON.parse(JSON.stringify(await run(params, origin)));
}
