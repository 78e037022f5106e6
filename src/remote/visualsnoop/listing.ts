import type { ServiceError } from '../../services/errors.js';
import type { Image, ImagePosition } from '../../services/visualsnoop.js';
import { MAX_PAGE_SIZE } from '../../services/visualsnoop.js';
import { badResponse } from './failures.js';
import { comparePositions } from './image-position.js';
import type { ImagePage } from './responses.js';

/**
 * Walks the pages of a collection, newest first. The protocol starts a page at an image; where that one was deleted
 * meanwhile, the walk begins at the top and passes over what comes before the place where it was.
 *
 * @param readPage null when there is no image `start`
 */
export async function listRemoteImages(
  readPage: (start: string | undefined, count: number) => Promise<ImagePage | null>,
  { after, from, limit }: { after?: ImagePosition; from?: string; limit: number },
): Promise<Image[]> {
  const images: Image[] = [];
  const starts = new Set<string>();
  const gone = new Set<string>();
  let start = after?.imageId ?? from;
  let passOver = after;
  while (images.length < limit) {
    const wanted = limit - images.length + (passOver ? 1 : 0);
    const farAway = passOver && start !== passOver.imageId;
    const page = await readPage(start, farAway ? MAX_PAGE_SIZE : Math.min(wanted, MAX_PAGE_SIZE));
    if (page) {
      const found = passOver ? imagesBehind(page.images, passOver) : page.images;
      if (found.length > 0) passOver = undefined;
      images.push(...found);
      if (page.nextImageId === null) break;
      if (starts.has(page.nextImageId)) throw misled();
      start = page.nextImageId;
      starts.add(start);
    } else {
      if (start === undefined || gone.has(start)) throw misled();
      passOver = images.at(-1) ?? passOver;
      if (!passOver) break;
      gone.add(start);
      starts.clear();
      start = undefined;
    }
  }
  return images.slice(0, limit);
}

/** Empty when none of the images is behind the position. Among images of one time the order is the service's own. */
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
