import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type OperationDefinitionNode,
  OperationTypeNode,
  type VariableNode,
} from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { asBadVariable } from './argument-errors.js';
import { Execution, type ExecutionOptions } from './execution.js';
import { type Fragments, fragmentsOf, fragmentsWithin, selectedFields } from './fragments.js';
import { queryCost } from './query-cost.js';
import {
  createFillDefaults,
  createVariableCheck,
  type FillDefaults,
  isTooDeep,
  MAX_VARIABLE_DEPTH,
  type Variables,
  variableTypes,
} from './variables.js';

export interface OperationOptions extends ExecutionOptions {
  /** Errors of variables leave out what the name of a value may have been meant to be. */
  hideSuggestions: boolean;
}

const NO_VARIABLES: Variables = {};
/** As many as graphql-js itself tells when it runs an operation: each takes time and memory. */
const MAX_VARIABLE_ERRORS = 50;

/** One operation of a valid document: what is found out about it once serves all its runs. */
export class Operation {
  readonly kind: OperationTypeNode;
  readonly name: string | undefined;
  /** The fields of a mutation: all that it may change. */
  readonly changes: ReadonlySet<string>;
  readonly #node: OperationDefinitionNode;
  readonly #fragments: Fragments;
  readonly #options: OperationOptions;
  readonly #areValid: (given: Variables) => boolean;
  readonly #fillDefaults: FillDefaults;
  /** Null where it depends on variables. */
  readonly #fixedCost: number | null;
  readonly #execution: Execution;

  constructor(document: DocumentNode, node: OperationDefinitionNode, options: OperationOptions) {
    this.#node = node;
    this.#fragments = fragmentsWithin(node, fragmentsOf(document));
    this.#options = options;
    this.kind = node.operation;
    this.name = node.name?.value;
    const isMutation = node.operation === OperationTypeNode.MUTATION;
    this.changes = isMutation ? selectedFields(node.selectionSet, this.#fragments) : new Set();
    const types = variableTypes(options.schema, node.variableDefinitions);
    this.#areValid = createVariableCheck(types);
    this.#fillDefaults = createFillDefaults(types);
    this.#execution = new Execution(node, this.#fragments, types, options);
    this.#fixedCost = this.#countFixedCost();
  }

  /**
   * Checks the variables and fills in their defaults. Compiled code does not enforce @oneOf in variables and words errors
   * of scalars badly, so graphql-js reads them first. What it coerced is not passed on: the compiled code coerces for itself.
   */
  readVariables(given: Variables): { variables: Variables } | { errors: readonly GraphQLError[] } {
    const { variableDefinitions: definitions = [] } = this.#node;
    if (definitions.length === 0) return { variables: NO_VARIABLES };
    for (const { variable } of definitions)
      if (isTooDeep(given[variable.name.value])) return { errors: [tooDeep(variable)] };
    const { schema, hideSuggestions } = this.#options;
    if (!this.#areValid(given)) {
      const limits = { maxErrors: MAX_VARIABLE_ERRORS, hideSuggestions };
      const { errors } = getVariableValues(schema, definitions, given, limits);
      if (errors) return { errors: errors.map(asBadVariable) };
    }
    return { variables: this.#fillDefaults(given) };
  }

  /** The highest cost that it may have. */
  cost(variables: Variables): number {
    return this.#fixedCost ?? this.#count(variables);
  }

  execute(context: unknown, variables: Variables): Promise<ExecutionResult> | ExecutionResult {
    return this.#execution.run(context, variables);
  }

  #count(variables: Variables): number {
    return queryCost({
      schema: this.#options.schema,
      operation: this.#node,
      fragments: this.#fragments,
      variables,
    });
  }

  #countFixedCost(): number | null {
    let isFixed = true;
    const get = () => {
      isFixed = false;
      return undefined;
    };
    const cost = this.#count(new Proxy(NO_VARIABLES, { get }));
    return isFixed ? cost : null;
  }
}

function tooDeep(variable: VariableNode): GraphQLError {
  const message = `Variable "$${variable.name.value}" is nested more than ${MAX_VARIABLE_DEPTH} deep.`;
  return asBadVariable(new GraphQLError(message, { nodes: variable }));
}
