import { base } from '../settings.js';
import { CopyButton } from '../shell/copy-button.js';
import { Icon } from '../shell/icon.js';

/** The query of what is seen: to run it in GraphiQL, or to take it along. */
export function AsGraphQL({ query, variables }: { query: string; variables: object }) {
  const address = new URL('graphql', base);
  address.search = new URLSearchParams({ query, variables: JSON.stringify(variables, null, 2) }).toString();
  return (
    <span class="fact-line">
      <a class="button" href={address.href}>
        <Icon name="graph" />
        <span>Open in GraphiQL</span>
      </a>
      <CopyButton text={query} what="the query" />
    </span>
  );
}
