import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

export interface QueryLimitOptions {
  /** Of the query's text, in bytes of UTF-8. */
  maxBytes: number;
}

/** Refuses a query whose text is too long before it is parsed. */
export function useQueryLimit({ maxBytes }: QueryLimitOptions): Plugin {
  return {
    onParams({ params }) {
      if (typeof params.query !== 'string' || Buffer.byteLength(params.query) <= maxBytes) return;
      throw new GraphQLError(`The query is longer than ${maxBytes} bytes.`, {
        extensions: { code: 'PAYLOAD_TOO_LARGE', http: { status: 413 } },
      });
    },
  };
}
