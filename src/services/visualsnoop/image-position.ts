import type { ImagePosition } from './api.js';

/** The order of listings: newest first, then by imageId. */
export function comparePositions(a: ImagePosition, b: ImagePosition): number {
  if (a.imageTime !== b.imageTime) return a.imageTime > b.imageTime ? -1 : 1;
  // UTF-8 sorts by code point; strings sort by UTF-16 code unit.
  return Buffer.compare(Buffer.from(a.imageId), Buffer.from(b.imageId));
}
