/** What the gateway tells the page, as JSON in the element `#settings`. See http/graphiql.ts. */
export interface Settings {
  tabs: readonly { query: string; variables: string }[];
  /** Whether the graph answers nothing without a key. */
  needsKey: boolean;
  /** The base of the addresses in responses, without a trailing slash. */
  publicUrl: string;
}

export function readSettings(): Settings {
  const { textContent } = document.querySelector('#settings') ?? {};
  return JSON.parse(textContent ?? '');
}
