const MAX_CHARACTERS = 100;

/**
 * Why a text cannot be the id of an image; null when it can. An id has 1 to 100 code points and is neither `.` nor
 * `..`, which clients resolve away as segments of a path. NUL and lone surrogates fit no database and no URL.
 */
export function imageIdProblem(imageId: string): string | null {
  if (imageId === '') return 'An image id is not empty.';
  if (imageId === '.' || imageId === '..') return 'An image id is neither "." nor "..".';
  if ([...imageId].length > MAX_CHARACTERS) {
    return `An image id has at most ${MAX_CHARACTERS} characters.`;
  }
  if (/\0|\p{Surrogate}/u.test(imageId)) return 'An image id has neither NUL nor half a surrogate pair.';
  return null;
}
