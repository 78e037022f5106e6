import type { ImageKey } from './visualsnoop.js';

/** The one text of an image's key, for maps and ids. Both ids may have any characters, so none can stand between them. */
export function imageKeyText({ collectionId, imageId }: ImageKey): string {
  return JSON.stringify([collectionId, imageId]);
}
