import { compareText } from '../../services/compare-text.js';
import type { ServiceError } from '../../services/errors.js';
import { lowerAscii } from '../../services/lower-ascii.js';
import type { Image, ImageFilter, ImagePosition, ImageQuery } from '../../services/visualsnoop.js';
import { MAX_PAGE_SIZE } from '../../services/visualsnoop.js';
import { badResponse, unsupported } from './failures.js';
import type { ImagePage } from './responses.js';

type ReadPage = (start: string | undefined, count: number) => Promise<ImagePage | null>;

/** The most images that are walked over for a list that is not just the newest ones: 50 calls. */
const MAX_WALKED = 50 * MAX_PAGE_SIZE;

/**
 * Reads the images of a collection, which the protocol gives newest first only: all else is picked out on the way.
 *
 * @param readPage gives null when there is no image `start`
 * @throws ServiceError UNSUPPORTED where the way is too long
 */
export async function listRemoteImages(
  readPage: ReadPage,
  { order = 'NEWEST_FIRST', filter = {}, after, before, from, limit }: ImageQuery,
): Promise<Image[]> {
  const newestFirst = order === 'NEWEST_FIRST';
  const [begin, end] = newestFirst ? [after, before] : [before, after];
  const isPlain = newestFirst && !end && Object.values(filter).every((condition) => condition === undefined);
  let found: Image[] = [];
  let walked = 0;
  const wanted = () => (isPlain ? limit - found.length : MAX_PAGE_SIZE);
  for await (const images of walk(readPage, wanted, begin, from)) {
    const stop = images.findIndex((image) => isBeyond(image, end, filter));
    found.push(...(stop < 0 ? images : images.slice(0, stop)).filter((image) => matches(image, filter)));
    if (!newestFirst) found = found.slice(-limit);
    else if (found.length >= limit) break;
    if (stop >= 0) break;
    walked += images.length;
    if (!isPlain && walked >= MAX_WALKED) throw tooFar();
  }
  return newestFirst ? found.slice(0, limit) : found.reverse();
}

/**
 * The images behind a place, or from one on, page by page. The protocol starts a page at an image; where that one was
 * deleted meanwhile, the walk begins at the top and skips the images before the place where it was.
 *
 * @param wanted how many are still of use
 */
async function* walk(
  readPage: ReadPage,
  wanted: () => number,
  after: ImagePosition | undefined,
  from: string | undefined,
): AsyncGenerator<readonly Image[]> {
  const starts = new Set<string>();
  const gone = new Set<string>();
  let start = after?.imageId ?? from;
  let skipTo = after;
  let last: Image | undefined;
  while (wanted() > 0) {
    const farAway = skipTo && start !== skipTo.imageId;
    const count = farAway ? MAX_PAGE_SIZE : Math.min(wanted() + (skipTo ? 1 : 0), MAX_PAGE_SIZE);
    const page = await readPage(start, count);
    if (page) {
      const found = skipTo ? imagesBehind(page.images, skipTo) : page.images;
      if (found.length > 0) {
        skipTo = undefined;
        last = found.at(-1);
        yield found;
      }
      if (page.nextImageId === null) return;
      if (starts.has(page.nextImageId)) throw misled();
      start = page.nextImageId;
      starts.add(start);
    } else {
      if (start === undefined || gone.has(start)) throw misled();
      skipTo = last ?? skipTo;
      if (!skipTo) return;
      gone.add(start);
      starts.clear();
      start = undefined;
    }
  }
}

/** Whether no image from this one on is selected. */
function isBeyond(image: Image, end: ImagePosition | undefined, { imageTimeFrom }: ImageFilter): boolean {
  if (imageTimeFrom !== undefined && image.imageTime < imageTimeFrom) return true;
  return end !== undefined && comparePositions(image, end) >= 0;
}

function matches({ imageId, imageTime }: Image, { imageIdContains, imageTimeBefore }: ImageFilter): boolean {
  return (
    (imageIdContains === undefined || lowerAscii(imageId).includes(lowerAscii(imageIdContains))) &&
    (imageTimeBefore === undefined || imageTime < imageTimeBefore)
  );
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

function tooFar(): ServiceError {
  return unsupported(
    `A remote VisualSnoop lists the newest images first, and of more than ${MAX_WALKED} no others are looked for.`,
  );
}

function misled(): ServiceError {
  return badResponse('VisualSnoop gave pages that lead nowhere.');
}
