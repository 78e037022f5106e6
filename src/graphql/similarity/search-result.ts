import { ServiceError, type ServiceName } from '../../services/errors.js';
import { TooManyBytesError } from '../../services/staged-image.js';
import { NotAPictureError } from '../../services/visualsnoop.js';

export type SearchOutcome = 'SEARCHED' | 'NOT_APPLICABLE' | 'FAILED';

/** The result of one search: its matches, or the reason why there are none. */
export type SearchResult<T> =
  | { outcome: 'SEARCHED'; matches: readonly T[] }
  | { outcome: 'NOT_APPLICABLE' }
  | { outcome: 'FAILED'; error: unknown };

/** @param search gives null where the picture cannot be searched */
export async function attempt<T>(
  service: ServiceName,
  search: () => Promise<readonly T[] | null>,
): Promise<SearchResult<T>> {
  try {
    const matches = await search();
    return matches ? { outcome: 'SEARCHED', matches } : { outcome: 'NOT_APPLICABLE' };
  } catch (error) {
    return isOfPicture(error, service) ? { outcome: 'NOT_APPLICABLE' } : { outcome: 'FAILED', error };
  }
}

/** The service cannot be asked about this picture: it is none to it, or the other service failed to give it. */
function isOfPicture(error: unknown, service: ServiceName): boolean {
  if (error instanceof ServiceError) return error.service !== service;
  return error instanceof NotAPictureError || error instanceof TooManyBytesError;
}
