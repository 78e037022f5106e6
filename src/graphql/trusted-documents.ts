import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { findPersisted, persistedQueryHash } from './persisted-queries.js';
import type { GraphQLSteps } from './steps.js';

/** Also as in the appendix "Persisted Documents" of GraphQL over HTTP. */
type Params = GraphQLParams & { documentId?: unknown };

/** Documents by their ids; undefined where any document may run. */
export type TrustedDocuments = ReadonlyMap<string, string> | undefined;

/** Lets those documents run that are trusted when they are asked for; where none are given, any. */
export function findAllowed(trusted: () => TrustedDocuments): GraphQLSteps['findDocument'] {
  const findAny = findPersisted();
  let documents: TrustedDocuments;
  let find = findAny;
  return (params) => {
    if (trusted() !== documents) {
      documents = trusted();
      find = documents ? findTrusted(documents) : findAny;
    }
    return find(params);
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
  return (params) => {
    const { documentId, ...rest }: Params = params;
    const query = rest.query ?? byId.get(documentId ?? persistedQueryHash(rest));
    if (!query || !texts.has(query)) throw notTrusted();
    return { ...rest, query };
  };
}

function notTrusted(): GraphQLError {
  return new GraphQLError('Only documents that this server knows may run, and this is none of them.', {
    extensions: { code: 'DOCUMENT_NOT_TRUSTED', http: { status: 403 } },
  });
}
