import { type ASTVisitor, type DocumentNode, Lexer, parse, Source, TokenKind, visit } from 'graphql';
import type { Draft } from './draft.js';
import type { Random } from './random.js';

/** The text of a query under change, with the draft that it belongs to. */
export interface QueryText {
  query: string;
  draft: Draft;
}

/** A part of a text. */
export interface Span {
  start: number;
  end: number;
}

export function spanOf({ start, end }: Span): Span {
  return { start, end };
}

/** Puts something in the place of one of the spans; false where there is none. */
export function replaceOne(text: QueryText, spans: readonly Span[], random: Random, by: string): boolean {
  if (spans.length === 0) return false;
  const { start, end } = random.pick(spans);
  text.query = text.query.slice(0, start) + by + text.query.slice(end);
  return true;
}

export function visitText(query: string, visitor: ASTVisitor): void {
  const document = readQuery(query);
  if (document) visit(document, visitor);
}

/** Null for what an earlier mutation has made unreadable, or too deep to be read here. */
export function readQuery(query: string): DocumentNode | null {
  try {
    return parse(query, { maxTokens: 3000 });
  } catch {
    return null;
  }
}

export function tokensOf(query: string): Span[] {
  const lexer = new Lexer(new Source(query));
  const tokens: Span[] = [];
  try {
    while (lexer.advance().kind !== TokenKind.EOF && tokens.length < 3000) tokens.push(spanOf(lexer.token));
  } catch {
    // What is left can be read by nobody.
  }
  return tokens;
}
