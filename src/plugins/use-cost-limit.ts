import { type DocumentNode, type FragmentDefinitionNode, GraphQLError, getOperationAST, Kind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { requestOf } from '../services/gateway-request.js';
import type { RequestSignals } from '../services/request-signals.js';
import { queryCost } from './query-cost.js';
import { withDefaults } from './variable-defaults.js';

export interface CostLimitOptions {
  /** The highest cost that is run, as queryCost counts it. */
  maxCost: number;
}

/**
 * Refuses an operation that may cost too much before it runs, and says in `extensions.cost` of every answer what it
 * cost. The cost is counted for every request: it depends on the variables.
 */
export function useCostLimit({ maxCost }: CostLimitOptions): Plugin<{ signals?: RequestSignals }> {
  return {
    onExecute({
      args: { schema, document, operationName, variableValues, contextValue },
      setResultAndStopExecution,
    }) {
      const operation = getOperationAST(document, operationName);
      if (!operation) return undefined; // The executor says so.
      const variables = withDefaults(schema, operation.variableDefinitions ?? [], variableValues ?? {});
      const cost = queryCost({ schema, operation, fragments: fragmentsOf(document), variables });
      const noted = requestOf(contextValue.signals?.gone)?.operation;
      if (noted) noted.cost = cost;
      if (cost > maxCost) return setResultAndStopExecution({ errors: [tooCostly(cost, maxCost)] });
      return {
        onExecuteDone({ result, setResult }) {
          // Without data nothing was run.
          if (Symbol.asyncIterator in result || result.data === undefined) return;
          setResult({ ...result, extensions: { ...result.extensions, cost } });
        },
      };
    },
  };
}

function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

function tooCostly(cost: number, limit: number): GraphQLError {
  return new GraphQLError(
    `The query may cost ${cost}, and the limit is ${limit}. Ask for fewer items in its nested lists.`,
    { extensions: { code: 'COST_LIMIT_EXCEEDED', cost, limit, http: { spec: true, status: 400 } } },
  );
}
