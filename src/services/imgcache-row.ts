import type { StoreStatus } from './imgcache.js';

/**
 * An entry as imgcache sends it. Its times have a zone where its database keeps them, as SQLite does not: they are in UTC.
 * What is optional only a Lookalike sends, where it applies.
 */
export interface Row {
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
  /** Every URL, where there are several, but not too many: these are asked for by themselves. */
  urls?: readonly string[];
  more_urls?: true;
  /** In the answer to a store. */
  status?: StoreStatus;
  /** In the answer to a search for look-alikes. */
  hamming_distance?: number;
}
