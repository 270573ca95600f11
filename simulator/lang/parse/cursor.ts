/**
 * What all parsing functions share: the token position, error reports with recovery, limits on nesting and size, and
 * which names are types (C cannot be parsed without).
 */
import type { DiagnosticSink, Report } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import { isPunctuator, isWord, type Token } from "../preprocess/token.ts";
import { integerTypedefs, objectTypedefs } from "../preprocess/words.ts";

/** Depth of brackets, blocks and operators within one another. */
export const nestingMax = 200;
/** Nodes of one unit after macro expansion. */
export const nodesMax = 50_000;

const openBrackets = ["(", "[", "{"];
const closeBrackets = [")", "]", "}"];

function indentOf(line: string): string {
  return /^\s*/.exec(line)?.[0] ?? "";
}

export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #sink: DiagnosticSink;
  /** Per scope: true for a typedef, false for any other declared name. */
  readonly #scopes: Map<string, boolean>[] = [new Map()];
  /** Height of each node: left-leaning chains make trees deep without nesting the parser. */
  readonly #heights = new WeakMap<object, number>();
  #at = 0;
  #depth = 0;
  #nodes = 0;
  #panicking = false;
  #stopped = false;
  /** A `}` is missing: the blocks that are open end here, in silence. */
  #closing = false;
  /** The first block whose two brackets do not stand under one another: the likely place of a missing `}`. */
  #crooked: { readonly open: Token; readonly close: Token } | null = null;

  constructor(tokens: readonly Token[], sink: DiagnosticSink) {
    this.#tokens = tokens;
    this.#sink = sink;
  }

  /** The token `ahead` places further; the end token when there is none. */
  peek(ahead = 0): Token {
    const index = this.#stopped ? this.#tokens.length - 1 : Math.min(this.#at + ahead, this.#tokens.length - 1);
    const token = this.#tokens[index];
    if (token === undefined) throw new Error("assert: the token list ends with an end token");
    return token;
  }

  /** The token before the current one. */
  previous(): Token {
    return this.#tokens[Math.max(0, this.#at - 1)] ?? this.peek();
  }

  next(): Token {
    const token = this.peek();
    if (!this.#stopped && this.#at < this.#tokens.length - 1) this.#at += 1;
    return token;
  }

  atEnd(): boolean {
    return this.peek().kind === "end";
  }

  at(text: string, ahead = 0): boolean {
    return isPunctuator(this.peek(ahead), text);
  }

  atWord(text: string, ahead = 0): boolean {
    return isWord(this.peek(ahead), text);
  }

  accept(text: string): boolean {
    if (!this.at(text)) return false;
    this.next();
    return true;
  }

  acceptWord(text: string): boolean {
    if (!this.atWord(text)) return false;
    this.next();
    return true;
  }

  /** A span from a token to the last one read. */
  spanFrom(first: Span): Span {
    const last = this.previous().span;
    if (last.file !== first.file || last.end < first.end) return first;
    return { file: first.file, start: first.start, end: last.end };
  }

  /** Takes the punctuator or reports its absence; `opened` is its partner, for a note. */
  expect(text: string, context: string, opened?: Token): boolean {
    if (this.#panicking || this.#closing) return false;
    if (this.accept(text)) return true;
    this.#reportMissing(text, context, opened);
    return false;
  }

  #reportMissing(text: string, context: string, opened: Token | undefined): void {
    const found = this.peek();
    const notes = opened === undefined ? [] : [{ span: opened.span, message: `\`${opened.text}\` was opened here` }];
    if (text === "}" && found.kind === "end") notes.push(...this.#crookedNotes());
    const before = this.previous().span;
    if (text === ";" && (found.startsLine || this.at("}"))) {
      // The place of a forgotten semicolon is behind what stands before it; parsing goes on as if it were there.
      const span = { file: before.file, start: before.end, end: before.end };
      if (this.#panicking) return;
      this.#sink.report({
        code: "SCN030",
        span,
        message: `\`;\` is missing ${context}`,
        suggestion: { span, replacement: ";" },
      });
      return;
    }
    const code = found.kind === "end" && opened !== undefined ? "SCN033" : "SCN030";
    const what = found.kind === "end" ? "the end of the text" : `\`${found.text}\``;
    this.fail({ code, span: found.span, message: `\`${text}\` is expected ${context}, not ${what}`, notes });
  }

  /** Reports a syntax error and silences further ones until `recover`. */
  fail(report: Report): void {
    // A stray character or a macro that could not be expanded was reported where it was read.
    const isReported = this.peek().kind === "stray" || this.previous().kind === "stray";
    if (!this.#panicking && !this.#closing && !isReported) this.#sink.report(report);
    this.#panicking = true;
  }

  /** Reports an error that does not disturb parsing. */
  report(report: Report): void {
    if (!this.#panicking) this.#sink.report(report);
  }

  /** Whether a limit ended the parse before the end of the text. */
  isStopped(): boolean {
    return this.#stopped;
  }

  isPanicking(): boolean {
    return this.#panicking;
  }

  /** Gives up: everything that follows reads as the end of the text. */
  stop(report: Report): void {
    if (!this.#stopped) this.#sink.report(report);
    this.#stopped = true;
    this.#panicking = true;
  }

  /**
   * Skips behind the `;` that ends the statement, or to the `}` that ends the block; then errors are reported again.
   * A `;` at the end of a line ends the statement even inside brackets, since the error may be a missing one.
   */
  recover(): void {
    if (this.#stopped) return;
    let [braces, brackets] = [0, 0];
    while (!this.atEnd()) {
      const token = this.peek();
      if (braces === 0 && this.at("}")) break;
      this.next();
      if (token.kind !== "punctuator") continue;
      if (token.text === "{") braces += 1;
      if (token.text === "}") braces -= 1;
      if (token.text === "(") brackets += 1;
      if (token.text === ")") brackets -= 1;
      const endsStatement = token.text === ";" && (brackets <= 0 || this.peek().startsLine);
      if (braces === 0 && (endsStatement || token.text === "}")) break;
    }
    this.#panicking = false;
  }

  /** After an error inside brackets: goes behind their `)` when it comes in this statement, and reports errors again. */
  recoverGroup(): void {
    let depth = 1;
    for (let ahead = 0; depth > 0; ahead += 1) {
      const token = this.peek(ahead);
      if (token.kind === "end" || this.at("{", ahead) || this.at("}", ahead)) return;
      if (this.at("(", ahead)) depth += 1;
      if (this.at(")", ahead)) depth -= 1;
      if (depth > 0) continue;
      this.#at += this.#stopped ? 0 : ahead + 1;
      this.#panicking = this.#stopped;
    }
  }

  /** Remembers a closed block; of those whose brackets do not line up the first one is told when a `}` is missing. */
  closeBlock(open: Token, close: Token): void {
    if (this.#crooked !== null || !close.startsLine || open.span.file !== close.span.file) return;
    const [first, last] = [this.#sink.locationOf(open.span), this.#sink.locationOf(close.span)];
    if (first.line !== last.line && indentOf(first.lineText) !== indentOf(last.lineText))
      this.#crooked = { open, close };
  }

  #crookedNotes(): { readonly span: Span; readonly message: string }[] {
    if (this.#crooked === null) return [];
    const { open, close } = this.#crooked;
    const line = this.#sink.locationOf(close.span).line;
    return [
      {
        span: open.span,
        message: `the one without a partner may be this: the \`}\` in line ${line}, which closes it, is indented otherwise`,
      },
    ];
  }

  /**
   * Whether what begins at this token, in the first column, can only stand at the top level: then a `}` is missing
   * before it. Reports that and ends all open blocks.
   */
  closesAll(token: Token, what: string): boolean {
    if (this.#panicking || this.#sink.locationOf(token.span).column !== 1) return false;
    const message = `\`}\` is missing before ${what}`;
    this.report({ code: "SCN033", span: token.span, message, notes: this.#crookedNotes() });
    this.#closing = true;
    return true;
  }

  isClosing(): boolean {
    return this.#closing;
  }

  /** At the top level again: errors are reported as ever. */
  startTopLevel(): void {
    this.#closing = false;
    this.#crooked = null;
  }

  /** A place to go back to. */
  mark(): number {
    return this.#at;
  }

  backTo(mark: number): void {
    this.#at = mark;
  }

  /** Skips a bracketed group whose opening bracket is the current token. */
  skipGroup(): void {
    const open = this.peek();
    let depth = 0;
    do {
      const token = this.next();
      if (token.kind === "end") {
        this.fail({ code: "SCN033", span: open.span, message: `this \`${open.text}\` has no partner` });
        return;
      }
      if (token.kind !== "punctuator") continue;
      if (openBrackets.includes(token.text)) depth += 1;
      if (closeBrackets.includes(token.text)) depth -= 1;
    } while (depth > 0);
  }

  /** Index behind the bracketed group that opens `ahead` places further, or of the end. */
  groupEnd(ahead: number): number {
    let depth = 0;
    for (let index = ahead; ; index++) {
      const token = this.peek(index);
      if (token.kind === "end") return index;
      if (token.kind !== "punctuator") continue;
      if (openBrackets.includes(token.text)) depth += 1;
      if (closeBrackets.includes(token.text)) depth -= 1;
      if (depth <= 0) return index + 1;
    }
  }

  /** Runs a parsing function one level deeper; past the limit parsing stops. */
  deeper<T>(parse: () => T, otherwise: () => T): T {
    if (this.#depth >= nestingMax) {
      const message = `this is nested more than ${nestingMax} deep; name parts of it`;
      this.stop({ code: "SCN031", span: this.peek().span, message });
      return otherwise();
    }
    this.#depth += 1;
    const value = parse();
    this.#depth -= 1;
    return value;
  }

  /** Registers a node and checks the limits on number and height. */
  make<const T extends { readonly span: Span }>(node: T, children: readonly (object | null)[] = []): T {
    this.#nodes += 1;
    let height = 0;
    for (const child of children) if (child !== null) height = Math.max(height, this.#heights.get(child) ?? 0);
    this.#heights.set(node, height + 1);
    if (height >= nestingMax) {
      const message = `this expression has more than ${nestingMax} operators within one another; name parts of it`;
      this.stop({ code: "SCN031", span: node.span, message });
    }
    if (this.#nodes > nodesMax) {
      const message = `the program has more than ${nodesMax} parts once its macros are expanded`;
      this.stop({ code: "SCN032", span: node.span, message });
    }
    return node;
  }

  openScope(): void {
    this.#scopes.push(new Map());
  }

  closeScope(): void {
    this.#scopes.pop();
  }

  /** Declares a name in the current scope. */
  declare(name: string, kind: "type" | "other"): void {
    this.#scopes[this.#scopes.length - 1]?.set(name, kind === "type");
  }

  /** "type" for a typedef, "other" for a declared name, "unknown" else. */
  nameKind(name: string): "type" | "other" | "unknown" {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const isType = this.#scopes[index]?.get(name);
      if (isType !== undefined) return isType ? "type" : "other";
    }
    return integerTypedefs.has(name) || name in objectTypedefs ? "type" : "unknown";
  }
}
