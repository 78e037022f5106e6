import { readFileSync } from 'node:fs';

/** One exchange with the original server, as its recorder wrote it down. */
export interface Exchange {
  id: string;
  /** A description rather than bytes. */
  request: string;
  status: number;
  headers: Record<string, string>;
  /** JSON, text, or what the recorder made of something long. */
  body: unknown;
  /** Where the description does not give it whole. */
  url?: string;
}

export interface RecordedEntry {
  url: string;
  content_hash: string;
  content_type: string;
  file_size_bytes: number;
  original_filename: string | null;
  width: number | null;
  height: number | null;
  perceptual_hash: string | null;
  lookup_time: string;
  created_at: string;
}

/** 260 exchanges with an unmodified imgcache of commit 44addc8, in their order. */
export const TRANSCRIPT = JSON.parse(
  readFileSync(new URL('../fixtures/transcripts/imgcache.json', import.meta.url), 'utf8'),
) as readonly Exchange[];

export function isEntry(body: unknown): body is RecordedEntry {
  return typeof body === 'object' && body !== null && 'content_hash' in body;
}

/** The entry that an exchange answered with, or the first one that is so; times that were now are masked. */
export function entryOf(which: string | ((entry: RecordedEntry) => boolean)): RecordedEntry {
  const found = TRANSCRIPT.find(({ id, body }) =>
    isEntry(body) ? (typeof which === 'string' ? id === which : which(body)) : false,
  );
  return masked(found?.body) as RecordedEntry;
}

/** The day of the recording. */
const RECORDED_NOW = /^2026-11-20T/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/;

/**
 * Hides the times that are not the same in a replay, but not their form.
 *
 * @param recorded what the same place of the transcript holds, where that is not the body itself
 */
export function masked(body: unknown, recorded: unknown = body): unknown {
  if (Array.isArray(body)) return body.map((row) => masked(row));
  if (!isEntry(body)) return body;
  const wasNow = isEntry(recorded) && RECORDED_NOW.test(recorded.lookup_time);
  return {
    ...body,
    ...(TIME.test(body.created_at) && { created_at: 'now' }),
    ...(wasNow && TIME.test(body.lookup_time) && { lookup_time: 'now' }),
  };
}
