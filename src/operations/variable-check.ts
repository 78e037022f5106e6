import {
  coerceInputValue,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import type { Variables } from './variable-defaults.js';

/**
 * What tells whether variables are as an operation wants them. graphql-js, which also says what is wrong with them, takes
 * twice the time: it looks up their types anew.
 */
export function createVariableCheck(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): (given: Variables) => boolean {
  const known = definitions.map(({ variable, type: typeNode, defaultValue }) => {
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) throw new Error('A valid document has variables of input types.');
    return { name: variable.name.value, type, isRequired: isNonNullType(type) && !defaultValue };
  });
  return (given) =>
    known.every(({ name, type, isRequired }) =>
      Object.hasOwn(given, name) ? isValid(given[name], type) : !isRequired,
    );
}

const INVALID = new Error('Not valid.');

function isValid(value: unknown, type: GraphQLInputType): boolean {
  try {
    coerceInputValue(value, type, stop);
    return true;
  } catch {
    return false;
  }
}

/** One fault is enough. */
function stop(): never {
  throw INVALID;
}
