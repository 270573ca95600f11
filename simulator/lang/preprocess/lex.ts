/**
 * Text to preprocessing tokens (C11 5.1.1.2 phases 2 and 3): line splices, comments, tokens. Linear; the only regular
 * expressions are single character classes, so nothing backtracks.
 */
import type { DiagnosticCode, Report } from "../../source/diagnostic.ts";
import type { IndexedFile, Span } from "../../source/span.ts";
import type { Token, TokenKind } from "./token.ts";

/** Longest first, so that the first match is the longest. */
const punctuators = [
  ..."<<= >>= ...".split(" "),
  ..."-> ++ -- << >> <= >= == != && || += -= *= /= %= &= |= ^= ##".split(" "),
  ..."[ ] ( ) { } . & * + - ~ ! / % < > ^ | ? : ; = , #".split(" "),
];

/** Characters that mails and web pages put in place of plain ones. */
const lookAlikes: ReadonlyMap<string, string> = new Map([
  ["\u201c", '"'],
  ["\u201d", '"'],
  ["\u2018", "'"],
  ["\u2019", "'"],
  ["\u2013", "-"],
  ["\u2014", "-"],
  ["\u2212", "-"],
  ["\u00d7", "*"],
]);

/** White space that is not C's: taken as a blank, because mail software makes it out of blanks. */
const foreignBlanks = "\u00a0\u2002\u2003\u2009\u202f\ufeff";

type Spliced = { readonly text: string; readonly originOf: (offset: number) => number };

/** Reports are values: those inside skipped #if groups are not meant for anybody. */
export type Lexed = { readonly tokens: readonly Token[]; readonly reports: readonly Report[] };

/** Splits one file into tokens, without an end token. */
export function lexFile(file: IndexedFile, index: number): Lexed {
  return new Lexer(spliceLines(file.text), index).run();
}

/** Splits a short text made by `##` into tokens; all get the given span. Errors show as a count of tokens that is not 1. */
export function lexPasted(text: string, span: Span): Token[] {
  const lexed = new Lexer({ text, originOf: (offset) => offset }, span.file).run();
  return lexed.tokens.map((token) => ({ ...token, span, startsLine: false }));
}

/** Removes backslash-newline pairs; offsets of the result are mapped back by binary search over the cuts. */
function spliceLines(text: string): Spliced {
  const cuts: { readonly at: number; readonly removed: number }[] = [];
  const parts: string[] = [];
  let from = 0;
  let removed = 0;
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at + 1)) {
    const length = text[at + 1] === "\n" ? 2 : text[at + 1] === "\r" && text[at + 2] === "\n" ? 3 : 0;
    if (length === 0) continue;
    parts.push(text.slice(from, at));
    from = at + length;
    cuts.push({ at: at - removed, removed: removed + length });
    removed += length;
  }
  if (cuts.length === 0) return { text, originOf: (offset) => offset };
  parts.push(text.slice(from));
  return { text: parts.join(""), originOf: (offset) => offset + removedBefore(cuts, offset) };
}

function removedBefore(cuts: readonly { readonly at: number; readonly removed: number }[], offset: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle]?.at ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return cuts[low - 1]?.removed ?? 0;
}

class Lexer {
  readonly #text: string;
  readonly #originOf: (offset: number) => number;
  readonly #file: number;
  readonly #reports: Report[] = [];
  readonly #tokens: Token[] = [];
  #at = 0;
  #startsLine = true;
  #spaced = false;

  constructor(source: Spliced, file: number) {
    this.#text = source.text;
    this.#originOf = source.originOf;
    this.#file = file;
  }

  run(): Lexed {
    while (this.#at < this.#text.length) {
      if (!this.#skipBlank()) this.#readToken();
    }
    return { tokens: this.#tokens, reports: this.#reports };
  }

  /** Skips one piece of white space or one comment; false when a token begins here. */
  #skipBlank(): boolean {
    const char = this.#text.charAt(this.#at);
    if (char === "\n") {
      this.#at += 1;
      this.#startsLine = true;
    } else if (" \t\r\v\f".includes(char) || foreignBlanks.includes(char)) {
      this.#at += 1;
    } else if (this.#text.startsWith("//", this.#at)) {
      const end = this.#text.indexOf("\n", this.#at);
      this.#at = end < 0 ? this.#text.length : end;
    } else if (this.#text.startsWith("/*", this.#at)) {
      this.#skipBlockComment();
    } else {
      return false;
    }
    this.#spaced = true;
    return true;
  }

  #skipBlockComment(): void {
    const end = this.#text.indexOf("*/", this.#at + 2);
    if (end < 0) {
      const message = "this comment has no end: write `*/` where it ends";
      this.#report("SCN003", { start: this.#at, end: this.#at + 2 }, message);
      this.#at = this.#text.length;
      return;
    }
    this.#at = end + 2;
  }

  #readToken(): void {
    const start = this.#at;
    const char = this.#text.charAt(start);
    if (isIdentifierStart(char) || isForeignLetter(char)) return this.#readIdentifier();
    if (isDigit(char) || (char === "." && isDigit(this.#text.charAt(start + 1)))) {
      return this.#push("number", this.#numberEnd(start + 1));
    }
    if (char === '"' || char === "'") return this.#readQuoted(char);
    const punctuator = punctuators.find((text) => this.#text.startsWith(text, start));
    if (punctuator !== undefined) return this.#push("punctuator", start + punctuator.length);
    this.#readStray(char);
  }

  /** Letters beyond ASCII are read as part of the name that they stand in, so that they are reported once. */
  #readIdentifier(): void {
    const start = this.#at;
    const end = this.#scan(start + 1, (char) => isIdentifierPart(char) || isForeignLetter(char));
    const foreign = Array.from(this.#text.slice(start, end)).find(isForeignLetter);
    if (foreign !== undefined) {
      const message = `\`${foreign}\` (${unicodeName(foreign)}) cannot stand in a name: names are made of ASCII letters, digits and _`;
      this.#report("SCN006", { start, end }, message);
    }
    this.#push("identifier", end);
  }

  #scan(from: number, belongs: (char: string) => boolean): number {
    let end = from;
    while (end < this.#text.length && belongs(this.#text.charAt(end))) end += 1;
    return end;
  }

  /** End of a preprocessing number: letters, digits, points, and a sign behind an exponent letter of a decimal or `p`. */
  #numberEnd(from: number): number {
    const isHex = /^0[xX]/.test(this.#text.slice(from - 1, from + 1));
    let end = from;
    for (; end < this.#text.length; end++) {
      const char = this.#text.charAt(end);
      if (isIdentifierPart(char) || char === ".") continue;
      const before = this.#text.charAt(end - 1);
      const isExponent = "pP".includes(before) || (!isHex && "eE".includes(before));
      if (!((char === "+" || char === "-") && isExponent)) break;
    }
    return end;
  }

  #readQuoted(quote: string): void {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text.charAt(end) !== quote && this.#text.charAt(end) !== "\n") {
      end += this.#text.charAt(end) === "\\" && this.#text.charAt(end + 1) !== "\n" ? 2 : 1;
    }
    const kind = quote === '"' ? "string" : "character";
    if (this.#text.charAt(end) === quote) return this.#push(kind, end + 1);
    const what = quote === '"' ? "string" : "character constant";
    // What closes the call or statement is not part of the text that was meant.
    const open = this.#text.slice(start, Math.min(end, this.#text.length));
    const stop = Math.max(start + 1, start + open.replace(/[\s);]{1,20}$/, "").length);
    this.#report("SCN004", { start, end: start + 1 }, `this ${what} has no closing ${quote} on its line`);
    this.#push(kind, stop, this.#text.slice(start, stop) + quote);
  }

  #readStray(char: string): void {
    const start = this.#at;
    const code = this.#text.codePointAt(start) ?? 0;
    const length = code > 0xffff ? 2 : 1;
    const name = unicodeName(this.#text.slice(start, start + length));
    const replacement = lookAlikes.get(char);
    if (code < 32 || (code >= 0xd800 && code <= 0xdfff) || code === 127) {
      const message = `the character ${name} cannot stand in a source text; is this a binary file?`;
      this.#report("SCN002", { start, end: start + length }, message);
    } else {
      const shown = String.fromCodePoint(code);
      const message = `stray character \`${shown}\` (${name})`;
      this.#report("SCN006", { start, end: start + length }, message, replacement);
    }
    if (replacement === undefined || "\"'".includes(replacement)) this.#push("stray", start + length);
    else this.#push("punctuator", start + length, replacement);
  }

  #push(kind: TokenKind, end: number, text = this.#text.slice(this.#at, end)): void {
    const span = this.#span(this.#at, end);
    this.#tokens.push({ kind, text, span, startsLine: this.#startsLine, spaced: this.#spaced, painted: false });
    this.#at = end;
    this.#startsLine = false;
    this.#spaced = false;
  }

  #span(start: number, end: number): Span {
    const origin = this.#originOf(start);
    return { file: this.#file, start: origin, end: end > start ? this.#originOf(end - 1) + 1 : origin };
  }

  #report(
    code: DiagnosticCode,
    range: { readonly start: number; readonly end: number },
    message: string,
    replacement?: string,
  ): void {
    const span = this.#span(range.start, range.end);
    this.#reports.push({
      code,
      span,
      message,
      suggestion: replacement === undefined ? null : { span, replacement },
    });
  }
}

/** A letter of another script; surrogates and punctuation are none. */
function isForeignLetter(char: string): boolean {
  return char > "\u007f" && /\p{L}/u.test(char);
}

function unicodeName(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function isDigit(char: string): boolean {
  return char >= "0" && char <= "9";
}

function isIdentifierStart(char: string): boolean {
  return (char >= "a" && char <= "z") || (char >= "A" && char <= "Z") || char === "_";
}

function isIdentifierPart(char: string): boolean {
  return isIdentifierStart(char) || isDigit(char);
}
