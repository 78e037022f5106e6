import { compareText } from '../../services/compare-text.js';
import type { ServiceError } from '../../services/errors.js';
import type { Image, ImagePosition } from '../../services/visualsnoop.js';
import { MAX_PAGE_SIZE } from '../../services/visualsnoop.js';
import { badResponse } from './failures.js';
import type { ImagePage } from './responses.js';

/**
 * Reads the images of a collection page by page, newest first. The protocol starts a page at an image; where that one was
 * deleted meanwhile, the walk begins at the top and skips the images before the place where it was.
 *
 * @param readPage gives null when there is no image `start`
 */
export async function listRemoteImages(
  readPage: (start: string | undefined, count: number) => Promise<ImagePage | null>,
  { after, from, limit }: { after?: ImagePosition; from?: string; limit: number },
): Promise<Image[]> {
  const images: Image[] = [];
  const starts = new Set<string>();
  const gone = new Set<string>();
  let start = after?.imageId ?? from;
  let skipTo = after;
  while (images.length < limit) {
    const wanted = limit - images.length + (skipTo ? 1 : 0);
    const farAway = skipTo && start !== skipTo.imageId;
    const page = await readPage(start, farAway ? MAX_PAGE_SIZE : Math.min(wanted, MAX_PAGE_SIZE));
    if (page) {
      const found = skipTo ? imagesBehind(page.images, skipTo) : page.images;
      if (found.length > 0) skipTo = undefined;
      images.push(...found);
      if (page.nextImageId === null) break;
      if (starts.has(page.nextImageId)) throw misled();
      start = page.nextImageId;
      starts.add(start);
    } else {
      if (start === undefined || gone.has(start)) throw misled();
      skipTo = images.at(-1) ?? skipTo;
      if (!skipTo) break;
      gone.add(start);
      starts.clear();
      start = undefined;
    }
  }
  return images.slice(0, limit);
}

/** The order of listings: newest first, then by imageId. */
export function comparePositions(a: ImagePosition, b: ImagePosition): number {
  return compareText(b.imageTime, a.imageTime) || compareText(a.imageId, b.imageId);
}

/** The images of a page behind a position. Among images of one time the order is the service's own. */
function imagesBehind(images: readonly Image[], position: ImagePosition): Image[] {
  const self = images.findIndex(
    ({ imageId, imageTime }) => imageId === position.imageId && imageTime === position.imageTime,
  );
  if (self >= 0) return images.slice(self + 1);
  const first = images.findIndex((image) => comparePositions(image, position) > 0);
  return first < 0 ? [] : images.slice(first);
}

function misled(): ServiceError {
  return badResponse('VisualSnoop gave pages that lead nowhere.');
}
