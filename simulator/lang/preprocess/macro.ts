/**
 * Macro expansion as in C11 6.10.3, with the stack-of-contexts method of GNU cpp: a macro is switched off while its
 * own replacement is being read, and a token that names it meanwhile is painted for good. No hide sets, so the cost is
 * linear in the tokens read; a budget bounds those, so that no input can blow it up.
 */
import type { DiagnosticSink } from "../../source/diagnostic.ts";
import type { SourceSet, Span } from "../../source/span.ts";
import { isPunctuator, type Token } from "./token.ts";
import { substitute } from "./macro-body.ts";
import type { Macro } from "./macro-definition.ts";

/** Tokens read by all expansions of one unit. 64 kB of source hold about 20,000 tokens. */
const expansionTokensMax = 300_000;
/** Macro calls within arguments of macro calls. */
const argumentDepthMax = 200;

type Context = { readonly tokens: readonly Token[]; at: number; readonly macro: Macro | null };

/** The arguments of a call, or why there are none. */
type Arguments =
  | { readonly kind: "arguments"; readonly list: readonly (readonly Token[])[]; readonly end: Span }
  | { readonly kind: "open" };

export class MacroExpander {
  readonly macros = new Map<string, Macro>();
  /** Outermost macro used at `file:offset`; lets a diagnostic say what it was expanded from. */
  readonly uses = new Map<string, Macro>();
  readonly #sink: DiagnosticSink;
  readonly #sources: SourceSet;
  readonly #disabled = new Set<Macro>();
  #stack: Context[] = [];
  #tokensRead = 0;
  #argumentDepth = 0;
  #counter = 0;
  #exhausted = false;

  constructor(sources: SourceSet, sink: DiagnosticSink) {
    this.#sources = sources;
    this.#sink = sink;
  }

  /** True once the budget is used up; expansion has stopped and was reported. */
  isExhausted(): boolean {
    return this.#exhausted;
  }

  /** Fully expands a run of tokens. */
  expand(tokens: readonly Token[]): Token[] {
    const floor = this.#stack.length;
    this.#stack.push({ tokens, at: 0, macro: null });
    const out: Token[] = [];
    for (let token = this.#next(floor); token !== null; token = this.#next(floor)) out.push(token);
    while (this.#stack.length > floor) this.#pop();
    return out;
  }

  /** The next token after expansion, null when the context at `floor` is used up. */
  #next(floor: number): Token | null {
    while (!this.#exhausted) {
      const token = this.#take(floor);
      if (token === null) return null;
      if (token.kind !== "identifier" || token.painted) return token;
      const macro = this.macros.get(token.text);
      if (macro === undefined) return token;
      if (this.#disabled.has(macro)) return { ...token, painted: true };
      if (!this.#enter(macro, token, floor)) return token;
    }
    return null;
  }

  /** The next token as it stands, leaving contexts that are used up. */
  #take(floor: number): Token | null {
    for (;;) {
      const context = this.#stack[this.#stack.length - 1];
      if (context === undefined) return null;
      const token = context.tokens[context.at];
      if (token !== undefined) {
        context.at += 1;
        return this.#count(1, token.span) ? token : null;
      }
      if (this.#stack.length - 1 === floor) return null;
      this.#pop();
    }
  }

  #pop(): void {
    const context = this.#stack.pop();
    if (context?.macro) this.#disabled.delete(context.macro);
  }

  /** Starts to read the replacement of a macro; false when the name is no call of it and stands for itself. */
  #enter(macro: Macro, name: Token, floor: number): boolean {
    if (macro.parameters === null) {
      this.#remember(macro, name);
      return this.#push(macro, this.#objectBody(macro, name), name.span);
    }
    if (!this.#parenthesisFollows(floor)) return false;
    this.#remember(macro, name);
    const collected = this.#collectArguments(floor);
    if (collected.kind === "open") {
      this.#sink.report({
        code: "SCN018",
        span: name.span,
        message: `the arguments of macro \`${name.text}\` have no closing )`,
        notes: macro.span === null ? [] : [{ span: macro.span, message: "defined here" }],
      });
      return this.#push(macro, [stray(name)], name.span);
    }
    if (macro.origin === "is-enabled") return this.#push(macro, [this.#isEnabled(collected.list, name)], name.span);
    const args = this.#fitArguments(macro, collected.list, name);
    if (args === null) return this.#push(macro, [stray(name)], name.span);
    const expanded = args.map((arg) => this.#expandArgument(arg, name.span));
    const body = substitute({ macro, raw: args, expanded, name, sources: this.#sources, sink: this.#sink });
    return this.#push(macro, body, name.span);
  }

  #push(macro: Macro, tokens: readonly Token[], span: Span): boolean {
    if (!this.#count(tokens.length, span)) return true;
    this.#disabled.add(macro);
    this.#stack.push({ tokens, at: 0, macro });
    return true;
  }

  #remember(macro: Macro, name: Token): void {
    const key = `${name.span.file}:${name.span.start}`;
    if (!this.uses.has(key)) this.uses.set(key, macro);
  }

  #objectBody(macro: Macro, name: Token): Token[] {
    if (macro.origin === "line") return [this.#number(name, String(this.#lineOf(name.span)))];
    if (macro.origin === "counter") return [this.#number(name, String(this.#counter++))];
    if (macro.origin === "file") {
      const file = this.#sources.files[name.span.file]?.name ?? "";
      return [{ ...name, kind: "string", text: JSON.stringify(file) }];
    }
    return substitute({ macro, raw: [], expanded: [], name, sources: this.#sources, sink: this.#sink });
  }

  #number(name: Token, text: string): Token {
    return { ...name, kind: "number", text };
  }

  #lineOf(span: Span): number {
    const file = this.#sources.files[span.file];
    if (file === undefined) return 0;
    return file.firstLine + file.lineStarts.filter((start) => start <= span.start).length - 1;
  }

  /** IS_ENABLED(X): 1 when X is a macro that stands for a number other than 0 (include/linux/kconfig.h). */
  #isEnabled(args: readonly (readonly Token[])[], name: Token): Token {
    const option = args[0]?.[0]?.text ?? "";
    const value = [option, `${option}_MODULE`].some((text) => {
      const body = this.macros.get(text)?.body[0];
      return body !== undefined && body.kind === "number" && !/^0[xX]?0*[uUlL]*$/.test(body.text);
    });
    return this.#number(name, value ? "1" : "0");
  }

  #parenthesisFollows(floor: number): boolean {
    for (let index = this.#stack.length - 1; index >= floor; index--) {
      const context = this.#stack[index];
      const token = context?.tokens[context.at];
      if (token !== undefined) return isPunctuator(token, "(");
    }
    return false;
  }

  #collectArguments(floor: number): Arguments {
    this.#take(floor);
    const list: Token[][] = [[]];
    let depth = 0;
    for (;;) {
      const token = this.#take(floor);
      if (token === null) return { kind: "open" };
      if (depth === 0 && isPunctuator(token, ")")) return { kind: "arguments", list, end: token.span };
      if (isPunctuator(token, "(")) depth += 1;
      if (isPunctuator(token, ")")) depth -= 1;
      if (depth === 0 && isPunctuator(token, ",")) list.push([]);
      else list[list.length - 1]?.push(token);
    }
  }

  /** Matches arguments to parameters: joins the variadic rest, turns `f()` into no argument. Null after a report. */
  #fitArguments(macro: Macro, list: readonly (readonly Token[])[], name: Token): readonly (readonly Token[])[] | null {
    const wanted = macro.parameters?.length ?? 0;
    if (wanted === 0 && list.length === 1 && list[0]?.length === 0) return [];
    if (macro.variadic) {
      const fixed = wanted - 1;
      if (list.length >= fixed) return [...list.slice(0, fixed), joinArguments(list.slice(fixed))];
    } else if (list.length === wanted) {
      return list;
    }
    const message = `macro \`${macro.name}\` takes ${wanted} argument${wanted === 1 ? "" : "s"} and is given ${list.length}`;
    const notes = macro.span === null ? [] : [{ span: macro.span, message: "defined here" }];
    this.#sink.report({ code: "SCN017", span: name.span, message, notes });
    return null;
  }

  #expandArgument(tokens: readonly Token[], span: Span): readonly Token[] {
    if (this.#argumentDepth >= argumentDepthMax) {
      this.#exhaust(span, `macro calls are nested more than ${argumentDepthMax} deep`);
      return [];
    }
    this.#argumentDepth += 1;
    const expanded = this.expand(tokens);
    this.#argumentDepth -= 1;
    return expanded;
  }

  #count(tokens: number, span: Span): boolean {
    this.#tokensRead += tokens;
    if (this.#tokensRead > expansionTokensMax) {
      this.#exhaust(span, `macro expansion passes ${expansionTokensMax} tokens; simplify the macros used here`);
    }
    return !this.#exhausted;
  }

  #exhaust(span: Span, message: string): void {
    if (!this.#exhausted) this.#sink.report({ code: "SCN019", span, message });
    this.#exhausted = true;
  }
}

/** Stands for an expansion that was reported: the parser keeps quiet about it. */
function stray(name: Token): Token {
  return { ...name, kind: "stray", text: "" };
}

/** Joins the variable arguments with the commas that separated them. */
function joinArguments(list: readonly (readonly Token[])[]): Token[] {
  const joined: Token[] = [];
  for (const [index, tokens] of list.entries()) {
    const near = tokens[0] ?? joined[joined.length - 1];
    if (index > 0 && near !== undefined) {
      joined.push({ ...near, kind: "punctuator", text: ",", spaced: false, painted: false });
    }
    for (const token of tokens) joined.push(token);
  }
  return joined;
}
