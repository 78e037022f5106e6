import { compareText } from '../compare-text.js';
import type { ImagePosition } from './api.js';

/** The order of listings: newest first, then by imageId. */
export function comparePositions(a: ImagePosition, b: ImagePosition): number {
  if (a.imageTime !== b.imageTime) return a.imageTime > b.imageTime ? -1 : 1;
  return compareText(a.imageId, b.imageId);
}
