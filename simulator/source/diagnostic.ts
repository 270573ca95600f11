/**
 * Diagnostics as values: a stable code, a place, a message, notes and, where one is sure, a suggestion. They carry
 * locations rather than offsets, so that they can be shown, sent and stored without the source texts.
 */
import type { DiagnosticCode } from "./diagnostic-codes.ts";
import { locate, type Location, type SourceSet, type Span } from "./span.ts";

export { diagnosticCodes, type DiagnosticCode } from "./diagnostic-codes.ts";

export type Severity = "error" | "warning";

export type Diagnostic = {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly at: Location;
  readonly message: string;
  /** Other places that matter. */
  readonly notes: readonly DiagnosticNote[];
  /** An edit that is surely meant. */
  readonly suggestion: DiagnosticSuggestion | null;
};

export type DiagnosticNote = { readonly at: Location | null; readonly message: string };

export type DiagnosticSuggestion = { readonly at: Location; readonly replacement: string };

/** What a phase says when it reports; spans are turned into locations by `DiagnosticSink`. */
export type Report = {
  readonly code: DiagnosticCode;
  readonly span: Span;
  readonly message: string;
  readonly severity?: Severity;
  readonly notes?: readonly { readonly span: Span | null; readonly message: string }[];
  readonly suggestion?: { readonly span: Span; readonly replacement: string } | null;
};

/** A macro as far as diagnostics need it; span is null for predefined constants. */
export type MacroUse = { readonly name: string; readonly span: Span | null };

function expansionNote(macro: MacroUse): { readonly span: Span | null; readonly message: string } {
  if (macro.span !== null)
    return { span: macro.span, message: `in the expansion of macro \`${macro.name}\`, defined here` };
  return { span: null, message: `\`${macro.name}\` is a predefined constant here (parameter, define or switch)` };
}

/** More than this many errors, and as many warnings, are counted, not kept: a binary file must not print a line a byte. */
const diagnosticsMax = 200;

/** Collects the reports of all phases of one unit. */
export class DiagnosticSink {
  readonly #sources: SourceSet;
  readonly #kept: { readonly diagnostic: Diagnostic; readonly span: Span }[] = [];
  readonly #seen = new Set<string>();
  #expansions: ReadonlyMap<string, MacroUse> = new Map();
  #errors = 0;
  /** Warnings have a bound of their own: they must not crowd out the error that rejects the text. */
  readonly #keptOf = { error: 0, warning: 0 };

  constructor(sources: SourceSet) {
    this.#sources = sources;
  }

  /** From now on a report at `file:offset` of a macro's use says that it is about the macro's expansion. */
  explainExpansions(uses: ReadonlyMap<string, MacroUse>): void {
    this.#expansions = uses;
  }

  /** Adds a report unless the same was already reported at the same place. */
  report(report: Report): void {
    const severity = report.severity ?? "error";
    if (severity === "error") this.#errors += 1;
    if (this.#keptOf[severity] >= diagnosticsMax) return;
    const key = `${report.code} ${report.span.file} ${report.span.start} ${report.message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#keptOf[severity] += 1;
    const macro = this.#expansions.get(`${report.span.file}:${report.span.start}`);
    const notes = [...(report.notes ?? []), ...(macro === undefined ? [] : [expansionNote(macro)])];
    this.#kept.push({ span: report.span, diagnostic: resolveReport(this.#sources, { ...report, notes }) });
  }

  hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** Whether further errors are only counted: then hints for them need not be computed. */
  isFull(): boolean {
    return this.#keptOf.error >= diagnosticsMax;
  }

  /** Errors reported so far, repeated ones included: lets a phase ask whether a part had any. */
  errorCount(): number {
    return this.#errors;
  }

  /** Where a span is, for phases that judge by lines and columns. */
  locationOf(span: Span): Location {
    return locate(this.#sources, span);
  }

  /** All reports, by file and place. */
  sorted(): readonly Diagnostic[] {
    const order = [...this.#kept];
    order.sort((a, b) => a.span.file - b.span.file || a.span.start - b.span.start || a.span.end - b.span.end);
    return order.map((entry) => entry.diagnostic);
  }
}

/** Longest word and longest line of a message; generated names and lists must not fill the screen. */
const wordUnitsMax = 100;
const messageUnitsMax = 1_000;

/** A message as it is shown: what a terminal would not show is replaced, and words that nobody reads are cut in their middle. Lines behind the first are text to paste. */
function shortened(message: string): string {
  const [head = "", ...rest] = message.split("\n");
  const words = head.replace(/[^\s\x60]{101,}/g, (word) => cutInTheMiddle(word, wordUnitsMax));
  return [cutInTheMiddle(words, messageUnitsMax), ...rest].map(printable).join("\n");
}

function cutInTheMiddle(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  const kept = (unitsMax - 4) >> 1;
  return `${text.slice(0, kept)} ... ${text.slice(-kept)}`;
}

/** Turns a report into a diagnostic. */
export function resolveReport(sources: SourceSet, report: Report): Diagnostic {
  const suggestion = report.suggestion ?? null;
  return {
    code: report.code,
    severity: report.severity ?? "error",
    at: locate(sources, report.span),
    message: shortened(report.message),
    notes: (report.notes ?? []).map((note) => ({
      at: note.span === null ? null : locate(sources, note.span),
      message: shortened(note.message),
    })),
    suggestion:
      suggestion === null ? null : { at: locate(sources, suggestion.span), replacement: suggestion.replacement },
  };
}

/**
 * Text of a diagnostic in gcc's form: `file:line:col: error: text [SCN012]`, the source line, a caret line, then notes
 * and the suggestion. Ends without a line end.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const lines = [
    `${position(diagnostic.at)}: ${diagnostic.severity}: ${diagnostic.message} [${diagnostic.code}]`,
    ...excerpt(diagnostic.at),
  ];
  for (const note of diagnostic.notes) {
    const [head = "", ...rest] = note.message.split("\n");
    lines.push(note.at === null ? `note: ${head}` : `${position(note.at)}: note: ${head}`, ...rest);
    if (note.at !== null) lines.push(...excerpt(note.at));
  }
  if (diagnostic.suggestion !== null) lines.push(...renderSuggestion(diagnostic.suggestion));
  return lines.join("\n");
}

function renderSuggestion(suggestion: DiagnosticSuggestion): string[] {
  const replacement = suggestion.replacement;
  if (replacement === "") return [`${position(suggestion.at)}: suggestion: remove it`];
  const isInsertion = suggestion.at.line === suggestion.at.endLine && suggestion.at.column === suggestion.at.endColumn;
  if (isInsertion) return [`${position(suggestion.at)}: suggestion: insert ${"`"}${replacement}${"`"}`];
  return [`${position(suggestion.at)}: suggestion: write ${"`"}${replacement}${"`"}`];
}

function position(at: Location): string {
  return `${at.file}:${at.line}:${at.column}`;
}

/** Longest part of a source line that is shown; a minified line must not fill the screen. */
const excerptUnitsMax = 160;

/** The source line and the carets below it. Tabs before the caret are repeated, so that both lines indent alike. */
function excerpt(at: Location): string[] {
  const from = at.column - 1 > excerptUnitsMax - 40 ? at.column - 1 - 40 : 0;
  const text = at.lineText.slice(from, from + excerptUnitsMax);
  const lead = at.lineText.slice(from, at.column - 1).replace(/[^\t]/g, " ");
  const end = at.endLine === at.line ? at.endColumn - 1 : at.lineText.length;
  const width = Math.max(1, Math.min(end, from + text.length) - (at.column - 1));
  return [`  ${printable(text)}`, `  ${lead}^${"~".repeat(width - 1)}`];
}

/** Control characters and lone surrogates as a middle dot: what a terminal would not show must not reach one. Tabs stay. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, "\u00b7").replace(/\p{Cs}/gu, "\u00b7");
}
