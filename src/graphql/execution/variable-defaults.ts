import {
  astFromValue,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
  valueFromASTUntyped,
} from 'graphql';
import type { Variables, VariableType } from './variable-types.js';

/** Fills in every default that the query or the fields of an input type give. */
export type FillDefaults = (variables: Variables) => Variables;

/**
 * What fills in the defaults of an operation. Compiled code refuses what is non-null and absent, though it has a default.
 */
export function createFillDefaults(types: readonly VariableType[]): FillDefaults {
  return (variables) => {
    // Compiled code would find what every object has, such as toString.
    const filled: Record<string, unknown> = Object.create(null);
    for (const { name, type, defaultValue } of types) {
      const given = Object.hasOwn(variables, name);
      if (!given && !defaultValue) continue;
      const value = given ? variables[name] : valueFromASTUntyped(defaultValue!);
      filled[name] = fill(value, type);
    }
    return filled;
  };
}

function fill(value: unknown, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return fill(value, type.ofType);
  if (isListType(type))
    return Array.isArray(value) ? value.map((item) => fill(item, type.ofType)) : fill(value, type.ofType);
  if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const field of Object.values(type.getFields())) {
    if (Object.hasOwn(filled, field.name)) filled[field.name] = fill(filled[field.name], field.type);
    else if (field.defaultValue !== undefined)
      filled[field.name] = rawDefault(field.defaultValue, field.type);
  }
  return filled;
}

/** As a client would send it. */
function rawDefault(value: unknown, type: GraphQLInputType): unknown {
  const literal = astFromValue(value, type);
  return literal ? valueFromASTUntyped(literal) : null;
}
