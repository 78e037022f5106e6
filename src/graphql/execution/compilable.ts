import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Fragments } from './fragments.js';
import type { Variables, VariableType } from './variables.js';

/** Where graphql-jit does not do what the specification says, so that graphql-js must run an operation. */

/**
 * Tells the variables with which compiled code would be wrong: null for one that stands where null must not be, since
 * its argument has a default or is @oneOf, and none for one within an object literal, whose default would be lost.
 *
 * @param document with the operation alone and the fragments that it spreads
 */
export function createNeedsInterpreter(
  schema: GraphQLSchema,
  document: DocumentNode,
  types: readonly VariableType[],
): (variables: Variables) => boolean {
  const nullable = new Set(types.filter(({ type }) => !isNonNullType(type)).map(({ name }) => name));
  const refusingNull = new Set<string>();
  const within = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Variable({ name: { value: name } }, _key, _parent, _path, ancestors) {
        if (!nullable.has(name)) return;
        if (isNonNullType(typeInfo.getInputType()) || isOneOf(typeInfo.getParentInputType()))
          refusingNull.add(name);
        if (ancestors.some((node) => 'kind' in node && node.kind === Kind.OBJECT)) within.add(name);
      },
    }),
  );
  if (refusingNull.size === 0 && within.size === 0) return () => false;
  return (variables) =>
    [...refusingNull].some((name) => variables[name] === null) ||
    [...within].some((name) => variables[name] === undefined);
}

function isOneOf(type: GraphQLInputType | null | undefined): boolean {
  const named = getNamedType(type);
  return isInputObjectType(named) && named.isOneOf;
}

/** Compiling the reader of an input type that contains itself does not end. */
export function hasRecursiveVariables(types: readonly VariableType[]): boolean {
  return types.some(({ type }) => isRecursive(type, []));
}

function isRecursive(type: GraphQLInputType, above: readonly GraphQLInputType[]): boolean {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return false;
  if (above.includes(named)) return true;
  return Object.values(named.getFields()).some((field) => isRecursive(field.type, [...above, named]));
}

/**
 * How many fields the compiled code of an operation has: what is selected on an abstract type is compiled anew for each of
 * its possible types, and so is all that is selected below.
 *
 * @returns Infinity when there are more than the limit
 */
export function compiledFields(
  schema: GraphQLSchema,
  { operation, selectionSet }: OperationDefinitionNode,
  fragments: Fragments,
  limit: number,
): number {
  let count = 0;

  function countSelections({ selections }: SelectionSetNode, type: GraphQLObjectType): void {
    for (const selection of selections) {
      if (count > limit) return;
      if (selection.kind === Kind.FIELD) countField(selection, type);
      else if (selection.kind === Kind.INLINE_FRAGMENT) countFragment(selection, type);
      else countFragment(fragments.get(selection.name.value)!, type); // The document is valid.
    }
  }

  function countFragment(fragment: InlineFragmentNode | FragmentDefinitionNode, type: GraphQLObjectType) {
    const on = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
    if (!on || on === type || (isAbstractType(on) && schema.isSubType(on, type)))
      countSelections(fragment.selectionSet, type);
  }

  function countField(node: FieldNode, type: GraphQLObjectType): void {
    count++;
    const field = type.getFields()[node.name.value];
    if (!node.selectionSet || !field) return; // The fields of introspection are few types deep.
    const below = getNamedType(field.type);
    const types = isAbstractType(below) ? schema.getPossibleTypes(below) : isObjectType(below) ? [below] : [];
    for (const possible of types) countSelections(node.selectionSet, possible);
  }

  countSelections(selectionSet, schema.getRootType(operation)!);
  return count > limit ? Number.POSITIVE_INFINITY : count;
}
