import type { StoreStatus } from './entry-origin.js';

/**
 * An entry in the JSON of imgcache's protocol, which the remote client reads and the gateway's own server writes. Its
 * times have a zone where its database keeps them, as SQLite does not: they are in UTC. Optional fields are sent by a
 * Lookalike only, where they apply.
 */
export interface WireEntry {
  url: string;
  content_hash: string;
  content_type: string;
  file_size_bytes: number;
  original_filename: string | null;
  width: number | null;
  height: number | null;
  perceptual_hash: string | null;
  client_name: string;
  lookup_time: string;
  created_at: string;
  /** Every URL, where there are several; where they are too many, `more_urls` instead. */
  urls?: readonly string[];
  more_urls?: true;
  /** In the response to a store. */
  status?: StoreStatus;
  /** In the response to a search for look-alikes. */
  hamming_distance?: number;
}
