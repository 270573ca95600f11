/**
 * The preprocessor: files in order as one unit, directives, conditionals, kits included at most once, macros expanded.
 */
import type { DiagnosticCode, DiagnosticSink } from "../../source/diagnostic.ts";
import { nearestName } from "../../source/edit-distance.ts";
import { indexFile, joinSpans, type IndexedFile, type Span } from "../../source/span.ts";
import { evaluateCondition, replaceDefined } from "./condition.ts";
import { impliedKitPaths, isKernelHeader, ownWords } from "./kernel-headers.ts";
import { lexFile } from "./lex.ts";
import { MacroExpander } from "./macro.ts";
import { readDefinition, sameMacro, type Macro } from "./macro-definition.ts";
import { isPunctuator, type Token } from "./token.ts";

/** Largest source text, in UTF-16 units. */
export const sourceUnitsMax = 65_536;
const includeDepthMax = 20;
const conditionalDepthMax = 200;

/** The texts of a unit; kits are added as they are included. */
export type GrowingSources = { readonly files: IndexedFile[] };

export type Preprocessed = {
  /** Ends with an "end" token. */
  readonly tokens: readonly Token[];
  /** False when a limit cut the text short. */
  readonly complete: boolean;
  /** The outermost macro used at `file:offset`. */
  readonly uses: ReadonlyMap<string, Macro>;
  /** Predefined names and their values. */
  readonly macros: ReadonlyMap<string, Macro>;
};

export type PreprocessInput = {
  /** Holds the given files; kits are appended. */
  readonly sources: GrowingSources;
  readonly constants: ReadonlyMap<string, number>;
  readonly kit: (path: string) => string | null;
  readonly sink: DiagnosticSink;
};

/** Runs the preprocessor over all files present in `sources`. */
export function preprocess(input: PreprocessInput): Preprocessed {
  return new Preprocessor(input).run();
}

type Conditional = {
  readonly span: Span;
  /** A branch was already taken, or the whole is inside a skipped group. */
  taken: boolean;
  active: boolean;
  sawElse: boolean;
};

class Preprocessor {
  readonly #input: PreprocessInput;
  readonly #expander: MacroExpander;
  readonly #out: Token[] = [];
  readonly #included = new Set<string>();
  #includeDepth = 0;
  #cutShort = false;

  constructor(input: PreprocessInput) {
    this.#input = input;
    this.#expander = new MacroExpander(input.sources, input.sink);
    this.#predefine();
  }

  run(): Preprocessed {
    const given = this.#input.sources.files.length;
    this.#impliedKits();
    for (let index = 0; index < given; index++) this.#file(index);
    const last = this.#input.sources.files[given - 1];
    const at = last?.text.length ?? 0;
    const span = { file: Math.max(0, given - 1), start: at, end: at };
    this.#out.push({ kind: "end", text: "", span, startsLine: true, spaced: true, painted: false });
    const complete = !this.#cutShort && !this.#expander.isExhausted();
    return { tokens: this.#out, complete, uses: this.#expander.uses, macros: this.#expander.macros };
  }

  #impliedKits(): void {
    const texts = this.#input.sources.files.filter((file) => file.text.length <= sourceUnitsMax);
    const own = ownWords(texts, this.#input.kit);
    for (const path of impliedKitPaths(own, this.#input.kit)) {
      const text = this.#input.kit(path);
      if (text !== null) this.#kit(path, text);
    }
    // What the unit defines itself goes before what it was given.
    for (const name of own.defined) {
      const macro = this.#expander.macros.get(name);
      if (macro?.origin === "source") this.#expander.macros.delete(name);
    }
  }

  #report(code: DiagnosticCode, span: Span, message: string): void {
    this.#input.sink.report({ code, span, message });
  }

  #predefine(): void {
    const special = (name: string, origin: Macro["origin"], parameters: readonly string[] | null): void => {
      this.#expander.macros.set(name, { name, parameters, variadic: false, body: [], span: null, origin });
    };
    for (const name of ["IS_ENABLED", "IS_BUILTIN", "IS_REACHABLE"]) special(name, "is-enabled", ["option"]);
    special("__LINE__", "line", null);
    special("__FILE__", "file", null);
    special("__COUNTER__", "counter", null);
    for (const [name, value] of this.#input.constants) this.#constant(name, value);
  }

  #constant(name: string, value: number): void {
    const span = { file: 0, start: 0, end: 0 };
    if (
      !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name) ||
      !Number.isInteger(value) ||
      value < -(2 ** 31) ||
      value >= 2 ** 32
    ) {
      const message = `the constant ${JSON.stringify(name.slice(0, 80))} = ${value} cannot be used: a name is letters, digits and _, a value a 32-bit integer`;
      this.#report("SCN112", span, message);
      return;
    }
    const token = (kind: Token["kind"], text: string): Token => ({
      kind,
      text,
      span,
      startsLine: false,
      spaced: false,
      painted: false,
    });
    const digits = token("number", `${Math.abs(value)}${value >= 2 ** 31 ? "u" : ""}`);
    // A negative value is bracketed, so that it stays one operand wherever it lands; -2^31 needs the detour of limits.h.
    const body =
      value >= 0
        ? [digits]
        : value === -(2 ** 31)
          ? ["(", "-", "2147483647", "-", "1", ")"].map((text) =>
              token(/[0-9]/.test(text) ? "number" : "punctuator", text),
            )
          : [token("punctuator", "("), token("punctuator", "-"), digits, token("punctuator", ")")];
    this.#expander.macros.set(name, { name, parameters: null, variadic: false, body, span: null, origin: "constant" });
  }

  #file(index: number): void {
    const file = this.#input.sources.files[index];
    if (file === undefined) return;
    if (file.text.length > sourceUnitsMax) {
      const kb = Math.ceil(file.text.length / 1024);
      const message = `this text is ${kb} kB long; a scenario may have ${sourceUnitsMax / 1024} kB: split it or leave out what the question does not need`;
      this.#report("SCN001", { file: index, start: 0, end: 1 }, message);
      this.#cutShort = true;
      return;
    }
    const lexed = lexFile(file, index);
    const skipped = new Group(this.#input, this.#expander, {
      flush: (tokens) => {
        for (const token of this.#expander.expand(tokens)) this.#out.push(token);
      },
      include: (included) => this.#include(included),
    }).run(lexed.tokens);
    let next = 0;
    for (const report of lexed.reports) {
      // Both lists ascend, so one walk decides which reports stand in skipped lines.
      while ((skipped[next]?.end ?? Infinity) <= report.span.start) next += 1;
      if (report.span.start < (skipped[next]?.start ?? Infinity)) this.#input.sink.report(report);
    }
  }

  #include({ path, quoted, span }: Included): void {
    if (this.#included.has(path)) return;
    const text = this.#input.kit(path);
    if (text === null) {
      if (isKernelHeader(path, { quoted })) return;
      const message = `there is no kit \`${path}\`; declare the structs and functions that the scenario touches`;
      this.#report("SCN012", span, message);
      return;
    }
    if (this.#includeDepth >= includeDepthMax) {
      this.#report("SCN021", span, `includes are nested more than ${includeDepthMax} deep`);
      return;
    }
    this.#kit(path, text);
  }

  #kit(path: string, text: string): void {
    this.#included.add(path);
    this.#includeDepth += 1;
    this.#input.sources.files.push(indexFile({ name: `<${path}>`, text, firstLine: 1 }, { isKit: true }));
    this.#file(this.#input.sources.files.length - 1);
    this.#includeDepth -= 1;
  }
}

type Included = { readonly path: string; readonly quoted: boolean; readonly span: Span };

type GroupActions = {
  readonly flush: (tokens: readonly Token[]) => void;
  readonly include: (included: Included) => void;
};

/** Directives that change what names mean: the text before them is expanded first. */
const macroDirectives: ReadonlySet<string> = new Set(["define", "undef", "include"]);

type Range = { readonly start: number; readonly end: number };

/** One file's lines: text is handed on in runs, directives are obeyed. */
class Group {
  readonly #input: PreprocessInput;
  readonly #expander: MacroExpander;
  readonly #actions: GroupActions;
  readonly #conditionals: Conditional[] = [];
  readonly #skipped: Range[] = [];
  #run: Token[] = [];

  constructor(input: PreprocessInput, expander: MacroExpander, actions: GroupActions) {
    this.#input = input;
    this.#expander = expander;
    this.#actions = actions;
  }

  /** Reads all lines; yields the ranges of offsets that conditionals left out. */
  run(tokens: readonly Token[]): readonly Range[] {
    for (let at = 0; at < tokens.length;) {
      let end = at + 1;
      while (end < tokens.length && !tokens[end]?.startsLine) end += 1;
      this.#line(tokens.slice(at, end));
      at = end;
    }
    this.#flush();
    for (const open of this.#conditionals) {
      this.#report("SCN014", open.span, "this conditional has no #endif");
    }
    return this.#skipped;
  }

  #report(code: DiagnosticCode, span: Span, message: string): void {
    this.#input.sink.report({ code, span, message });
  }

  #flush(): void {
    if (this.#run.length > 0) this.#actions.flush(this.#run);
    this.#run = [];
  }

  #isActive(): boolean {
    // A group inside a skipped one is never active, so the innermost one decides.
    return this.#conditionals[this.#conditionals.length - 1]?.active ?? true;
  }

  #line(line: readonly Token[]): void {
    const [first, name] = line;
    if (first === undefined) return;
    if (isPunctuator(first, "#") && first.startsLine) {
      // Conditionals leave the run open: kernel code has them between the arguments of one macro call.
      if (name !== undefined && macroDirectives.has(name.text) && this.#isActive()) this.#flush();
      if (name !== undefined) this.#directive(name, line.slice(2), joinSpans(first.span, name.span));
      return;
    }
    if (this.#isActive()) for (const token of line) this.#run.push(token);
    else this.#skipped.push({ start: first.span.start, end: line[line.length - 1]?.span.end ?? first.span.end });
  }

  #directive(name: Token, rest: readonly Token[], span: Span): void {
    const word = name.text;
    if (["if", "ifdef", "ifndef"].includes(word)) return this.#open(word, rest, span);
    if (word === "elif") return this.#elif(rest, span);
    if (word === "else") return this.#else(span);
    if (word === "endif") return this.#endif(span);
    if (!this.#isActive()) return;
    if (word === "define") return this.#define(rest, span);
    if (word === "undef") return this.#undef(rest, span);
    if (word === "include") return this.#include(rest, span);
    if (word === "error") return this.#report("SCN013", span, `#error ${textOf(rest)}`.trim());
    if (word === "warning") {
      this.#input.sink.report({
        code: "SCN013",
        severity: "warning",
        span,
        message: `#warning ${textOf(rest)}`.trim(),
      });
      return;
    }
    if (word === "pragma" || word === "line") return;
    const near = nearestName(word, [
      "define",
      "undef",
      "include",
      "error",
      "if",
      "ifdef",
      "ifndef",
      "elif",
      "else",
      "endif",
    ]);
    const message = `unknown directive #${word}${near === null ? "" : `; did you mean #${near}?`}`;
    this.#input.sink.report({
      code: "SCN010",
      span: name.span,
      message,
      suggestion: near === null ? null : { span: name.span, replacement: near },
    });
  }

  #open(word: string, rest: readonly Token[], span: Span): void {
    if (this.#conditionals.length >= conditionalDepthMax) {
      if (this.#conditionals.length === conditionalDepthMax) {
        this.#report("SCN031", span, `conditionals are nested more than ${conditionalDepthMax} deep`);
      }
    }
    const parent = this.#isActive();
    const holds = parent && (word === "if" ? this.#condition(rest, span) : this.#isDefined(word, rest, span));
    this.#conditionals.push({ span, taken: !parent || holds, active: holds, sawElse: false });
  }

  #isDefined(word: string, rest: readonly Token[], span: Span): boolean {
    const [name, extra] = rest;
    if (name?.kind !== "identifier") {
      this.#report("SCN011", span, `#${word} needs the name of a macro`);
      return false;
    }
    if (extra !== undefined)
      this.#report("SCN011", extra.span, `#${word} takes one name; use #if defined(...) for more`);
    return this.#expander.macros.has(name.text) === (word === "ifdef");
  }

  #condition(rest: readonly Token[], span: Span): boolean {
    const isDefined = (name: string): boolean => this.#expander.macros.has(name);
    const expanded = this.#expander.expand(replaceDefined(rest, isDefined));
    const outcome = evaluateCondition(expanded, span);
    for (const report of outcome.reports) this.#input.sink.report(report);
    if (outcome.reports.length === 0) for (const token of outcome.unknown) this.#warnUnknown(token);
    return outcome.holds;
  }

  /** C makes an unknown name 0 in silence; a mistyped switch would then test another program than the one meant. */
  #warnUnknown(token: Token): void {
    if (token.text.startsWith("CONFIG_")) return;
    const near = nearestName(token.text, this.#expander.macros.keys());
    const message = `\`${token.text}\` is not defined, so it is 0 here${near === null ? "" : `; did you mean \`${near}\`?`}`;
    this.#input.sink.report({ code: "SCN015", severity: "warning", span: token.span, message });
  }

  #elif(rest: readonly Token[], span: Span): void {
    const current = this.#current("elif", span);
    if (current === null) return;
    if (current.sawElse) this.#report("SCN014", span, "#elif behind #else");
    current.active = false;
    if (current.taken) return;
    current.active = this.#condition(rest, span);
    current.taken = current.active;
  }

  #else(span: Span): void {
    const current = this.#current("else", span);
    if (current === null) return;
    if (current.sawElse) this.#report("SCN014", span, "a second #else");
    current.sawElse = true;
    current.active = !current.taken;
    current.taken = true;
  }

  #endif(span: Span): void {
    if (this.#current("endif", span) !== null) this.#conditionals.pop();
  }

  #current(word: string, span: Span): Conditional | null {
    const current = this.#conditionals[this.#conditionals.length - 1];
    if (current === undefined) this.#report("SCN014", span, `#${word} without #if`);
    return current ?? null;
  }

  #define(rest: readonly Token[], span: Span): void {
    const outcome = readDefinition(rest, span);
    if (outcome.kind === "malformed") {
      this.#input.sink.report(outcome.report);
      return;
    }
    const macro = outcome.macro;
    const before = this.#expander.macros.get(macro.name);
    if (before !== undefined && !sameMacro(before, macro)) {
      const what =
        before.span === null
          ? `already means ${textOf(before.body) || "something"} here (a parameter, define or switch of the notebook)`
          : "is defined before, differently";
      const notes = before.span === null ? [] : [{ span: before.span, message: "defined here" }];
      const message = `\`${macro.name}\` ${what}; guard this with #ifndef or choose another name`;
      this.#input.sink.report({ code: "SCN016", span: macro.span ?? span, message, notes });
      return;
    }
    this.#expander.macros.set(macro.name, macro);
  }

  #undef(rest: readonly Token[], span: Span): void {
    const [name, extra] = rest;
    if (name?.kind !== "identifier" || extra !== undefined) {
      this.#report("SCN011", extra?.span ?? span, "#undef takes the name of one macro");
      return;
    }
    this.#expander.macros.delete(name.text);
  }

  #include(rest: readonly Token[], span: Span): void {
    const tokens = rest[0]?.kind === "identifier" ? this.#expander.expand(rest) : rest;
    const text = tokens.map((token) => token.text).join("");
    const path = /^[<"]([^<>"]+)[>"]$/.exec(text)?.[1];
    const last = tokens[tokens.length - 1];
    if (path === undefined || last === undefined) {
      this.#report("SCN011", span, "#include needs <path> of a kit");
      return;
    }
    this.#actions.include({ path, quoted: text.startsWith('"'), span: joinSpans(tokens[0]?.span ?? span, last.span) });
  }
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token, index) => (token.spaced && index > 0 ? " " : "") + token.text)
    .join("")
    .slice(0, 200);
}
