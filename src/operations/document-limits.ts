import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { documentSize } from './document-size.js';

const MAX_BYTES = 100_000;
/** Words, names and signs of the text. */
const MAX_TOKENS = 4000;
/** Fields within each other. Those of introspection count too: GraphiQL asks 15 deep. */
const MAX_DEPTH = 20;
/** Fields with an alias, fragments written out. */
const MAX_ALIASES = 100;
/** Fields, fragments written out: compiling one takes up to a millisecond. */
const MAX_FIELDS = 1000;

/**
 * Parses a query within limits. What it may cost to run is bounded by the cost limit.
 * @throws GraphQLError
 */
export function parseWithinLimits(query: string): DocumentNode {
  if (Buffer.byteLength(query) > MAX_BYTES) throw tooLong();
  const document = parseTokens(query);
  const { depth, aliases, fields } = documentSize(document);
  if (depth > MAX_DEPTH) throw limitExceeded('DEPTH', `is nested ${depth} deep`, MAX_DEPTH);
  if (aliases > MAX_ALIASES) throw limitExceeded('ALIAS', `has ${aliases} aliases`, MAX_ALIASES);
  if (fields > MAX_FIELDS) throw limitExceeded('FIELD', `has ${fields} fields`, MAX_FIELDS);
  return document;
}

function parseTokens(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    throw isTokenLimit(error) ? limitExceeded('TOKEN', 'has too many tokens', MAX_TOKENS) : error;
  }
}

/** The parser tells this error from those of syntax by its words only. */
function isTokenLimit(error: unknown): boolean {
  return (
    error instanceof GraphQLError && /^Syntax Error: Document contains more .* tokens/.test(error.message)
  );
}

function tooLong(): GraphQLError {
  return new GraphQLError(`The query is longer than ${MAX_BYTES} bytes.`, {
    extensions: { code: 'PAYLOAD_TOO_LARGE', http: { status: 413 } },
  });
}

function limitExceeded(what: string, problem: string, limit: number): GraphQLError {
  return new GraphQLError(`The query ${problem}, and the limit is ${limit}.`, {
    extensions: { code: `${what}_LIMIT_EXCEEDED`, limit },
  });
}
