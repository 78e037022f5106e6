import { z } from 'zod';
import { parseRfc3339, type Timestamp } from '../timestamp.js';
import type { Entry } from './api.js';

const contentHash = z.string().regex(/^[0-9a-f]{64}$/);
const perceptualHash = z.string().regex(/^[0-9a-f]{16}$/);
const pixels = z.int().nonnegative();

const row = z.object({
  url: z.string(),
  content_hash: contentHash,
  content_type: z.string(),
  file_size_bytes: z.int().nonnegative(),
  original_filename: z.string().nullable(),
  width: pixels.nullable(),
  height: pixels.nullable(),
  perceptual_hash: perceptualHash.nullable(),
  client_name: z.string(),
  lookup_time: z.string(),
  created_at: z.string(),
});

const rows = z.array(row);

/** @throws Error when it is not what imgcache documents; keys that it does not document are ignored */
export function decodeEntry(value: unknown): Entry {
  return toEntry(row.parse(value));
}

/** @throws Error */
export function decodeEntries(value: unknown): Entry[] {
  return rows.parse(value).map(toEntry);
}

export function isPerceptualHash(text: string): boolean {
  return perceptualHash.safeParse(text).success;
}

function toEntry(row: z.infer<typeof rows>[number]): Entry {
  return {
    contentHash: row.content_hash,
    url: row.url,
    urls: [row.url],
    contentType: row.content_type,
    fileSizeBytes: row.file_size_bytes,
    originalFilename: row.original_filename,
    width: row.width,
    height: row.height,
    perceptualHash: row.perceptual_hash,
    clientName: row.client_name,
    lookupTime: toTimestamp(row.lookup_time),
    createdAt: toTimestamp(row.created_at),
  };
}

/** imgcache on SQLite gives its times, which are in UTC, without a zone; on a database that keeps zones, with one. */
function toTimestamp(text: string): Timestamp {
  const time = parseRfc3339(`${text}Z`) ?? parseRfc3339(text);
  if (time === null) throw new Error('There is no such time.');
  return time;
}
