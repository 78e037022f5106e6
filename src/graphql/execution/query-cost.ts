import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { MAX_KEYS } from '../schema/bad-user-input.js';
import { doesCallService, listOfCalls, mostItemsOf } from '../schema/calls-service.js';
import { MAX_FIRST } from '../schema/connection.js';
import { isExcluded } from './conditions.js';
import type { Fragments } from './fragments.js';
import type { Variables } from './variables.js';

const FIELD_COST = 1;
const SERVICE_CALL_COST = 5;

/** A valid operation, and all that its cost depends on. */
export interface CostedQuery {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  /** Those that it may spread, by name. */
  fragments: Fragments;
  /** As they came, and defaults for those that did not. */
  variables: Variables;
}

/**
 * The cost of fields: `perItem` is that of lists which take their size from the field above, as the nodes of a
 * connection do.
 */
interface Cost {
  fixed: number;
  perItem: number;
}

const FREE: Cost = { fixed: 0, perItem: 0 };

/**
 * The highest cost of an operation: 1 for a field, 5 for one that calls a service, 0 for introspection and for skipped
 * selections. A list multiplies the cost of an item by its `first` or `last`, else by the number of keys given to it,
 * else by that of the field it stands in, as in a connection. Lists that may be long without being asked for count as that
 * long; others are short by nature and count as one item. A mutation of many costs as much as so many of one: the list in its input says how many.
 *
 * Takes time in proportion to the document, however often its fragments are spread.
 */
export function queryCost({ schema, operation, fragments, variables }: CostedQuery): number {
  const fragmentCosts = new Map<string, Cost>();

  function costOfSelections({ selections }: SelectionSetNode, parent: GraphQLCompositeType): Cost {
    let fixed = 0;
    let perItem = 0;
    for (const selection of selections) {
      if (isExcluded(selection, variables)) continue;
      const cost = costOfSelection(selection, parent);
      fixed += cost.fixed;
      perItem += cost.perItem;
    }
    return { fixed, perItem };
  }

  function costOfSelection(selection: SelectionNode, parent: GraphQLCompositeType): Cost {
    if (selection.kind === Kind.FIELD) return costOfField(selection, parent);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return costOfFragment(selection.name.value);
    return costOfSelections(selection.selectionSet, typeNamed(selection.typeCondition?.name.value, parent));
  }

  function costOfFragment(name: string): Cost {
    const known = fragmentCosts.get(name);
    if (known) return known;
    const fragment = fragments.get(name)!;
    const cost = costOfSelections(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value));
    fragmentCosts.set(name, cost);
    return cost;
  }

  function costOfField(node: FieldNode, parent: GraphQLCompositeType): Cost {
    const field = isUnionType(parent) ? undefined : parent.getFields()[node.name.value];
    if (!field) return FREE; // Introspection.
    const size = sizeOf(field, node, variables);
    const calls = listOfCalls(field) === undefined ? 1 : (size ?? 1);
    const own = doesCallService(field) ? SERVICE_CALL_COST * calls : FIELD_COST;
    const type = getNamedType(field.type);
    if (!node.selectionSet || !isCompositeType(type)) return { fixed: own, perItem: 0 };
    const below = costOfSelections(node.selectionSet, type);
    if (!isListType(getNullableType(field.type)))
      return { fixed: own + below.fixed + (size ?? 1) * below.perItem, perItem: 0 };
    const item = below.fixed + below.perItem;
    return size === undefined ? { fixed: own, perItem: item } : { fixed: own + size * item, perItem: 0 };
  }

  function typeNamed(name: string | undefined, otherwise?: GraphQLCompositeType): GraphQLCompositeType {
    return (name === undefined ? otherwise : schema.getType(name)) as GraphQLCompositeType; // The query is valid.
  }

  const { fixed, perItem } = costOfSelections(
    operation.selectionSet,
    schema.getRootType(operation.operation)!,
  );
  return Math.min(fixed + perItem, Number.MAX_SAFE_INTEGER);
}

/** How many items a field asks for; undefined when its arguments do not say. What is out of range, the resolver refuses. */
function sizeOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): number | undefined {
  const { args, type } = field;
  const given = (name: string) => {
    const argument = node.arguments?.find((other) => other.name.value === name);
    return argument && valueFromASTUntyped(argument.value, variables);
  };
  const listInInput = listOfCalls(field);
  if (listInInput !== undefined) {
    const input = Object.entries(given('input') ?? {});
    return sizeOfList(input.find(([name]) => name === listInInput)?.[1]);
  }
  const first = args.find(({ name }) => name === 'first');
  if (first) return clamp(given('first') ?? given('last') ?? first.defaultValue, MAX_FIRST);
  const most = mostItemsOf(field);
  if (most !== undefined) return most;
  const keys = isListType(getNullableType(type)) && args.find((arg) => isListType(getNullableType(arg.type)));
  if (!keys) return undefined;
  return sizeOfList(given(keys.name) ?? keys.defaultValue);
}

/** A single item counts as a list of one. */
function sizeOfList(list: unknown): number {
  return clamp(Array.isArray(list) ? list.length : 1, MAX_KEYS);
}

/** At least 1, so that every field asked for counts. */
function clamp(size: unknown, max: number): number {
  return typeof size === 'number' ? Math.min(Math.max(size, 1), max) : max;
}
