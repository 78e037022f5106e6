/** Relay connections over a keyset: a cursor is the place of its item in the order, so it survives deletions. */

export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

/**
 * @param items what comes behind `after`, one more than `first` when there is more
 */
export function toConnection<T>(
  items: readonly T[],
  first: number,
  after: unknown,
  cursorOf: (item: T) => string,
): Connection<T> {
  const edges = items.slice(0, first).map((node) => ({
    node,
    // Made when it is asked for: most pages show only the last one.
    get cursor() {
      return cursorOf(node);
    },
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: items.length > first,
      hasPreviousPage: after !== null && after !== undefined,
      get startCursor() {
        return edges[0]?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    },
  };
}

/** Opaque for clients: the parts of a place in an order. */
export function encodeCursor(...parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Null for what encodeCursor did not make. */
export function decodeCursor(cursor: string, count: number): string[] | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== count) return null;
    return parts.every((part) => typeof part === 'string') && encodeCursor(...parts) === cursor
      ? parts
      : null;
  } catch {
    return null;
  }
}
