import { isStorable } from './storable-text.js';

const MAX_CHARACTERS = 100;

/**
 * Why a text cannot be the id of an image; null when it can. An id has 1 to 100 code points and is neither `.` nor
 * `..`, which clients resolve away as segments of a path. It must be storable: the databases and URLs of both services carry it.
 */
export function imageIdProblem(imageId: string): string | null {
  if (imageId === '') return 'An image id is not empty.';
  if (imageId === '.' || imageId === '..') return 'An image id is neither "." nor "..".';
  if ([...imageId].length > MAX_CHARACTERS) {
    return `An image id has at most ${MAX_CHARACTERS} characters.`;
  }
  if (!isStorable(imageId)) return 'An image id has neither NUL nor half a surrogate pair.';
  return null;
}
