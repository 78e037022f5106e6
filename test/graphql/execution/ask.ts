import type { ExecutionResult } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { anonymous } from '#src/access/identity.js';
import { createMaskError } from '#src/graphql/execution/mask-error.js';
import {
  createRunOperation,
  type OperationOrigin,
  type OperationParams,
  type RunOperationOptions,
} from '#src/graphql/execution/run-operation.js';

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

type Origin = Partial<OperationOrigin<object>>;

/** What refused documents have: 400, but for clients of application/json. */
export const BAD_DOCUMENT = { spec: true, status: 400 };

/** Runs operations over a small schema. Unless told otherwise, they come by POST from somebody who may do everything. */
export function createRun(
  parts: Parameters<typeof createSchema>[0],
  options: Partial<RunOperationOptions> = {},
): (params: OperationParams, origin?: Origin) => Promise<ExecutionResult> {
  const run = createRunOperation<object>({
    schema: createSchema(parts),
    maxCost: Number.MAX_SAFE_INTEGER,
    introspection: true,
    maskError: createMaskError(() => {}),
    ...options,
  });
  const usual = {
    method: 'POST',
    identity: anonymous,
    scope: { id: 'test', operation: null },
    context: () => ({}),
  };
  return (params, origin) => run(params, { ...usual, ...origin });
}

/** Gives the answers to operations as they are written. */
export function createAsk(
  ...parts: Parameters<typeof createRun>
): (params: OperationParams, origin?: Origin) => Promise<Answer> {
  const run = createRun(...parts);
  return async (params, origin) => JSON.parse(JSON.stringify(await run(params, origin)));
}
