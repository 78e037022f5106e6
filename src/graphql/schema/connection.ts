import { type GraphQLResolveInfo, Kind } from 'graphql';
import { badUserInput } from './bad-user-input.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import type { CursorArgument } from './cursor.js';

/** The longest page. */
export const MAX_FIRST = 100;
const DEFAULT_FIRST = 20;

// The arguments for a part of a list.

export const FIRST = {
  defaultValue: DEFAULT_FIRST,
  description: `How many, 1 to ${MAX_FIRST}; null means the default.`,
} as const;

export const AFTER = { description: 'The endCursor of the page before.' } as const;

export const LAST = {
  description: `How many from the end, or in front of before, 1 to ${MAX_FIRST}; instead of first.`,
} as const;

export const BEFORE = { description: 'The startCursor of the page behind.' } as const;

/** @param otherwise the default of the argument, which null means too */
export function checkFirst(first: number | null | undefined, otherwise: number = DEFAULT_FIRST): number {
  return checkLength('first', first ?? otherwise);
}

function checkLength(argument: 'first' | 'last', length: number): number {
  if (length >= 1 && length <= MAX_FIRST) return length;
  throw badUserInput(`${argument} must be from 1 to ${MAX_FIRST}, not ${length}.`);
}

/** Relay connections over a keyset: a cursor is the place of its item in the order, so it survives deletions. */

export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** A part of a list: from its beginning on, or from its end backwards. */
export interface Page<Place> {
  size: number;
  backwards: boolean;
  after: Place | undefined;
  before: Place | undefined;
}

/**
 * Reads the arguments of a connection.
 *
 * @param info tells whether `first` was given, or is its default
 * @param readCursor reads the place in a cursor of the list
 * @param otherwise the default of `first`
 */
export function readPage<Place>(
  { first, after, last, before }: PageArguments,
  info: GraphQLResolveInfo,
  readCursor: (argument: CursorArgument, cursor: string) => Place,
  otherwise: number = DEFAULT_FIRST,
): Page<Place> {
  const backwards = typeof last === 'number';
  if (backwards && typeof first === 'number' && isGiven('first', info))
    throw badUserInput('first and last exclude each other: give one of them.');
  return {
    size: backwards ? checkLength('last', last) : checkFirst(first, otherwise),
    backwards,
    after: typeof after === 'string' ? readCursor('after', after) : undefined,
    before: typeof before === 'string' ? readCursor('before', before) : undefined,
  };
}

/** Whether an argument was given, by a literal or by a variable that has a value. */
function isGiven(argument: string, { fieldNodes, variableValues }: GraphQLResolveInfo): boolean {
  const given = fieldNodes[0]?.arguments?.find(({ name }) => name.value === argument);
  if (given?.value.kind !== Kind.VARIABLE) return given !== undefined;
  return variableValues[given.value.name.value] !== undefined;
}

/**
 * What a service is asked for: one item more than the page has, which tells whether there are more. Who reads backwards
 * asks for the reverse order.
 */
export function rangeOf<Place>({ size, backwards, after, before }: Page<Place>): {
  after?: Place;
  before?: Place;
  limit: number;
} {
  const [begin, end] = backwards ? [before, after] : [after, before];
  return {
    ...(begin !== undefined && { after: begin }),
    ...(end !== undefined && { before: end }),
    limit: size + 1,
  };
}

export interface Connection<T> {
  edges: Edge<T>[];
  pageInfo: PageInfo<T>;
  /** How many items the whole list has; null where the service cannot say. */
  countAll(): Promise<number | null>;
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
 * @param items what the service gave for `rangeOf(page)`
 * @param countAll is called only where the total is asked for
 */
export function toConnection<T>(
  items: readonly T[],
  { size, backwards, after, before }: Page<unknown>,
  cursorOf: CursorOf<T>,
  countAll: () => Promise<number | null>,
): Connection<T> {
  const edges = items.slice(0, size).map((node) => new Edge(node, cursorOf));
  if (backwards) edges.reverse();
  const hasMore = items.length > size;
  // At the place that the page was asked for from, there is or was an item.
  const [hasNextPage, hasPreviousPage] = backwards
    ? [before !== undefined, hasMore]
    : [hasMore, after !== undefined];
  return { edges, pageInfo: new PageInfo(edges, hasNextPage, hasPreviousPage), countAll };
}

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    nullable: true,
    description:
      'How many items the whole list has, with its filter. Counted only when asked for; null when the service cannot say.',
    extensions: callsService,
    resolve: (connection) => connection.countAll(),
  }),
);
