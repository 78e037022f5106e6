import { readFileSync } from 'node:fs';
import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { z } from 'zod';
import type { GraphQLSteps } from './steps.js';

/** Documents by id. */
export type TrustedDocuments = ReadonlyMap<string, string>;

const manifest = z.record(z.string(), z.string());

/**
 * Reads the documents that generators of persisted documents write: one JSON object, `{ "id": "query …", … }`.
 * @throws Error in one line
 */
export function readTrustedDocuments(path: string): TrustedDocuments {
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const { success, data } = manifest.safeParse(content);
  if (!success) throw new Error('it must hold one JSON object, with a document for each id');
  return new Map(Object.entries(data));
}

/** Also as in the appendix "Persisted Documents" of GraphQL over HTTP. */
type Params = GraphQLParams & { documentId?: unknown };

/**
 * Lets only trusted documents run. A request gives the text of one, or its id as `documentId` or as
 * `extensions.persistedQuery.sha256Hash`. Of an unknown hash it is not said that it is a persisted query which is not
 * found or not supported: the client would send the text, and that is as unknown.
 */
export function findTrusted(documents: TrustedDocuments): GraphQLSteps['findDocument'] {
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
