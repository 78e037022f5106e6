import {
  astFromValue,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

type Values = Record<string, unknown>;

/**
 * Gives variables the defaults of the operation and of the fields of input objects. Compiled operations refuse what is
 * required and absent, also where it has a default.
 */
export function useVariableDefaults(): Plugin {
  return {
    onExecute({ args }) {
      const definitions = getOperationAST(args.document, args.operationName)?.variableDefinitions ?? [];
      args.variableValues = withDefaults(args.schema, definitions, args.variableValues ?? {});
    },
  };
}

function withDefaults(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  given: Values,
): Values {
  const values = { ...given };
  for (const { variable, type: typeNode, defaultValue } of definitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (values[name] === undefined && defaultValue) values[name] = valueFromASTUntyped(defaultValue);
    if (isInputType(type) && values[name] !== undefined) values[name] = fill(values[name], type);
  }
  return values;
}

/** Values of a wrong shape are left for the validation that comes after. */
function fill(value: unknown, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return fill(value, type.ofType);
  if (typeof value !== 'object' || value === null) return value;
  if (isListType(type))
    return Array.isArray(value) ? value.map((item) => fill(item, type.ofType)) : fill(value, type.ofType);
  if (!isInputObjectType(type) || Array.isArray(value)) return value;
  const filled: Values = { ...value };
  for (const field of Object.values(type.getFields())) {
    const given = filled[field.name] === undefined ? defaultOf(field) : fill(filled[field.name], field.type);
    if (given !== undefined) filled[field.name] = given;
  }
  return filled;
}

/** As a client would write it. */
function defaultOf({ defaultValue, type }: GraphQLInputField): unknown {
  const node = defaultValue === undefined ? null : astFromValue(defaultValue, type);
  return node ? valueFromASTUntyped(node) : undefined;
}
