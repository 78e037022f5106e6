import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { requestOf } from '../services/gateway-request.js';
import type { RequestSignals } from '../services/request-signals.js';

/** Notes for the log which operation a request runs. */
export function useOperationNotes(): Plugin<{ signals: RequestSignals }> {
  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      const request = requestOf(contextValue.signals.gone);
      const operation = request && getOperationAST(document, operationName);
      if (operation)
        request.operation = { kind: operation.operation, name: operation.name?.value, cost: undefined };
    },
  };
}
