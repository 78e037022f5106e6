import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { inSpan, type Tracer } from '../services/tracer.js';

export interface TracingOptions {
  tracer: Tracer;
}

/** Runs each operation in a span. Comes after the plugins that choose how operations run. */
export function useTracing({ tracer }: TracingOptions): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn, args: { document, operationName } }) {
      const operation = getOperationAST(document, operationName);
      if (!operation) return;
      const kind = operation.operation;
      const name = operation.name && { 'graphql.operation.name': operation.name.value };
      const attributes = { 'graphql.operation.type': kind, ...name };
      setExecuteFn((args) => inSpan(tracer, { name: kind, attributes }, () => executeFn(args)));
    },
  };
}
