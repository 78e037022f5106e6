/**
 * An entry in the JSON of the newer protocol, with `/cache` and `/browse`, which the remote client reads. Its times have
 * a zone where its database keeps them, as SQLite does not: they are in UTC.
 */
export interface WireCacheEntry extends WireBrowseItem {
  filename: string | null;
  perceptual_hash: string | null;
  file_extension: string | null;
  meta: unknown;
  /** Every URL; the original knows only the first. */
  aliases: readonly string[];
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
}

/** A part of a list of `/browse`. */
export interface WireBrowsePage {
  items: readonly WireBrowseItem[];
  /** Leads to the next part; null at the end. */
  next_cursor: string | null;
}
