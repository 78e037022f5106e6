import { isContentHash } from '../content-hash.js';
import { isHex } from '../hex.js';
import { isUtcTime, parseUtc } from '../timestamp.js';
import type { Entry } from './api.js';

const MAX_INT = 2 ** 31 - 1;

/** An entry as imgcache sends it. Its times have a zone where its database keeps them, as SQLite does not: they are in UTC. */
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
}

/** @throws Error when it is not what imgcache documents; keys that it does not document are ignored */
export function decodeEntry(value: unknown): Entry {
  return toEntry(decodeRow(value));
}

/**
 * Checks the rows of a list. What is needed of them becomes entries afterwards, which takes longer than the check.
 * @throws Error
 */
export function decodeRows(value: unknown): Row[] {
  if (!Array.isArray(value)) throw new Error('A list of entries is no array.');
  return value.map(decodeRow);
}

function decodeRow(value: unknown): Row {
  if (!isRow(value)) throw new Error('An entry is not as imgcache documents it.');
  return value;
}

export function toEntry(row: Row): Entry {
  return {
    contentHash: row.content_hash,
    url: row.url,
    contentType: row.content_type,
    fileSizeBytes: row.file_size_bytes,
    originalFilename: row.original_filename,
    width: row.width,
    height: row.height,
    perceptualHash: row.perceptual_hash,
    clientName: row.client_name,
    lookupTime: parseUtc(row.lookup_time)!, // A row was checked.
    createdAt: parseUtc(row.created_at)!,
  };
}

/** By hand, because a schema would take longer for the rows of a page than parsing them. */
function isRow(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Partial<Record<keyof Row, unknown>>;
  return (
    typeof row.url === 'string' &&
    typeof row.content_hash === 'string' &&
    isContentHash(row.content_hash) &&
    typeof row.content_type === 'string' &&
    isCount(row.file_size_bytes) &&
    (row.original_filename === null || typeof row.original_filename === 'string') &&
    (row.width === null || isDimension(row.width)) &&
    (row.height === null || isDimension(row.height)) &&
    (row.perceptual_hash === null ||
      (typeof row.perceptual_hash === 'string' && isPerceptualHash(row.perceptual_hash))) &&
    typeof row.client_name === 'string' &&
    isTime(row.lookup_time) &&
    isTime(row.created_at)
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** In pixels: an Int of GraphQL. */
function isDimension(value: unknown): boolean {
  return isCount(value) && (value as number) <= MAX_INT;
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && isUtcTime(value);
}

/** Whether a text has the form of a dHash of 64 bits: 16 lower-case hex digits. */
export function isPerceptualHash(text: string): boolean {
  return isHex(text, 16);
}
