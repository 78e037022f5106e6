import {
  astFromValue,
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

/** By name, as they came or with their defaults. */
export type Variables = Readonly<Record<string, unknown>>;

/** Fills in every default that the query or the fields of an input type give. */
export type FillDefaults = (variables: Variables) => Variables;

/**
 * What fills in the defaults of an operation. Compiled code refuses what is non-null and absent, though it has a default.
 */
export function createFillDefaults(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): FillDefaults {
  const known = definitions.map(({ variable, type: typeNode, defaultValue }) => {
    const type = typeFromAST(schema, typeNode);
    return { name: variable.name.value, type: isInputType(type) ? type : undefined, defaultValue };
  });
  return (variables) => {
    // Compiled code would find what every object has, such as toString.
    const filled: Record<string, unknown> = Object.create(null);
    for (const { name, type, defaultValue } of known) {
      const given = Object.hasOwn(variables, name);
      if (!given && !defaultValue) continue;
      const value = given ? variables[name] : valueFromASTUntyped(defaultValue!);
      filled[name] = type ? fill(value, type) : value;
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
