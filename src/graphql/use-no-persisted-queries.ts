import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';

/** The hash of a document, as Apollo's clients and urql send it with the text or for it. */
export function persistedQueryHash({ extensions }: GraphQLParams): unknown {
  return (extensions?.persistedQuery as { sha256Hash?: unknown } | undefined)?.sha256Hash;
}

/** Tells clients that ask by a hash first to send texts: they understand nothing else, and do it by themselves. */
export function useNoPersistedQueries(): Plugin {
  return {
    onParams({ params }) {
      if (!params.query && persistedQueryHash(params) !== undefined)
        throw new GraphQLError('PersistedQueryNotSupported', {
          extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', http: { spec: true, status: 400 } },
        });
    },
  };
}
