import { type DocumentNode, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { documentSize } from './document-size.js';

export interface DocumentLimits {
  /**
   * How many words, names and signs the text may have.
   * @default 4000
   */
  maxTokens?: number;
  /**
   * How many fields may stand within each other. Those of introspection count too: GraphiQL asks 15 deep.
   * @default 20
   */
  maxDepth?: number;
  /**
   * How many fields may have an alias, fragments written out.
   * @default 100
   */
  maxAliases?: number;
  /**
   * How many fields there may be, fragments written out: compiling one takes up to a millisecond.
   * @default 1000
   */
  maxFields?: number;
}

/**
 * Refuses a document that is too large before it is validated. What it may cost to run is bounded by the cost limit.
 */
export function useDocumentLimits({
  maxTokens = 4000,
  maxDepth = 20,
  maxAliases = 100,
  maxFields = 1000,
}: DocumentLimits = {}): Plugin {
  function check(document: DocumentNode): DocumentNode {
    const { depth, aliases, fields } = documentSize(document);
    if (depth > maxDepth) throw limitExceeded('DEPTH', `is nested ${depth} deep`, maxDepth);
    if (aliases > maxAliases) throw limitExceeded('ALIAS', `has ${aliases} aliases`, maxAliases);
    if (fields > maxFields) throw limitExceeded('FIELD', `has ${fields} fields`, maxFields);
    return document;
  }

  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => {
        try {
          return check(parseFn(source, { ...options, maxTokens }));
        } catch (error) {
          throw isTokenLimit(error) ? limitExceeded('TOKEN', 'has too many tokens', maxTokens) : error;
        }
      });
    },
  };
}

/** The parser tells this error from those of syntax by its words only. */
function isTokenLimit(error: unknown): boolean {
  return (
    error instanceof GraphQLError && /^Syntax Error: Document contains more .* tokens/.test(error.message)
  );
}

function limitExceeded(what: string, problem: string, limit: number): GraphQLError {
  return new GraphQLError(`The query ${problem}, and the limit is ${limit}.`, {
    extensions: { code: `${what}_LIMIT_EXCEEDED`, limit },
  });
}
