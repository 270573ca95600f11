import { compile, type Diagnostic } from "#simulator";
import { sourceFiles } from "../notebooks/plan/source-files.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { languageOptions } from "../runs/language-options.ts";

/** A diagnostic of the scenario language at a place of one cell, `#id`. */
export type ScenarioProblem = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly code: string;
};

/**
 * What the compiler says of one planned run, in the words that the run itself would be rejected with. It translates and
 * checks; nothing of the scenario is executed.
 */
export function analyseScenario(plan: PlannedRun): readonly ScenarioProblem[] {
  const outcome = compile({
    files: sourceFiles(plan.cells),
    constants: new Map(Object.entries({ ...plan.parameters, ...plan.defines, ...plan.switches })),
    options: languageOptions(plan.options),
  });
  return (outcome.kind === "rejected" ? outcome.diagnostics : outcome.warnings).map(problemOf);
}

function problemOf({ at, severity, message, code }: Diagnostic): ScenarioProblem {
  const { file, line, column, endLine, endColumn } = at;
  return { file, line, column, endLine, endColumn, severity, message, code };
}
