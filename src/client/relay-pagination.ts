// A field policy of Apollo's cache for the connections of this graph: what relayStylePagination of @apollo/client does,
// and the same for their nodes.

interface Edge {
  cursor?: string;
}

interface PageInfo {
  hasNextPage?: boolean;
  hasPreviousPage?: boolean;
  startCursor?: string | null;
  endCursor?: string | null;
}

/** A connection as the cache has it, with the fields that were asked for. */
interface Page {
  edges?: readonly Edge[];
  nodes?: readonly unknown[];
  pageInfo?: PageInfo;
}

/** What of Apollo's options is used here. */
interface ReadOptions {
  canRead(value: unknown): boolean;
  readField(name: string, from: unknown): unknown;
}

interface MergeOptions {
  // biome-ignore lint/suspicious/noExplicitAny: Apollo declares arguments as any.
  args: Record<string, any> | null;
}

export interface PagesPolicy {
  keyArgs: string[] | false;
  // biome-ignore lint/suspicious/noExplicitAny: what the cache has of a field is any to Apollo.
  read(existing: any, options: ReadOptions): any;
  // biome-ignore lint/suspicious/noExplicitAny: what the cache has of a field is any to Apollo.
  merge(existing: any, incoming: any, options: MergeOptions): any;
}

/**
 * The pages of a connection as one list in the cache, whichever way they were asked for.
 * @param keyArgs the arguments that make lists of their own, such as a filter
 */
export function relayPagination(keyArgs: readonly string[]): PagesPolicy {
  return { keyArgs: keyArgs.length > 0 ? [...keyArgs] : false, read, merge };
}

/** Without the edges of what was deleted from the cache; nodes that went Apollo leaves out itself. */
function read(existing: Page | undefined, { canRead, readField }: ReadOptions): Page | undefined {
  if (!existing?.edges) return existing;
  return { ...existing, edges: existing.edges.filter((edge) => canRead(readField('node', edge))) };
}

/** Behind `after`, before `before`, or in the place of all that was there. */
function merge(existing: Page = {}, incoming: Page | undefined, { args }: MergeOptions): Page {
  if (!incoming) return existing;
  const edges = mergeEdges(existing.edges ?? [], withCursors(incoming), args ?? {});
  const nodes = mergeNodes(existing, incoming.nodes ?? [], args ?? {});
  return {
    ...existing,
    ...incoming,
    ...(incoming.edges && { edges: edges.list }),
    ...(incoming.nodes && { nodes: nodes.list }),
    ...(incoming.pageInfo && {
      pageInfo: {
        ...existing.pageInfo,
        ...incoming.pageInfo,
        ...(edges.follows || nodes.follows ? startOf(existing.pageInfo) : {}),
        ...(edges.precedes || nodes.precedes ? endOf(existing.pageInfo) : {}),
      },
    }),
  };
}

/** The first and the last edge have the cursors of the page, where none were asked for. */
function withCursors({ edges = [], pageInfo = {} }: Page): Edge[] {
  return edges.map((edge, i) => {
    const ofPage =
      (i === edges.length - 1 && pageInfo.endCursor) || (i === 0 && pageInfo.startCursor) || undefined;
    return ofPage === undefined ? edge : { ...edge, cursor: ofPage };
  });
}

interface Merged<T> {
  list: T[];
  /** Whether the page comes behind others, or before them. */
  follows: boolean;
  precedes: boolean;
}

function mergeEdges(
  existing: readonly Edge[],
  incoming: readonly Edge[],
  { after, before }: Record<string, unknown>,
): Merged<Edge> {
  const placeOf = (cursor: unknown) => existing.findIndex((edge) => edge.cursor === cursor);
  let prefix: readonly Edge[] = [];
  let suffix: readonly Edge[] = [];
  if (after) {
    const place = placeOf(after);
    prefix = place < 0 ? existing : existing.slice(0, place + 1);
  } else if (before) {
    const place = placeOf(before);
    suffix = place < 0 ? existing : existing.slice(place);
  }
  return {
    list: [...prefix, ...incoming, ...suffix],
    follows: prefix.length > 0,
    precedes: suffix.length > 0,
  };
}

/** Nodes have no cursors, so only a page that joins on to those at hand is joined to them. */
function mergeNodes(
  { nodes = [], pageInfo = {} }: Page,
  incoming: readonly unknown[],
  { after, before }: Record<string, unknown>,
): Merged<unknown> {
  const follows = nodes.length > 0 && Boolean(after) && after === pageInfo.endCursor;
  const precedes = nodes.length > 0 && !after && Boolean(before) && before === pageInfo.startCursor;
  return {
    list: [...(follows ? nodes : []), ...incoming, ...(precedes ? nodes : [])],
    follows,
    precedes,
  };
}

function startOf({ hasPreviousPage, startCursor }: PageInfo = {}): PageInfo {
  return {
    ...(hasPreviousPage !== undefined && { hasPreviousPage }),
    ...(startCursor !== undefined && { startCursor }),
  };
}

function endOf({ hasNextPage, endCursor }: PageInfo = {}): PageInfo {
  return { ...(hasNextPage !== undefined && { hasNextPage }), ...(endCursor !== undefined && { endCursor }) };
}
