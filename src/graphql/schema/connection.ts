import type { z } from 'zod';
import { badUserInput } from './bad-user-input.js';

/** The longest page. */
export const MAX_FIRST = 100;

/** The argument for the length of a page. */
export const FIRST = {
  required: true,
  defaultValue: 20,
  description: `How many, 1 to ${MAX_FIRST}.`,
} as const;

export function checkFirst(first: number): number {
  if (first >= 1 && first <= MAX_FIRST) return first;
  throw badUserInput(`first must be from 1 to ${MAX_FIRST}, not ${first}.`);
}

/** Relay connections over a keyset: a cursor is the place of its item in the order, so it survives deletions. */

export interface Connection<T> {
  edges: Edge<T>[];
  pageInfo: PageInfo<T>;
}

type CursorOf<T> = (item: T) => string;

/** Makes its cursor when it is asked for: most pages show only the last one. */
class Edge<T> {
  readonly node: T;
  readonly #cursorOf: CursorOf<T>;

  constructor(node: T, cursorOf: CursorOf<T>) {
    this.node = node;
    this.#cursorOf = cursorOf;
  }

  get cursor(): string {
    return this.#cursorOf(this.node);
  }
}

class PageInfo<T> {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: readonly Edge<T>[];

  constructor(edges: readonly Edge<T>[], hasNextPage: boolean, hasPreviousPage: boolean) {
    this.#edges = edges;
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
  }

  get startCursor(): string | null {
    return this.#edges[0]?.cursor ?? null;
  }

  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

/**
 * @param items what comes behind `after`, one more than `first` when there is more
 */
export function toConnection<T>(
  items: readonly T[],
  first: number,
  after: unknown,
  cursorOf: CursorOf<T>,
): Connection<T> {
  const edges = items.slice(0, first).map((node) => new Edge(node, cursorOf));
  return {
    edges,
    pageInfo: new PageInfo(edges, items.length > first, after !== null && after !== undefined),
  };
}

/** Opaque for clients: the parts of a place in an order. */
export function encodeCursor(...parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * The place that a page begins behind; null for the first page.
 * @param place reads the parts that encodeCursor is given for the items of this list
 */
export function readCursor<Place>(after: string | null | undefined, place: z.ZodType<Place>): Place | null {
  if (after === null || after === undefined) return null;
  const { success, data } = place.safeParse(decodeCursor(after));
  if (success) return data;
  throw badUserInput('after must be a cursor of this list.');
}

/** Undefined for what holds no JSON. */
function decodeCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
