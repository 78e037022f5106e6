import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useMemo, useState } from 'react';
import { createFetcher } from './fetcher.js';
import { KeyField, keepKey, keptKey } from './key-field.js';
import { Pictures } from './pictures.js';
import type { Settings } from './settings.js';

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin()];

/** GraphiQL with a key for all tabs, and with the pictures that a response names. */
export function App({ tabs, needsKey, publicUrl }: Settings) {
  const [key, setKey] = useState(needsKey ? keptKey : '');
  // With another key, GraphiQL reads the schema anew.
  const fetcher = useMemo(
    () => createFetcher({ endpoint: location.pathname, needsKey, key }),
    [needsKey, key],
  );
  const shared = useMemo(sharedOperation, []);
  const onKey = (given: string) => {
    keepKey(given);
    setKey(given);
  };
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={PLUGINS}
      defaultTabs={shared ? [shared, ...tabs] : [...tabs]}
      {...(shared && { initialQuery: shared.query, initialVariables: shared.variables })}
      onEditQuery={share}
      defaultEditorToolsVisibility
      shouldPersistHeaders
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <span className="title">Lookalike</span>
        {needsKey && <KeyField value={key} onChange={onKey} />}
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <Pictures base={publicUrl} />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

/** The operation in the address of the page, which can be sent to others; null when there is none. */
function sharedOperation() {
  const given = new URLSearchParams(location.search);
  const query = given.get('query');
  return query ? { query, variables: given.get('variables') ?? '' } : null;
}

/** Notes the operation in the address. */
function share(query: string) {
  const search = query ? `?${new URLSearchParams({ query })}` : '';
  history.replaceState(null, '', `${location.pathname}${search}`);
}
