import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { badRequest } from './params.js';
import type { GraphQLSteps } from './steps.js';

export interface PersistedQueryLimits {
  maxQueries: number;
  /** Of all texts together. */
  maxCharacters: number;
}

const LIMITS: PersistedQueryLimits = { maxQueries: 1000, maxCharacters: 2_000_000 };
/** No longer document runs. */
const MAX_CHARACTERS_OF_ONE = 100_000;

/**
 * Lets any document run, and keeps the texts that come with their hash, so that the hash alone names them from then on:
 * automatic persisted queries, as Apollo's clients and urql speak them. Of an unknown hash these send the text by themselves,
 * so that the least recently used may be forgotten at any time.
 */
export function findPersisted({
  maxQueries,
  maxCharacters,
}: PersistedQueryLimits = LIMITS): GraphQLSteps['findDocument'] {
  const texts = new LRUCache<string, string>({
    max: maxQueries,
    maxSize: maxCharacters,
    maxEntrySize: MAX_CHARACTERS_OF_ONE,
    sizeCalculation: (text) => text.length,
  });
  return (params) => {
    const persisted = params.extensions?.persistedQuery;
    if (persisted == null) return params;
    const { query } = params;
    // The check of the parameters says what is wrong with a query that is no text.
    if (query && typeof query !== 'string') return params;
    const hash = hashOf(persisted);
    if (!query) {
      const text = texts.get(hash);
      if (text === undefined) throw notFound();
      return { ...params, query: text };
    }
    if (texts.get(hash) === query) return params;
    if (sha256(query) !== hash) throw mismatch();
    texts.set(hash, query);
    return params;
  };
}

/** The hash of a document, as Apollo's clients and urql send it with the text or for it. */
export function persistedQueryHash({ extensions }: GraphQLParams): unknown {
  return (extensions?.persistedQuery as { sha256Hash?: unknown } | undefined)?.sha256Hash;
}

function hashOf(persisted: unknown): string {
  const { version, sha256Hash }: { version?: unknown; sha256Hash?: unknown } = Object(persisted);
  if (version !== 1 || typeof sha256Hash !== 'string')
    throw badRequest('extensions.persistedQuery must have the version 1 and a text as sha256Hash.');
  return sha256Hash;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Clients look for this message, or for its code. Those of application/json get a 200, of which all of them read the body. */
function notFound(): GraphQLError {
  return new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', http: { spec: true, status: 400 } },
  });
}

function mismatch(): GraphQLError {
  return new GraphQLError(
    'extensions.persistedQuery.sha256Hash is not the SHA-256 of the query, in lower case hex.',
    {
      extensions: { code: 'PERSISTED_QUERY_MISMATCH', http: { status: 400 } },
    },
  );
}
