import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { OperationParams } from './execution/run-operation.js';

export interface OperationsOptions<C> {
  /** Runs what the parameters ask for. */
  run(params: OperationParams, method: string, context: C): Promise<ExecutionResult>;
}

/** Leaves to Yoga what is HTTP, with the check of the parameters, and runs the operations with another engine. */
export function useOperations<C extends object>({ run }: OperationsOptions<C>): Plugin<C, C> {
  return {
    onParams({ setParamsHandler }) {
      // Yoga has checked by then that there is a query.
      setParamsHandler(({ params, request, context }) =>
        run(params as OperationParams, request.method, context),
      );
    },
  };
}
