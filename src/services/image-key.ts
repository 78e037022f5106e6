import type { ImageKey } from './visualsnoop.js';

/** The key of an image as one text, for maps and ids: JSON, as both ids may have any character that would separate them. */
export function imageKeyText({ collectionId, imageId }: ImageKey): string {
  return JSON.stringify([collectionId, imageId]);
}
