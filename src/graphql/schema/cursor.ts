import type { z } from 'zod';
import { badUserInput } from './bad-user-input.js';

/** An argument that takes a cursor. */
export type CursorArgument = 'after' | 'before';

type Part = string | number;

/** Opaque for clients: the parts of a place in an order. */
export function encodeCursor(...parts: readonly Part[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @param place reads the parts that encodeCursor is given for the items of this list */
export function readCursor<Place>(argument: CursorArgument, cursor: string, place: z.ZodType<Place>): Place {
  return readParts(argument, decodeCursor(cursor), place);
}

/** What the cursors of a list in one order are made of. */
interface CursorForm<Item, Place> {
  partsOf(item: Item): readonly Part[];
  /** Reads the parts. */
  place: z.ZodType<Place>;
}

/**
 * The cursors of a list that has several orders. Each is bound to its order, whose name it begins with; those of the
 * first order have none, as when there was no other.
 */
export class OrderedCursors<Order extends string, Item, Place> {
  readonly #first: Order;
  readonly #forms: Readonly<Record<Order, CursorForm<Item, Place>>>;

  constructor(first: Order, forms: Readonly<Record<Order, CursorForm<Item, Place>>>) {
    this.#first = first;
    this.#forms = forms;
  }

  encode(order: Order, item: Item): string {
    const parts = this.#forms[order].partsOf(item);
    return order === this.#first ? encodeCursor(...parts) : encodeCursor(order, ...parts);
  }

  read(order: Order, argument: CursorArgument, cursor: string): Place {
    const decoded = decodeCursor(cursor);
    const named = Array.isArray(decoded) && this.#isOrder(decoded[0]) ? decoded[0] : null;
    const given = named ?? this.#first;
    const parts = Array.isArray(decoded) && named ? decoded.slice(1) : decoded;
    const place = readParts(argument, parts, this.#forms[given].place);
    if (given === order) return place;
    throw badUserInput(`${argument} is a cursor of the order ${given}, and not of ${order}: begin anew.`);
  }

  #isOrder(part: unknown): part is Order {
    return typeof part === 'string' && Object.hasOwn(this.#forms, part);
  }
}

function readParts<Place>(argument: CursorArgument, parts: unknown, place: z.ZodType<Place>): Place {
  const { success, data } = place.safeParse(parts);
  if (success) return data;
  throw badUserInput(`${argument} must be a cursor of this list.`);
}

/** Undefined for what holds no JSON. */
function decodeCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
