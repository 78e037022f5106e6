import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';

/** Reads the parameters of a GET request. What Yoga says of broken ones is no word to a client. */
export function useAddressParams(): Plugin {
  return {
    onRequestParse({ request, url, setRequestParser }) {
      if (request.method === 'GET') setRequestParser(() => readAddress(url.searchParams));
    },
  };
}

/** An empty parameter counts as absent. */
function readAddress(given: URLSearchParams): GraphQLParams {
  const params: GraphQLParams = {};
  for (const name of ['query', 'operationName'] as const) {
    const text = given.get(name);
    if (text) params[name] = text;
  }
  for (const name of ['variables', 'extensions'] as const) {
    const text = given.get(name);
    if (text) params[name] = parse(name, text); // What is in it, Yoga checks.
  }
  return params;
}

function parse(name: string, text: string) {
  try {
    return JSON.parse(text);
  } catch {
    throw new GraphQLError(`The parameter ${name} of the address is not JSON.`, {
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    });
  }
}
