import { z } from 'zod';
import { parseRfc3339, type Timestamp } from '../timestamp.js';
import type { Entry } from './api.js';

const contentHash = z.string().regex(/^[0-9a-f]{64}$/);
const perceptualHash = z.string().regex(/^[0-9a-f]{16}$/);
const pixels = z.int().nonnegative();

/** imgcache on SQLite gives its times, which are in UTC, without a zone; on a database that keeps zones, with one. */
const time = z.string().transform((text, context): Timestamp => {
  const zoned = /(?:[Zz]|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  const parsed = parseRfc3339(zoned);
  if (parsed !== null) return parsed;
  context.addIssue('There is no such time.');
  return z.NEVER;
});

const entry = z
  .object({
    url: z.string(),
    content_hash: contentHash,
    content_type: z.string(),
    file_size_bytes: z.int().nonnegative(),
    original_filename: z.string().nullable(),
    width: pixels.nullable(),
    height: pixels.nullable(),
    perceptual_hash: perceptualHash.nullable(),
    client_name: z.string(),
    lookup_time: time,
    created_at: time,
  })
  .transform(
    (row): Entry => ({
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
      lookupTime: row.lookup_time,
      createdAt: row.created_at,
    }),
  );

const entries = z.array(entry);

/** @throws ZodError when it is not what imgcache documents; keys that it does not document are ignored */
export function decodeEntry(value: unknown): Entry {
  return entry.parse(value);
}

/** @throws ZodError */
export function decodeEntries(value: unknown): Entry[] {
  return entries.parse(value);
}

export function isContentHash(text: string): boolean {
  return contentHash.safeParse(text).success;
}

export function isPerceptualHash(text: string): boolean {
  return perceptualHash.safeParse(text).success;
}
