import { type DocumentNode, GraphQLError, getOperationAST, Kind, type SelectionSetNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Identity, type Need, whyNot } from '../access/identity.js';

/** What changes more than an image or an entry. The door lets in only who may read; all other mutations need write. */
const NEEDS: ReadonlyMap<string, Need> = new Map([
  ['createCollection', { scope: 'admin', unlimited: true }],
  ['deleteEntry', { scope: 'write', unlimited: true }],
]);

/** Refuses an operation, whole and before any of it is run, when one of its mutations is not for who asks. */
export function useAccess(): Plugin<{ identity: Identity }> {
  return {
    onExecute({ args: { document, operationName, contextValue }, setResultAndStopExecution }) {
      const operation = getOperationAST(document, operationName);
      if (operation?.operation !== 'mutation') return;
      for (const field of fieldsOf(operation.selectionSet, document)) {
        const problem = whyNot(contextValue.identity, NEEDS.get(field) ?? { scope: 'write' });
        if (problem) return setResultAndStopExecution({ errors: [forbidden(`${field} ${problem}`)] });
      }
    },
  };
}

/** The names of the fields, also of those that a directive may skip, through fragments. */
function fieldsOf(selectionSet: SelectionSetNode, document: DocumentNode): Set<string> {
  const fields = new Set<string>();
  const seen = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        collect(fragmentNamed(selection.name.value, document));
      }
    }
  };
  collect(selectionSet);
  return fields;
}

function fragmentNamed(name: string, { definitions }: DocumentNode): SelectionSetNode {
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name)
      return definition.selectionSet;
  throw new Error(`A valid document has the fragment ${name}.`);
}

function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN', http: { status: 403 } } });
}
