import {
  astFromValue,
  type ConstValueNode,
  coerceInputValue,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';

/** The values of variables by name, as they came or with their defaults. */
export type Variables = Readonly<Record<string, unknown>>;

/** The definition of a variable in an operation. */
export interface VariableType {
  name: string;
  type: GraphQLInputType;
  defaultValue: ConstValueNode | undefined;
}

/** The definitions of an operation's variables, with their types in the schema. */
export function variableTypes(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[] = [],
): VariableType[] {
  return definitions.map(({ variable, type: typeNode, defaultValue }) => {
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) throw new Error('A valid document has variables of input types.');
    return { name: variable.name.value, type, defaultValue };
  });
}

/** The deepest nesting of lists and objects in a variable: no input type is as deep, and values are read recursively. */
export const MAX_VARIABLE_DEPTH = 100;

/** Whether the value of a variable is nested deeper than any may be. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === MAX_VARIABLE_DEPTH) return true;
  const items = Array.isArray(value) ? value : Object.values(value);
  return items.some((item) => isTooDeep(item, depth + 1));
}

/**
 * Makes a check of whether variables are of the types that an operation defines. graphql-js, whose errors are given for
 * those that are not, takes twice the time: it looks up their types anew.
 */
export function createVariableCheck(types: readonly VariableType[]): (given: Variables) => boolean {
  return (given) =>
    types.every(({ name, type, defaultValue }) =>
      Object.hasOwn(given, name) ? isValid(given[name], type) : defaultValue || !isNonNullType(type),
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

/** Fills in every default that the query or the fields of an input type give. */
export type FillDefaults = (variables: Variables) => Variables;

/**
 * Makes the function that fills in the defaults of an operation. Compiled code refuses an absent non-null value though
 * it has a default.
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

/** The default in the form in which a client would send it. */
function rawDefault(value: unknown, type: GraphQLInputType): unknown {
  const literal = astFromValue(value, type);
  return literal ? valueFromASTUntyped(literal) : null;
}
