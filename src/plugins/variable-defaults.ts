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

/**
 * The variables with every default filled in that the query or the fields of an input type give. Compiled code refuses
 * what is non-null and absent, though it has a default.
 */
export function withDefaults(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  for (const { variable, type: typeNode, defaultValue } of definitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    const given = name in variables;
    if (!given && !defaultValue) continue;
    const value = given ? variables[name] : valueFromASTUntyped(defaultValue!, variables);
    filled[name] = isInputType(type) ? fill(value, type) : value;
  }
  return filled;
}

function fill(value: unknown, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return fill(value, type.ofType);
  if (isListType(type))
    return Array.isArray(value) ? value.map((item) => fill(item, type.ofType)) : fill(value, type.ofType);
  if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const field of Object.values(type.getFields())) {
    if (field.name in filled) filled[field.name] = fill(filled[field.name], field.type);
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
