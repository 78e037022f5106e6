import type { StoreStatus } from './entry-origin.js';

/**
 * An entry in the JSON of the newer protocol, with `/cache` and `/browse`, which the remote client reads and the gateway's own
 * server writes. Its times have a zone where its database keeps them, as SQLite does not: they are in UTC. Optional fields are
 * sent by a Lookalike only, where they apply.
 */
export interface WireCacheEntry extends WireBrowseItem {
  filename: string | null;
  perceptual_hash: string | null;
  file_extension: string | null;
  /** What the client said of it; the original takes it and never tells. */
  meta: unknown;
  /** Every URL, the first one first; the original knows only that. Where they are too many, that alone. */
  aliases: readonly string[];
  /** When its client found it, where that is not when it was stored. */
  lookup_time?: string;
  /** In the response to a store. */
  status?: StoreStatus;
  /** In the response to a search for look-alikes. */
  hamming_distance?: number;
}

/** What the lists of `/browse` tell of an entry. */
export interface WireBrowseItem {
  bucket: string;
  prefix: string | null;
  url: string;
  /** BLAKE3 of the bytes. */
  hash: string;
  mime_type: string;
  size_bytes: number;
  width: number | null;
  height: number | null;
  client_name: string;
  created_at: string;
  /** When the same bytes were last stored again. */
  retrieved_at: string | null;
  /** In lists of `/browse`: what kind of cache it is from. */
  cache_type?: 'image';
  /** There are more URLs than are told here. */
  more_urls?: true;
}

/** A part of a list of `/browse`. */
export interface WireBrowsePage {
  items: readonly WireBrowseItem[];
  /** Leads to the next part; null at the end. */
  next_cursor: string | null;
}
