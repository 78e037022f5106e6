import {
  type ConstValueNode,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';

/** By name, as they came or with their defaults. */
export type Variables = Readonly<Record<string, unknown>>;

/** What an operation says of one of its variables. */
export interface VariableType {
  name: string;
  type: GraphQLInputType;
  defaultValue: ConstValueNode | undefined;
}

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
