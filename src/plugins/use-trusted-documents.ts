import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';

/** Also as in the appendix "Persisted Documents" of GraphQL over HTTP. */
type Params = GraphQLParams & { documentId?: unknown };

export interface TrustedDocumentsOptions {
  /** The documents that may run, by id. */
  documents: ReadonlyMap<string, string>;
}

/**
 * Runs only known documents. A request gives the text of one, or its id as `documentId` or as
 * `extensions.persistedQuery.sha256Hash`.
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

/** As Apollo's clients send it. */
function persistedQueryHash({ extensions }: GraphQLParams): unknown {
  return (extensions?.persistedQuery as { sha256Hash?: unknown } | undefined)?.sha256Hash;
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
