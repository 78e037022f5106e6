import { type DocumentNode, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { withDefaults } from './variable-defaults.js';

export interface JitOptions {
  /**
   * How many compiled operations are kept.
   * @default 500
   */
  maxOperations?: number;
  /**
   * Whether errors of variables leave out what the name of a value may have been meant to be.
   * @default false
   */
  hideSuggestions?: boolean;
}

/** What an operation compiles to: a function, or the errors that say why not. */
type Compiled = CompiledQuery | ExecutionResult;

/** Runs operations as compiled functions, which takes half the CPU of a walk over the tree. */
export function useJit({ maxOperations = 500, hideSuggestions = false }: JitOptions = {}): Plugin {
  // The parser gives one document for one text, so the document itself is the key.
  const operations = new LRUCache<DocumentNode, Map<string, Compiled>>({ max: maxOperations });

  function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string): Compiled {
    const byName = operations.get(document) ?? new Map<string, Compiled>();
    operations.set(document, byName);
    const compiled = byName.get(operationName) ?? compileQuery(schema, document, operationName || undefined);
    byName.set(operationName, compiled);
    return compiled;
  }

  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn(({ schema, document, operationName, rootValue, contextValue, variableValues }) => {
        // Compiled code does not enforce @oneOf in variables and words errors of scalars badly, so graphql-js reads
        // the variables first. What it coerced is not passed on: the compiled code coerces for itself.
        const operation = getOperationAST(document, operationName);
        const definitions = operation?.variableDefinitions ?? [];
        const { errors } = getVariableValues(schema, definitions, variableValues ?? {}, { hideSuggestions });
        if (errors) return { errors };
        const compiled = compile(schema, document, operationName ?? '');
        if (!isCompiledQuery(compiled)) return compiled;
        return compiled.query(
          rootValue,
          contextValue,
          withDefaults(schema, definitions, variableValues ?? {}),
        );
      });
    },
  };
}
