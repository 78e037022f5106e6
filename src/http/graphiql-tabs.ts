import { existsSync, readFileSync } from 'node:fs';

/** The collection in the variables beside the operations. */
const EXAMPLE_COLLECTION_ID = '6b7c9142';

/**
 * A tab for each everyday task: an operation in `schema/operations` with the variables that stand beside it. GraphiQL opens
 * the first tab without its variables, so that the first one has none.
 */
const TABS = [
  'services',
  'collections',
  'create-collection',
  'store-entry',
  'ingest-image',
  'add-image',
  'similar',
  'entries',
  'entry-by-url',
] as const;

/** An operation that is ready to run. */
export interface Tab {
  query: string;
  variables: string;
}

export function readTabs(collectionId = EXAMPLE_COLLECTION_ID): Tab[] {
  const folder = new URL('../../schema/operations/', import.meta.url);
  return TABS.map((task) => {
    const variables = new URL(`${task}.variables.json`, folder);
    return {
      query: readFileSync(new URL(`${task}.graphql`, folder), 'utf8'),
      variables: existsSync(variables)
        ? readFileSync(variables, 'utf8').replaceAll(EXAMPLE_COLLECTION_ID, collectionId)
        : '',
    };
  });
}
