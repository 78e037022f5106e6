import { type OperationDefinitionNode, valueFromASTUntyped } from 'graphql';

/** The variables of an operation that have a default, with that default as it would come in a request. */
export function variableDefaults({ variableDefinitions }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    (variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );
}
