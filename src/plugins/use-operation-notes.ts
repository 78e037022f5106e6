import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { requestOf } from '../services/gateway-request.js';

/** Notes for the log which operation a request runs. */
export function useOperationNotes(): Plugin<{ signal: AbortSignal }> {
  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      const request = requestOf(contextValue.signal);
      const operation = request && getOperationAST(document, operationName);
      if (operation)
        request.operation = { kind: operation.operation, name: operation.name?.value, cost: undefined };
    },
  };
}
