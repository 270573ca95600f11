/** Source texts in, executable scenario out. */
import { functionTexts } from "./program/function-texts.ts";
import { namesOf, type Scenario } from "./explore/scenario.ts";
import { kitText } from "./kits/index.ts";
import { analyse, type AnalyseOutcome } from "./lang/analyse.ts";
import type { LanguageOptions } from "./lang/options.ts";
import { findReachSpot, reachFile, type ReachQuestion } from "./lang/reach-question.ts";
import type { TypedUnit } from "./lang/tree.ts";
import type { Program } from "./program/ir.ts";
import { lowerUnit } from "./program/lower.ts";
import { judgeAddresses } from "./program/observed-addresses.ts";
import { DiagnosticSink, type Diagnostic } from "./source/diagnostic.ts";
import { indexFile, type SourceFile } from "./source/span.ts";

export type CompileInput = {
  /** Concatenated in order as one translation unit. */
  readonly files: readonly SourceFile[];
  /** Parameters, variant defines and hunk switches: predefined constants, 32-bit integers. */
  readonly constants: ReadonlyMap<string, number>;
  readonly options: LanguageOptions;
  /** Texts of kits by path, in place of those that ship: for mutants of models. */
  readonly kits?: ReadonlyMap<string, string>;
  /** "Can this ever happen?": answered in the field `reach` of the result of explore. */
  readonly reach?: ReachQuestion;
};

export type CompileOutcome =
  | { readonly kind: "compiled"; readonly scenario: Scenario; readonly warnings: readonly Diagnostic[] }
  | { readonly kind: "rejected"; readonly diagnostics: readonly Diagnostic[] };

/** Analyses and lowers. All errors at once; nothing that a user writes throws. Linear in the expanded program. */
export function compile(input: CompileInput): CompileOutcome {
  const analysed = analyseInput(input);
  if (analysed.kind === "rejected") return { kind: "rejected", diagnostics: analysed.diagnostics };
  const { unit } = analysed;
  const asked = input.reach === undefined ? null : { file: reachFileIndex(input), task: input.reach.task ?? null };
  const lowered = lowerUnit(unit, input.options, asked);
  if (lowered.kind === "rejected") {
    const sink = new DiagnosticSink(unit.sources);
    for (const report of lowered.reports) sink.report(report);
    return { kind: "rejected", diagnostics: [...analysed.diagnostics, ...sink.sorted()] };
  }
  const program: Program = { ...lowered.program, addresses: judgeAddresses(unit) };
  if (input.reach !== undefined && !program.properties.some((property) => property.reach !== undefined))
    return refuseReach(unit, input, noStandMessage(program, input.reach));
  const scenario = {
    program,
    sources: unit.sources,
    options: input.options,
    names: namesOf(unit, program),
    functions: functionTexts(unit),
  };
  return { kind: "compiled", scenario, warnings: analysed.diagnostics };
}

/** With a question at a line the program is read twice: first to find the statement that begins there. */
export function analyseInput(input: CompileInput): AnalyseOutcome {
  const { reach } = input;
  const kit = (path: string): string | null => input.kits?.get(path) ?? kitText(path);
  const plain = { files: input.files, constants: input.constants, kit };
  if (reach === undefined) return analyse(plain);
  const first = analyse(plain);
  if (first.kind === "rejected") return first;
  if (reach.line === undefined) {
    if (reach.task !== undefined)
      return refuseReach(
        first.unit,
        input,
        "a question to a task needs a line: without one it is asked in every state",
      );
    return analyse({ ...plain, reach: { expression: reach.expression, spot: null } });
  }
  const found = findReachSpot(first.unit, { ...reach, line: reach.line });
  if (found.kind === "none") return refuseReach(first.unit, input, found.message);
  return analyse({ ...plain, reach: { expression: reach.expression, spot: found.spot } });
}

/** The question's text stands behind those given. */
function reachFileIndex(input: CompileInput): number {
  return Math.max(1, input.files.length);
}

function refuseReach(
  unit: TypedUnit,
  input: CompileInput,
  message: string,
): { readonly kind: "rejected"; readonly diagnostics: readonly Diagnostic[] } {
  const text = input.reach?.expression ?? "";
  const asked = indexFile({ name: reachFile, text, firstLine: 1 }, { isKit: false });
  const files = [...unit.sources.files.slice(0, reachFileIndex(input)), asked];
  const sink = new DiagnosticSink({ files });
  sink.report({ code: "SCN113", span: { file: files.length - 1, start: 0, end: text.length }, message });
  return { kind: "rejected", diagnostics: sink.sorted() };
}

/** Why no task ever stands at a line that has a statement. */
function noStandMessage(program: Program, reach: ReachQuestion): string {
  const line = String(reach.line ?? 0);
  const names = program.tasks.map((task) => task.name);
  const { task } = reach;
  if (task !== undefined && !names.some((name) => name === task || name.replace(/#\d+$/, "") === task))
    return `there is no task \`${task}\`; the tasks are ${names.join(", ")}`;
  const who = task === undefined ? "no task" : `\`${task}\``;
  const comes = task === undefined ? "comes" : "does not come";
  return `${who} ${comes} to a step on line ${line}: nothing there is shared, or it is not called; ask at a line that reads or writes what tasks share, or takes a lock`;
}
