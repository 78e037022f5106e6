import { bucketProblem } from '../../../services/bucket.js';
import { isContentHash } from '../../../services/content-hash.js';
import type { EntryPosition } from '../../../services/entry-order.js';
import { parseRfc3339 } from '../../../services/timestamp.js';

/** A place in a list of `/browse`, for its clients to give back. It says nothing of what the list is of. */
export function encodeCursor({ createdAt, contentHash, bucket }: EntryPosition): string {
  return Buffer.from(JSON.stringify([createdAt, contentHash, bucket])).toString('base64url');
}

/** Null when the text is no cursor of ours. */
export function decodeCursor(text: string): EntryPosition | null {
  const [createdAt, contentHash, bucket] = partsOf(text);
  const isPlace =
    typeof createdAt === 'string' &&
    parseRfc3339(createdAt) === createdAt &&
    typeof contentHash === 'string' &&
    isContentHash(contentHash);
  if (!isPlace) return null;
  if (bucket === null) return { createdAt, contentHash };
  return typeof bucket === 'string' && bucketProblem(bucket) === null
    ? { createdAt, contentHash, bucket }
    : null;
}

function partsOf(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(parts) && parts.length === 3 ? parts : [];
  } catch {
    return [];
  }
}
