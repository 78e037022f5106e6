import { type DocumentNode, GraphQLError, Lexer, parse, Source, TokenKind } from 'graphql';
import { documentSize } from './document-size.js';

const MAX_BYTES = 100_000;
/** Words, names and signs of the text. */
const MAX_TOKENS = 4000;
/** Braces, brackets and parentheses within each other, those of literals too. */
const MAX_NESTING = 100;
/** Fields within each other. Those of introspection count too: GraphiQL asks 15 deep. */
const MAX_DEPTH = 20;
/** Fields with an alias, fragments written out. */
const MAX_ALIASES = 100;
/** Fields, fragments written out: compiling one takes up to a millisecond. */
const MAX_FIELDS = 1000;

const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Parses a query within limits. What it may cost to run is bounded by the cost limit.
 * @throws GraphQLError
 */
export function parseWithinLimits(query: string): DocumentNode {
  if (Buffer.byteLength(query) > MAX_BYTES) throw tooLong();
  checkTokens(query);
  const document = parse(query);
  const { depth, aliases, fields } = documentSize(document);
  if (depth > MAX_DEPTH) throw limitExceeded('DEPTH', `is nested ${depth} deep`, MAX_DEPTH);
  if (aliases > MAX_ALIASES) throw limitExceeded('ALIAS', `has ${aliases} aliases`, MAX_ALIASES);
  if (fields > MAX_FIELDS) throw limitExceeded('FIELD', `has ${fields} fields`, MAX_FIELDS);
  return document;
}

/** Reads the tokens without recursion: the parser, and all that walks over what it makes, would end the stack. */
function checkTokens(query: string): void {
  const lexer = new Lexer(new Source(query));
  let nesting = 0;
  for (let count = 1; lexer.advance().kind !== TokenKind.EOF; count++) {
    if (count > MAX_TOKENS) throw limitExceeded('TOKEN', 'has too many tokens', MAX_TOKENS);
    if (OPENING.has(lexer.token.kind)) nesting++;
    else if (CLOSING.has(lexer.token.kind)) nesting--;
    if (nesting > MAX_NESTING) throw limitExceeded('NESTING', 'nests brackets too deep', MAX_NESTING);
  }
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
