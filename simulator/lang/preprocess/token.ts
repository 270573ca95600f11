/** Tokens, from the lexer through the preprocessor to the parser. */
import type { Span } from "../../source/span.ts";

export type TokenKind =
  | "identifier"
  /** A preprocessing number: `10`, `0x1fUL`, `10us`, `1.5`; read by number.ts. */
  | "number"
  /** With its quotes. */
  | "string"
  /** With its quotes. */
  | "character"
  | "punctuator"
  /** A character that C has no use for; reported when it reaches the parser. */
  | "stray"
  | "end";

export type Token = {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where the user's eye belongs: for a token out of a macro's body, the outermost macro's name where it was used. */
  readonly span: Span;
  /** First of its line. */
  readonly startsLine: boolean;
  /** White space before it. */
  readonly spaced: boolean;
  /** Names a macro that was being expanded when this token was made: never expanded again (C11 6.10.3.4). */
  readonly painted: boolean;
};

/** Whether the token is this punctuator. */
export function isPunctuator(token: Token, text: string): boolean {
  return token.kind === "punctuator" && token.text === text;
}

/** Whether the token is this identifier. */
export function isWord(token: Token, text: string): boolean {
  return token.kind === "identifier" && token.text === text;
}
