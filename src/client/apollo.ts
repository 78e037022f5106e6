import { connections, possibleTypes, typesWithoutId } from './cache-types.js';
import { type PagesPolicy, relayPagination } from './relay-pagination.js';

export { possibleTypes };

export interface CachePolicy {
  /** False for what has no id of its own, and is kept within what has one. */
  keyFields?: false;
  fields?: Record<string, PagesPolicy>;
}

/** For `new InMemoryCache({ possibleTypes, typePolicies })` of @apollo/client 3 and 4. */
export const typePolicies: Record<string, CachePolicy> = Object.fromEntries([
  ...typesWithoutId.map((name): [string, CachePolicy] => [name, { keyFields: false }]),
  ...Object.entries(connections).map(([name, fields]): [string, CachePolicy] => [
    name,
    {
      fields: Object.fromEntries(
        Object.entries(fields).map(([field, keyArgs]) => [field, relayPagination(keyArgs)]),
      ),
    },
  ]),
]);
