import { z } from 'zod';
import { mapConcurrently } from '../../request/map-concurrently.js';
import { ServiceError } from '../../services/errors.js';
import { TooManyBytesError } from '../../services/staged-image.js';
import { ImageExistsError } from '../../services/visualsnoop.js';
import { InvalidImageError, NotFoundError } from './errors.js';

/** The most changes of one mutation. */
export const MAX_CHANGES = 100;
/** How many of them are under way at a time. */
const CONCURRENT = 8;

/** The errors of one change that the others do not mind: each is the result of its own item. */
const OF_ONE_ITEM = [ServiceError, NotFoundError, InvalidImageError, TooManyBytesError, ImageExistsError];

/** The rule of a list in an input. */
export function changes<T extends z.ZodType>(item: T) {
  return z.array(item).max(MAX_CHANGES, {
    error: ({ input }) =>
      `must have at most ${MAX_CHANGES} items, not ${Array.isArray(input) ? input.length : 'more'}.`,
  });
}

/**
 * Makes a change for each item, and gives their results in order; an error that is one is in the place of its result. What
 * is given twice is done once, and has one result in both places.
 *
 * @param nameOf the same for items that are the same
 */
export async function changeEach<Item, Result>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  change: (item: Item) => Promise<Result>,
): Promise<(Result | Error)[]> {
  const distinct = new Map(items.map((item) => [nameOf(item), item]));
  const results = await mapConcurrently([...distinct], CONCURRENT, async ([name, item]) => {
    const result = await change(item).catch(resultOfFailure);
    return [name, result] as const;
  });
  const byName = new Map(results);
  // Each is there: the results are those of the same items.
  return items.map((item) => byName.get(nameOf(item))!);
}

function resultOfFailure(error: unknown): Error {
  if (OF_ONE_ITEM.some((type) => error instanceof type)) return error as Error;
  throw error;
}
