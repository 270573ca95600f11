/**
 * The front end: source texts in, typed unit or diagnostics out. Preprocess, lex, parse, resolve and check; each phase
 * returns a value and its diagnostics, and nothing throws on bad input.
 */
import { DiagnosticSink, type Diagnostic } from "../source/diagnostic.ts";
import { indexFile, type IndexedFile, type SourceFile } from "../source/span.ts";
import { checkUnit } from "./check/check-unit.ts";
import { parseUnit } from "./parse/parse.ts";
import { preprocess } from "./preprocess/preprocess.ts";
import { reachFile, withReach, type ReachSpot } from "./reach-question.ts";
import type { TypedUnit } from "./tree.ts";

export type AnalyseInput = {
  /** Concatenated in order as one translation unit. */
  readonly files: readonly SourceFile[];
  /** Parameters, variant defines and hunk switches: usable in #if and as expressions. 32-bit integers. */
  readonly constants: ReadonlyMap<string, number>;
  /** Text of an included kit, null when there is none of that path. */
  readonly kit: (path: string) => string | null;
  /** A question that becomes part of the program; `spot` null: asked in every state. */
  readonly reach?: { readonly expression: string; readonly spot: ReachSpot | null };
};

export type AnalyseOutcome =
  | { readonly kind: "analysed"; readonly unit: TypedUnit; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "rejected"; readonly diagnostics: readonly Diagnostic[] };

/**
 * Analyses one scenario. Bad input of any kind is a rejection with diagnostics, sorted by place; warnings accompany
 * an analysed unit. Time is linear in the input after macro expansion, which is bounded (see macro.ts, cursor.ts).
 */
export function analyse(input: AnalyseInput): AnalyseOutcome {
  const files: IndexedFile[] = input.files.map((file) => indexFile(file, { isKit: false }));
  if (files.length === 0) files.push(indexFile({ name: "(empty)", text: "", firstLine: 1 }, { isKit: false }));
  const question = files.length;
  if (input.reach !== undefined)
    files.push(indexFile({ name: reachFile, text: input.reach.expression, firstLine: 1 }, { isKit: false }));
  const sources = { files };
  const sink = new DiagnosticSink(sources);
  const preprocessed = preprocess({ sources, constants: input.constants, kit: input.kit, sink });
  sink.explainExpansions(preprocessed.uses);
  if (!preprocessed.complete) return { kind: "rejected", diagnostics: sink.sorted() };
  const asked = input.reach === undefined ? null : withReach(preprocessed.tokens, { ...input.reach, file: question });
  if (asked !== null && asked.report !== null) {
    sink.report(asked.report);
    return { kind: "rejected", diagnostics: sink.sorted() };
  }
  const parsed = parseUnit(asked === null ? preprocessed.tokens : asked.tokens, sink);
  if (!parsed.complete) return { kind: "rejected", diagnostics: sink.sorted() };
  const unit = checkUnit(parsed.nodes, { sources, sink, macroNames: [...preprocessed.macros.keys()] });
  const diagnostics = sink.sorted();
  return sink.hasErrors() ? { kind: "rejected", diagnostics } : { kind: "analysed", unit, diagnostics };
}
