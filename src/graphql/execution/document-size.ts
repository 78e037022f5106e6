import { type DocumentNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql';

/** How large an operation is once its fragments stand in the place of their spreads. */
export interface DocumentSize {
  /** How many fields stand within each other. */
  depth: number;
  aliases: number;
  fields: number;
}

const NOTHING: DocumentSize = { depth: 0, aliases: 0, fields: 0 };

/**
 * The largest sizes among the operations of a document, which need not be valid. Takes time in proportion to the
 * document, however often its fragments are spread.
 */
export function documentSize({ definitions }: DocumentNode): DocumentSize {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition.selectionSet);
  const measured = new Map<string, DocumentSize>();

  function sizeOfSelections(selectionSet: SelectionSetNode | undefined): DocumentSize {
    return (selectionSet?.selections ?? []).map(sizeOfSelection).reduce(together, NOTHING);
  }

  function sizeOfSelection(selection: SelectionNode): DocumentSize {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return sizeOfFragment(selection.name.value);
    const { depth, aliases, fields } = sizeOfSelections(selection.selectionSet);
    if (selection.kind === Kind.INLINE_FRAGMENT) return { depth, aliases, fields };
    return { depth: depth + 1, aliases: aliases + (selection.alias ? 1 : 0), fields: fields + 1 };
  }

  function sizeOfFragment(name: string): DocumentSize {
    const known = measured.get(name);
    if (known) return known;
    measured.set(name, NOTHING); // A fragment within itself ends here; validation refuses it.
    const size = sizeOfSelections(fragments.get(name));
    measured.set(name, size);
    return size;
  }

  return definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map(({ selectionSet }) => sizeOfSelections(selectionSet))
    .reduce(largest, NOTHING);
}

function together(a: DocumentSize, b: DocumentSize): DocumentSize {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    fields: a.fields + b.fields,
  };
}

function largest(a: DocumentSize, b: DocumentSize): DocumentSize {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: Math.max(a.aliases, b.aliases),
    fields: Math.max(a.fields, b.fields),
  };
}
