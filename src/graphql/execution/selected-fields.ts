import { Kind, type SelectionSetNode } from 'graphql';
import type { Fragments } from './fragments.js';

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
