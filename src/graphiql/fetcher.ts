import type { Fetcher } from '@graphiql/toolkit';

export interface FetcherOptions {
  endpoint: string;
  /** Whether nothing is answered without a key. */
  needsKey: boolean;
  /** The key, empty for none. A header of the tab wins. */
  key: string;
}

/** Makes the function that sends operations, those that read the schema too. */
export function createFetcher({ endpoint, needsKey, key }: FetcherOptions): Fetcher {
  return async (params, { headers: own = {} } = {}) => {
    const headers = new Headers({
      accept: 'application/json',
      'content-type': 'application/json',
      ...(key && { authorization: `Bearer ${key}` }),
    });
    for (const [name, value] of Object.entries(own)) headers.set(name, String(value));
    // Browsers write each refusal into the console, so that one that is certain is not asked for.
    if (needsKey && !headers.has('authorization') && !headers.has('x-api-key')) return keyMissing();
    const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(params) });
    return response.json().catch(() => {
      throw new Error(
        `The response is not JSON. Its status is ${response.status} ${response.statusText}`.trim(),
      );
    });
  };
}

function keyMissing() {
  return {
    errors: [{ message: 'Give your key in the field at the top right: nothing is answered without one.' }],
  };
}
