import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = z.record(z.string(), z.string());

/**
 * Reads the documents that generators of persisted documents write: one JSON object, `{ "id": "query …", … }`.
 * @throws Error in one line
 */
export function readTrustedDocuments(path: string): ReadonlyMap<string, string> {
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const { success, data } = manifest.safeParse(content);
  if (!success) throw new Error('it must hold one JSON object, with a document for each id');
  return new Map(Object.entries(data));
}
