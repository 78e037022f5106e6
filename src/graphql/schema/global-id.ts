import { bucketProblem } from '../../services/bucket.js';
import { isContentHash } from '../../services/content-hash.js';
import type { EntryName } from '../../services/entry.js';
import { imageKeyText } from '../../services/image-key.js';
import type { ImageKey } from '../../services/visualsnoop.js';

/** Relay's global ids: the type and the services' own key, so they are stable over restarts and between modes. */

export type NodeType = 'Collection' | 'DuplicateGroup' | 'Entry' | 'Image';

export function encodeGlobalId(type: NodeType, key: string): string {
  return Buffer.from(`${type}:${key}`).toString('base64url');
}

/** Null for what encodeGlobalId did not make. */
export function decodeGlobalId(id: string): { type: string; key: string } | null {
  const text = Buffer.from(id, 'base64url').toString();
  const colon = text.indexOf(':');
  if (colon < 1 || Buffer.from(text).toString('base64url') !== id) return null;
  return { type: text.slice(0, colon), key: text.slice(colon + 1) };
}

/** The key of an entry: its content hash, and behind it the bucket where a call named that. */
export function entryKey({ contentHash, bucket }: EntryName): string {
  return bucket === undefined ? contentHash : `${contentHash}@${bucket}`;
}

/** Null for a text that entryKey did not make. */
export function decodeEntryKey(text: string): EntryName | null {
  const [, contentHash = '', bucket] = /^([0-9a-f]{64})(?:@(.*))?$/s.exec(text) ?? [];
  if (!isContentHash(contentHash) || (bucket !== undefined && bucketProblem(bucket) !== null)) return null;
  return { contentHash, ...(bucket !== undefined && { bucket }) };
}

/** Null for a text that imageKeyText did not make. */
export function decodeImageKey(text: string): ImageKey | null {
  try {
    const [collectionId, imageId]: unknown[] = JSON.parse(text);
    if (typeof collectionId !== 'string' || typeof imageId !== 'string') return null;
    return imageKeyText({ collectionId, imageId }) === text ? { collectionId, imageId } : null;
  } catch {
    return null;
  }
}
