import { compareText } from '../../services/compare-text.js';
import type { ImagePosition } from '../../services/visualsnoop.js';

/** The order of listings: newest first, then by imageId. */
export function comparePositions(a: ImagePosition, b: ImagePosition): number {
  return compareText(b.imageTime, a.imageTime) || compareText(a.imageId, b.imageId);
}
