import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { persistedQueryHash } from './use-no-persisted-queries.js';

/** Also as in the appendix "Persisted Documents" of GraphQL over HTTP. */
type Params = GraphQLParams & { documentId?: unknown };

export interface TrustedDocumentsOptions {
  /** The documents that may run, by id. */
  documents: ReadonlyMap<string, string>;
}

/**
 * Runs only known documents. A request gives the text of one, or its id as `documentId` or as
 * `extensions.persistedQuery.sha256Hash`. Of an unknown hash it is not said that it is a persisted query which is not
 * found or not supported: the client would send the text, and that is as unknown.
 */
export function useTrustedDocuments({ documents }: TrustedDocumentsOptions): Plugin {
  const byId: ReadonlyMap<unknown, string> = documents;
  const texts = new Set(documents.values());
  return {
    onParams({ params, request, setParams }) {
      const { documentId, ...rest }: Params = params;
      const id = documentId ?? persistedQueryHash(rest) ?? idInAddress(request);
      const query = rest.query ?? byId.get(id);
      if (!query || !texts.has(query)) throw notTrusted();
      setParams({ ...rest, query });
    },
  };
}

/** Yoga does not read this parameter of a GET request. */
function idInAddress({ method, url }: Request): string | null {
  return method === 'GET' ? new URL(url).searchParams.get('documentId') : null;
}

function notTrusted(): GraphQLError {
  return new GraphQLError('Only documents that this server knows may run, and this is none of them.', {
    extensions: { code: 'DOCUMENT_NOT_TRUSTED', http: { status: 403 } },
  });
}
