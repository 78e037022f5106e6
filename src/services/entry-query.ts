import type { EntryOrder, EntryPosition } from './entry-order.js';
import type { Timestamp } from './timestamp.js';

/** The conditions of a list, all of which an entry must meet. */
export interface EntryFilter {
  /** A plain substring of any of the entry's URLs, ASCII letters in either case. */
  urlContains?: string;
  /** The host of any of the entry's URLs, as `urlHost` gives it, ASCII letters in either case. */
  urlHost?: string;
  clientName?: string;
  /** Any of these. */
  clientNames?: readonly string[];
  contentType?: string;
  /** Any of these; `image/*` is each type that begins with `image/`. */
  contentTypes?: readonly string[];
  createdFrom?: Timestamp;
  createdBefore?: Timestamp;
  /** In pixels; no entry without a known width meets it. */
  minWidth?: number;
  minHeight?: number;
  hasPerceptualHash?: boolean;
  /** Exactly this. */
  prefix?: string;
}

export interface EntryQuery {
  /** @default all entries */
  filter?: EntryFilter;
  order: EntryOrder;
  /** Selects the entries behind this place in the order; the entry at it need not exist any more. */
  after?: EntryPosition;
  /** Selects those in front of this place. */
  before?: EntryPosition;
  /**
   * The most results.
   * @default all
   */
  limit?: number;
  /** Whether entries may be brief, which spares a call for each where lists do not tell all of them. */
  mayBeBrief?: boolean;
}

/** A client, and how many entries it stored first. */
export interface ClientCount {
  name: string;
  entryCount: number;
}

export interface ClientQuery {
  /** What the names begin with, letter by letter; empty means all. */
  startsWith: string;
  limit: number;
}

/** The default of `maxHammingDistance`, in the graph and in imgcache's protocol. */
export const DEFAULT_MAX_HAMMING_DISTANCE = 4;

export interface SimilarQuery {
  perceptualHash: string;
  /** 0 to 64. */
  maxHammingDistance: number;
  /**
   * The most results.
   * @default all
   */
  limit?: number;
}
