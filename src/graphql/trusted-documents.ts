import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { GraphQLSteps } from './steps.js';

/** Also as in the appendix "Persisted Documents" of GraphQL over HTTP. */
type Params = GraphQLParams & { documentId?: unknown };

/** Documents by their ids; undefined where any document may run. */
export type TrustedDocuments = ReadonlyMap<string, string> | undefined;

/** Lets those documents run that are trusted when they are asked for. */
export function findAllowed(trusted: () => TrustedDocuments): GraphQLSteps['findDocument'] {
  let documents: TrustedDocuments;
  let find = findAny;
  return (params, request) => {
    if (trusted() !== documents) {
      documents = trusted();
      find = documents ? findTrusted(documents) : findAny;
    }
    return find(params, request);
  };
}

/**
 * Lets only trusted documents run. A request gives the text of one, or its id as `documentId` or as
 * `extensions.persistedQuery.sha256Hash`. Of an unknown hash it is not said that it is a persisted query which is not
 * found or not supported: the client would send the text, and that is as unknown.
 */
export function findTrusted(documents: ReadonlyMap<string, string>): GraphQLSteps['findDocument'] {
  const byId: ReadonlyMap<unknown, string> = documents;
  const texts = new Set(documents.values());
  return (params, request) => {
    const { documentId, ...rest }: Params = params;
    const id = documentId ?? persistedQueryHash(rest) ?? idInAddress(request);
    const query = rest.query ?? byId.get(id);
    if (!query || !texts.has(query)) throw notTrusted();
    return { ...rest, query };
  };
}

/** Lets any document run. Tells clients that ask by a hash first to send texts: they do it by themselves then. */
export const findAny: GraphQLSteps['findDocument'] = (params) => {
  if (!params.query && persistedQueryHash(params) !== undefined)
    throw new GraphQLError('PersistedQueryNotSupported', {
      extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', http: { spec: true, status: 400 } },
    });
  return params;
};

/** The hash of a document, as Apollo's clients and urql send it with the text or for it. */
function persistedQueryHash({ extensions }: GraphQLParams): unknown {
  return (extensions?.persistedQuery as { sha256Hash?: unknown } | undefined)?.sha256Hash;
}

/** Yoga does not know this parameter of a GET request. */
function idInAddress({ method, url }: Request): string | null {
  return method === 'GET' ? new URL(url).searchParams.get('documentId') : null;
}

function notTrusted(): GraphQLError {
  return new GraphQLError('Only documents that this server knows may run, and this is none of them.', {
    extensions: { code: 'DOCUMENT_NOT_TRUSTED', http: { status: 403 } },
  });
}
