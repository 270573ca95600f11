/** Source texts in, executable scenario out. */
import { functionTexts } from "./explore/coverage-functions.ts";
import { namesOf, type Scenario } from "./explore/scenario.ts";
import { kitText } from "./kits/index.ts";
import { analyse } from "./lang/analyse.ts";
import type { LanguageOptions } from "./lang/options.ts";
import { lowerUnit } from "./program/lower.ts";
import { DiagnosticSink, type Diagnostic } from "./source/diagnostic.ts";
import type { SourceFile } from "./source/span.ts";

export type CompileInput = {
  /** Concatenated in order as one translation unit. */
  readonly files: readonly SourceFile[];
  /** Parameters, variant defines and hunk switches: predefined constants, 32-bit integers. */
  readonly constants: ReadonlyMap<string, number>;
  readonly options: LanguageOptions;
};

export type CompileOutcome =
  | { readonly kind: "compiled"; readonly scenario: Scenario; readonly warnings: readonly Diagnostic[] }
  | { readonly kind: "rejected"; readonly diagnostics: readonly Diagnostic[] };

/** Analyses and lowers. All errors at once; nothing that a user writes throws. Linear in the expanded program. */
export function compile(input: CompileInput): CompileOutcome {
  const analysed = analyse({ files: input.files, constants: input.constants, kit: kitText });
  if (analysed.kind === "rejected") return { kind: "rejected", diagnostics: analysed.diagnostics };
  const { unit } = analysed;
  const lowered = lowerUnit(unit, input.options);
  if (lowered.kind === "rejected") {
    const sink = new DiagnosticSink(unit.sources);
    for (const report of lowered.reports) sink.report(report);
    return { kind: "rejected", diagnostics: [...analysed.diagnostics, ...sink.sorted()] };
  }
  const { program } = lowered;
  const scenario = {
    program,
    sources: unit.sources,
    options: input.options,
    names: namesOf(unit, program),
    functions: functionTexts(unit),
  };
  return { kind: "compiled", scenario, warnings: analysed.diagnostics };
}
