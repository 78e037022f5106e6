import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** The fragments of a document by name. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  return fragments;
}

/** Those that an operation spreads, also through each other. */
export function fragmentsWithin(operation: OperationDefinitionNode, fragments: Fragments): Fragments {
  const within = new Map<string, FragmentDefinitionNode>();
  const collect = (node: OperationDefinitionNode | FragmentDefinitionNode) =>
    visit(node, {
      FragmentSpread({ name: { value: name } }) {
        const fragment = fragments.get(name);
        if (fragment) within.set(name, fragment);
      },
    });
  collect(operation);
  for (const fragment of within.values()) collect(fragment); // Fragments that are added meanwhile come up too.
  return within;
}

/** The names of the fields of a selection, also of those that a directive may skip, through fragments. */
export function selectedFields(selectionSet: SelectionSetNode, fragments: Fragments): ReadonlySet<string> {
  const fields = new Set<string>();
  const seen = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        collect(fragments.get(selection.name.value)!.selectionSet); // The document is valid.
      }
    }
  };
  collect(selectionSet);
  return fields;
}
