import { typesWithoutId } from './cache-types.js';

const noKey = (): null => null;

/** For `cacheExchange({ keys })` of @urql/exchange-graphcache: null for what has no id of its own. */
export const keys: Record<string, () => null> = Object.fromEntries(
  typesWithoutId.map((name) => [name, noKey]),
);
